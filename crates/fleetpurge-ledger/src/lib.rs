//! Plans, attempts and outcomes of a bulk deletion in one SQLite file. Knows no network.
//!
//! A [`Draft`] takes the rows of an input and freezes them into a plan, by the rules of their [`Service`].
//! [`Ledger::open_for_apply`] opens a plan for one `apply`: it locks the plan, checks that no record was altered or is
//! missing, and returns the devices still to be sent. A [`Run`] records each step before it is done ([`LedgerJournal`]).
//! [`Ledger::open`] reads a plan at any time, also while a run writes to it.
//!
//! | module | question it answers |
//! |---|---|
//! | [`plan`] | what is a plan, and what were its settings? |
//! | [`draft`] | how does an input become a plan, and why is it refused? |
//! | [`apply`] | how is a plan opened for one `apply`? |
//! | [`run`] | what is recorded while it runs? |
//! | [`select`] | which devices are sent? |
//! | [`read`] | what is known of each row? |
//! | [`inventory`] | which devices does a fresh inventory still have? |
//! | [`error`] | what went wrong, what was not lost, and what to do? |
//!
//! The tables are described in this crate's `SCHEMA.md`.
//!
//! # What is durable when
//!
//! A frozen plan is synced before it gets its name. A call of [`LedgerJournal`] returns after the commit that holds its
//! record was synced (`synchronous=FULL`). [`Run::end`] leaves one file without a write-ahead log. After a crash at
//! any time, the next [`Ledger::open_for_apply`] finds every record whose call had returned, or refuses the plan.

pub mod apply;
pub mod draft;
pub mod error;
pub mod inventory;
pub mod plan;
pub mod read;
pub mod run;
pub mod select;

mod clock;
mod count;
mod findings;
mod freeze;
mod hash;
mod labels;
mod log;
mod open;
mod own_file;
mod pages;
mod place;
mod protect;
mod protection;
mod reasons;
mod records;
mod refused;
mod replace;
mod report;
mod rescue;
mod rules;
mod run_end;
mod schema;
mod settle;
mod sidecar;
mod sweep;
mod unfit;
mod verify;
mod watch;
mod writer;

pub use apply::{ApplyLedger, Hold, Holder, LockedBy};
pub use draft::{
    AmbiguousRow, Conflicts, Draft, FreezeError, FreezeOptions, PatternMatches, PlanRefused, ProtectList, Protected,
    Protection, Replace, Resolution, Resolved, RowAt, UnfitInput, UnmatchedEntry, UnmatchedProtect,
};
pub use error::{Error, ErrorKind};
pub use inventory::{Comparison, Doubt, Inventory, Origin, Overlap, Sighting, Survey};
pub use plan::{Plan, PlanSettings, PlanSummary, Service, Source, UidValidation, Words};
pub use read::{Counts, Ledger, ReportRow, ReportRows, RunRecord};
pub use reasons::Reason;
#[doc(hidden)]
pub use run::Step;
pub use run::{Disturbance, Ended, LedgerJournal, Records, Run, RunEnd, RunInfo};
pub use select::{Retry, Selected, SelectedRows, SelectedStream, Selection};
