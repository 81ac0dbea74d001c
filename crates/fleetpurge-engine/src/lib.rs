//! Batching, retry, pacing and the write-ahead journal of a bulk deletion. Knows no HTTP.
//!
//! A facade crate brings a [`DeletionService`]: one attempt for one batch, answered by a [`Receipt`] or a
//! [`SubmitError`]. The engine decides what to do about it (see `decide`), batch after batch, and tells a [`Journal`]
//! what it is about to do before it does it, and what came of it before it does anything else.
//!
//! | module | question it answers |
//! |---|---|
//! | [`outcome`] | what is known of one device, and may the service have acted? |
//! | [`service`] | what must a service offer, and what may it answer? |
//! | [`journal`] | what is written down, and when? |

pub mod journal;
pub mod outcome;
pub mod service;

pub use journal::{Conclusion, Intent, Journal, JournalError, NoJournal, Settlement};
pub use outcome::{Applied, Outcome, OutcomeKind};
pub use service::{
    Anomaly, AnomalyKind, Attempt, DeletionService, Disposition, Entry, EntryStatus, Receipt, SubmitError, Trail,
};
