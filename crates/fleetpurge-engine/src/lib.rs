//! Batching, retry, pacing and the write-ahead journal of a bulk deletion. Knows no HTTP.
//!
//! A facade crate brings a [`DeletionService`]: one attempt for one batch, answered by a [`Receipt`] or a
//! [`SubmitError`]. The engine decides what follows ([`decide()`]) for each batch. It writes each attempt to a [`Journal`]
//! before it is sent, and its result before anything else is done.
//!
//! | module | question it answers |
//! |---|---|
//! | [`outcome`] | what is known of one device, and may the service have acted? |
//! | [`service`] | what must a service offer, and what may it answer? |
//! | [`journal`] | what is recorded, and when? |
//! | [`mod@decide`] | what follows from an attempt that brought no receipt? |
//! | [`event`] | what goes into a run, and what happens in it? |
//! | [`mod@run`] | how is all of a list sent? |
//! | [`bulk`] | how does a library send a list without a journal? |
//! | [`policy`] | how often, how long, how many at a time? |
//! | [`rate`] | how many per second? |
//! | [`patience`] | how is something awaited before a run begins? |
//! | [`wait`] | why does a run start nothing for some time? |
//! | [`notices`] | which anomalies and waits were there? |
//! | [`error_kind`] | what kind of error was it? |
//! | [`stop`] | why does a run stop early, and how is it stopped? |

#![cfg_attr(
    not(feature = "tracing"),
    allow(
        unused_variables,
        unused_imports,
        dead_code,
        clippy::unused_unit,
        reason = "what is only logged"
    )
)]

mod attempt;
mod breaker;
pub mod bulk;
pub mod decide;
mod dispatch;
mod error_chain;
pub mod error_kind;
pub mod event;
pub mod journal;
mod judge;
pub mod notices;
pub mod outcome;
mod pacer;
pub mod patience;
pub mod policy;
mod queue;
pub mod rate;
pub mod run;
pub mod service;
pub mod stop;
#[doc(hidden)]
pub mod trace;
mod verdict;
pub mod wait;
mod window;

pub use decide::decide;
pub use error_chain::chain;
pub use error_kind::ErrorKind;
pub use event::{Done, Event, Input, RunEnd, SourceError};
pub use journal::{Conclusion, Intent, Journal, JournalError, NoJournal, Settlement};
pub use notices::BatchAnomaly;
pub use outcome::{Applied, Outcome, OutcomeKind};
pub use policy::{Order, Policy, Rest, RunOptions};
pub use rate::{NotARate, Rate};
pub use run::{Run, run};
pub use service::{
    Anomaly, AnomalyKind, Attempt, DeletionService, Disposition, Entry, EntryStatus, Receipt, SubmitError, Trail,
};
pub use stop::{StopHandle, StopReason};
pub use wait::{Wait, WaitReason};
