//! A plan that was written, to be reviewed.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::ReportPlan;

/// A plan that was written: `plan --format json`. Nothing was sent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Review<'a> {
    /// The plan file, as it was typed.
    pub file: Cow<'a, str>,
    /// What was planned, and under which cap.
    pub plan: ReportPlan<'a>,
    /// All rows of the input.
    pub planned: u64,
    /// Rows that are left out: those of every kind but `to_send` and `malformed`.
    pub skipped: u64,
    /// The kinds that have any row.
    pub kinds: Vec<PlannedKind<'a>>,
    /// The patterns of `--include-name` and `--exclude-name`.
    pub names: Vec<PlannedNames<'a>>,
    /// The lists of `--protect`.
    pub protect: Vec<PlannedProtect<'a>>,
    /// Entries of `--protect` that protect no row.
    pub unmatched_protect: u64,
    /// Warnings about the lists, on standard error.
    pub warnings: u64,
    /// Plans of the same folder that are not finished and have devices of this one.
    pub other_plans: Vec<OtherPlan<'a>>,
    /// The commands to type next, in this order.
    pub next: Vec<String>,
}

/// What planning makes of rows.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PlannedKind<'a> {
    /// Which kind. `malformed` rows are `to_send` as well; every other row is of one kind.
    #[schemars(extend("enum" = [
        "to_send", "malformed", "repeat", "blank", "commented_out", "recalled", "protected", "excluded", "not_included",
        "conflict", "unknown_label", "ambiguous_label",
    ]))]
    pub kind: &'a str,
    /// How many rows there are.
    pub rows: u64,
    /// The first of them.
    pub first: Vec<PlannedRow<'a>>,
    /// The last of them that are not among the first.
    pub last: Vec<PlannedRow<'a>>,
}

/// A row of a plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PlannedRow<'a> {
    /// The row's number in the plan, from 1, over all of its inputs.
    pub row: u64,
    /// The input that it was read from, as it was typed.
    pub source: &'a str,
    /// Its line in that input.
    pub line: u64,
    /// The uid, character for character as the input had it.
    pub uid: &'a str,
    /// The name, character for character as the input had it.
    pub name: &'a str,
    /// Why it is left out, for a person; null if it may be sent.
    pub reason: Option<&'a str>,
}

/// What a pattern for names matched.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PlannedNames<'a> {
    /// What it does.
    #[schemars(extend("enum" = ["include", "exclude"]))]
    pub filter: &'a str,
    /// The pattern, as it was typed.
    pub pattern: &'a str,
    /// How many rows it matches.
    pub rows: u64,
}

/// What a list of devices that must stay protects.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PlannedProtect<'a> {
    /// The list, as it was typed.
    pub file: &'a str,
    /// How many entries it has.
    pub entries: u64,
    /// How many rows they protect.
    pub rows: u64,
}

/// Another plan that may send the same devices.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct OtherPlan<'a> {
    /// Its file.
    pub file: Cow<'a, str>,
    /// How many devices both plans may send.
    pub devices: u64,
}
