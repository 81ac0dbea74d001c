//! What is: plans, rows, outcomes, runs, errors. No SQL, no files.
//!
//! | module | question it answers |
//! |---|---|
//! | `service` | which service holds the inventory, and what does it call the texts of a row? |
//! | `address` | where is a plan? |
//! | `plan` | what is a plan, and what are its settings? |
//! | `row` | where was a row read, and what has become of it? |
//! | `planning` | how is an input planned, and what was the result? |
//! | `protection` | what is an entry of a protect list, and what did it match? |
//! | `name_filters` | which rows are planned by their names? |
//! | `kinds` | what does planning make of the rows, kind by kind? |
//! | `selection` | which devices does a run send? |
//! | `counts` | how many rows have which outcome, and why? |
//! | `run` | what is recorded of a run, and how did it end? |
//! | `verification` | what did a verification show of a device? |
//! | `holder` | who holds a plan? |
//! | `ranges` | which ranges of rows overlap? |
//! | `clock` | what time is it, as a ledger records it? |
//! | `error` | what went wrong, what was not lost, and what to do? |

mod address;
pub(crate) mod clock;
mod counts;
mod error;
mod holder;
mod kinds;
mod name_filters;
mod plan;
mod planning;
mod protection;
mod ranges;
mod row;
mod run;
mod selection;
mod service;
mod verification;

pub use address::PlanAddress;
pub use counts::{Counts, Reason};
pub use error::{Error, ErrorKind};
pub use holder::{Hold, Holder, LockedBy};
pub use kinds::{JudgedRow, RowKind, RowsOfKind};
pub use name_filters::{NameFilter, NameFilterMatches, NamesFiltered, UnmatchedNames};
pub use plan::{NotAValidation, Plan, PlanSettings, Source, UidValidation};
pub use planning::{
    AmbiguousRow, Conflicts, FINDINGS_SHOWN, FreezeOptions, Listed, PlanSummary, Replace, Resolved, Unmarked,
    UnusableInput,
};
pub use protection::{PatternMatches, ProtectList, Protected, Protection, Unmatched, UnmatchedEntry, UnmatchedProtect};
pub(crate) use ranges::{RowRange, Segments, into_ranges};
pub use row::{ReportRow, RowAt};
pub use run::{AnomalyRecord, Disturbance, Ended, Records, RunEnd, RunRecord};
pub use selection::{Retry, Selected, Selection};
pub use service::{NotAService, Service, Words};
pub use verification::{LastSighting, SeenIn, SightingKind, VerificationKind, VerificationRecord, VerificationSource};
