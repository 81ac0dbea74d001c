//! Plans, attempts and outcomes of a bulk deletion in one SQLite file. Knows no network.
//!
//! A [`Draft`] takes the rows of an input and freezes them into a plan, by the rules of their [`Service`].
//! [`Ledger::open_for_apply`] opens a plan for one `apply`: it locks the plan, checks that no record was altered or is
//! missing, and returns the devices still to be sent. A [`Run`] records each step before it is done ([`LedgerJournal`]).
//! [`Ledger::open`] reads a plan at any time, also while a run writes to it.
//!
//! Its storeys; each uses only those above it in this table:
//!
//! | folder | what lives there |
//! |---|---|
//! | `model` | what is: plans, rows, outcomes, runs, errors |
//! | `proof` | what proves it: digests and checksums |
//! | `rules` | the rules of planning, per service, and of what an inventory proves |
//! | `store` | how records get to a medium and back: SQLite, its files and its locks |
//! | `reading` | what is known of each row |
//! | `running` | one `apply` |
//! | `planning` | how an input becomes a plan, and why it is refused |
//!
//! The tables are described in this crate's `SCHEMA.md`.
//!
//! # What is durable when
//!
//! A frozen plan is synced before it gets its name. A call of [`LedgerJournal`] returns after the commit that holds its
//! record was synced (`synchronous=FULL`). [`Run::end`] leaves one file without a write-ahead log. After a crash at
//! any time, the next [`Ledger::open_for_apply`] finds every record whose call had returned, or refuses the plan.

mod model;
mod planning;
mod proof;
mod reading;
mod rules;
mod running;
mod store;

pub use model::{
    AmbiguousRow, Conflicts, Counts, Disturbance, Ended, Error, ErrorKind, FINDINGS_SHOWN, FreezeOptions, Hold, Holder,
    Listed, LockedBy, NotAService, NotAValidation, PatternMatches, Plan, PlanSettings, PlanSummary, ProtectList,
    Protected, Protection, Reason, Records, Replace, ReportRow, Resolved, Retry, RowAt, RunEnd, RunRecord, Selected,
    Selection, Service, Source, UidValidation, Unmarked, Unmatched, UnmatchedEntry, UnmatchedProtect, UnusableInput,
    Words,
};
pub use planning::{Draft, FreezeError, PlanRefused, Resolution};
pub use reading::{Comparison, Inventory, Ledger, ReportRows, Sightings};
pub use rules::inventory::{CountedRows, Doubt, Namesake, Origin, Overlap, Sighting, Survey, is_looked_for};
pub use running::{ApplyLedger, LedgerJournal, Run, RunInfo, SelectedRows, SelectedStream};
#[doc(hidden)]
pub use store::step::Step;
