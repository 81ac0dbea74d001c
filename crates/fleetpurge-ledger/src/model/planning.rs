//! How an input is planned, and its result.

use crate::model::kinds::{RowKind, RowsOfKind};
use crate::model::name_filters::{NamesFiltered, UnmatchedNames};
use crate::model::plan::Plan;
use crate::model::protection::{self, UnmatchedProtect};
use crate::model::row::{self, RowAt};

/// What may be replaced by a new plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// No file at all.
    #[default]
    Nothing,
    /// A plan without attempts, and an empty file. Anything else is refused: a ledger with attempts, a ledger that
    /// cannot be read, a file that is not a ledger.
    UnusedPlan,
}

/// What to do with a uid that has more than one name, a label that more than one device has, and a device that is
/// commented out in one row and listed in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// Refuse the plan.
    #[default]
    Refuse,
    /// Skip all rows of that uid, label or device, with the reason.
    Skip,
}

/// Options for freezing a draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreezeOptions {
    /// What to do with rows that contradict each other.
    pub conflicts: Conflicts,
    /// What to do if an entry of a protect list protects no row.
    pub unmatched_protect: UnmatchedProtect,
    /// What to do if a pattern for names matches no row.
    pub unmatched_names: UnmatchedNames,
    /// How many of the entries that protect no row are kept in
    /// [`Protection::unmatched_first`](crate::Protection::unmatched_first).
    pub unmatched_listed: Listed,
}

/// How many findings are kept in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    /// At most [`FINDINGS_SHOWN`].
    #[default]
    First,
    /// All of them.
    All,
}

/// The number of findings of a kind in [`PlanRefused`](crate::PlanRefused); its `each_` methods visit all of them.
pub const FINDINGS_SHOWN: usize = 20;

/// The result of freezing a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// The plan.
    pub plan: Plan,
    /// The result of the protect lists, list by list, and which of their entries protect no row.
    pub protection: protection::Protection,
    /// The result of the patterns for names.
    pub names: NamesFiltered,
    /// The first few devices to send whose uid is malformed. None for Ubidots, and unless validation is
    /// [`UidValidation::Warn`](crate::UidValidation::Warn).
    pub malformed_first: Vec<row::RowAt>,
    /// The kinds that have any row, with the first and last rows of each.
    pub kinds: Vec<RowsOfKind>,
}

impl PlanSummary {
    /// How many rows of this kind there are.
    #[must_use]
    pub fn count(&self, kind: RowKind) -> u64 {
        RowsOfKind::count(&self.kinds, kind)
    }
}

/// A row whose label more than one device has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmbiguousRow {
    /// The row; its uid is blank.
    pub row: RowAt,
    /// The ids of the devices that have the label, at most [`FINDINGS_SHOWN`].
    pub ids: Vec<String>,
}

/// The result of resolving labels, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Rows that have an id now.
    pub found: u64,
    /// Rows skipped because no device has their label.
    pub unknown: u64,
    /// Rows whose label more than one device has.
    pub ambiguous: u64,
}

/// The uid and name of a row that was commented out, without the comment character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unmarked<'a> {
    /// Its uid (Ubidots: its id).
    pub uid: &'a str,
    /// Its name (Ubidots: its label).
    pub name: &'a str,
}

/// An input without any uid that could belong to a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableInput {
    /// The name of the input.
    pub source: String,
    /// The number of its rows with a uid. All of these uids are malformed or nil.
    pub rows: u64,
    /// The number of nil uids (all zeros).
    pub nil: u64,
    /// Whether all of their names could be uids: the two columns look swapped.
    pub is_swapped: bool,
    /// The first of them.
    pub first: RowAt,
}
