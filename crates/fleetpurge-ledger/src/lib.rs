#![doc = include_str!("../README.md")]

mod model;
mod planning;
mod proof;
mod reading;
mod rules;
mod running;
mod store;

#[cfg(feature = "postgres")]
pub use fleetpurge_postgres::DatabaseUrl;
pub use fleetpurge_text::Counted;
pub use model::{
    AmbiguousRow, AnomalyRecord, Conflicts, Counts, Disturbance, Ended, Error, ErrorKind, FINDINGS_SHOWN,
    FreezeOptions, Hold, Holder, JudgedRow, LastSighting, Listed, LockedBy, NameFilter, NameFilterMatches,
    NamesFiltered, NotAService, NotAValidation, PatternMatches, Plan, PlanAddress, PlanSettings, PlanSummary,
    ProtectList, Protected, Protection, Reason, Records, Replace, ReportRow, Resolved, Retry, RowAt, RowKind,
    RowsOfKind, RunEnd, RunRecord, SeenIn, Selected, Selection, Service, SightingKind, Source, UidValidation, Unmarked,
    Unmatched, UnmatchedEntry, UnmatchedNames, UnmatchedProtect, UnusableInput, VerificationKind, VerificationRecord,
    VerificationSource, Words,
};
pub use planning::{Draft, FreezeError, PlanRefused, Resolution};
pub use reading::{Comparison, Inventory, Ledger, ReportRows, Sightings};
pub use rules::inventory::{CountedRows, Doubt, Namesake, Origin, Overlap, Sighting, Survey, is_looked_for};
pub use rules::name_pattern::{NamePattern, NotANamePattern};
pub use running::{ApplyLedger, Findings, LedgerJournal, Run, RunInfo, SelectedRows, SelectedStream};
#[doc(hidden)]
pub use store::step::Step;
