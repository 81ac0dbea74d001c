//! How an input is planned, and its result.

use crate::model::plan::Plan;
use crate::model::protection::{self, UnmatchedProtect};
use crate::model::row::{self, RowAt};

/// What may be replaced by a new plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// No file at all.
    #[default]
    Nothing,
    /// A plan of which nothing was ever sent, and an empty file. Anything else is refused: a ledger with attempts, a
    /// ledger that cannot be read, a file that is no ledger.
    UnusedPlan,
}

/// What becomes of a uid that has more than one name, of a label that more than one device has, and of a device that is
/// commented out in one row and listed in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// It refuses the plan.
    #[default]
    Refuse,
    /// All rows of that uid, label or device are left out, with the reason.
    Skip,
}

/// How a draft is frozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreezeOptions {
    /// What becomes of rows that contradict one another.
    pub conflicts: Conflicts,
    /// What becomes of the plan if an entry of a protect list protects no row.
    pub unmatched_protect: UnmatchedProtect,
    /// How many of the entries that protect no row [`Protection::unmatched_first`](crate::Protection::unmatched_first) holds.
    pub unmatched_listed: Listed,
}

/// How much of what was found is kept in memory, to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    /// No more than [`FINDINGS_SHOWN`].
    #[default]
    First,
    /// All of it, however much it is.
    All,
}

/// How many findings of a kind [`PlanRefused`](crate::PlanRefused) carries itself; the iterators bring all of them.
pub const FINDINGS_SHOWN: usize = 20;

/// The result of freezing a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// The plan.
    pub plan: Plan,
    /// Rows skipped because they repeat an earlier one.
    pub repeats: u64,
    /// Rows skipped because uid or name is blank; of Ubidots, because id and label are.
    pub blanks: u64,
    /// Rows skipped because they are commented out.
    pub commented_out: u64,
    /// Rows skipped because their device is commented out in another row.
    pub recalled: u64,
    /// Rows skipped because they match a protected device.
    pub protected: u64,
    /// The result of the protect lists, list by list, and which of their entries protect no row.
    pub protection: protection::Protection,
    /// Rows skipped because their uid has more than one name (only with [`Conflicts::Skip`](Conflicts)).
    pub conflicting: u64,
    /// Rows skipped because the list of the account shows no device with their label.
    pub unknown_labels: u64,
    /// Rows skipped because more than one device has their label (only with
    /// [`Conflicts::Skip`](Conflicts)).
    pub ambiguous: u64,
    /// Devices to send whose uid is malformed; zero unless validation is [`UidValidation::Warn`](crate::UidValidation::Warn), and for Ubidots.
    pub malformed: u64,
    /// The first few of them.
    pub malformed_first: Vec<row::RowAt>,
}

/// A row whose label more than one device has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmbiguousRow {
    /// The row; its uid is blank.
    pub row: RowAt,
    /// The ids of the devices that have the label, no more than [`FINDINGS_SHOWN`].
    pub ids: Vec<String>,
}

/// The result of resolving labels, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Rows that have an id now.
    pub found: u64,
    /// Rows skipped because no device with their label was told.
    pub unknown: u64,
    /// Rows whose label more than one device has.
    pub ambiguous: u64,
}

/// The uid and name of a row that was commented out, without the mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unmarked<'a> {
    /// Its uid; of Ubidots, the id.
    pub uid: &'a str,
    /// Its name; of Ubidots, the label.
    pub name: &'a str,
}

/// An input of which no uid could be that of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableInput {
    /// The name of the input.
    pub source: String,
    /// How many of its rows have a uid: every one of them is malformed or nil.
    pub rows: u64,
    /// How many of those are nil: all zeros.
    pub nil: u64,
    /// Whether every name of theirs could be a uid: the two columns look swapped.
    pub is_swapped: bool,
    /// The first of them.
    pub first: RowAt,
}
