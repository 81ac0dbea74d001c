#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "tracing"), allow(unused, reason = "what is only logged"))]

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
mod ramp;
pub mod rate;
pub mod run;
pub mod service;
mod settling;
pub mod stop;
pub mod tenant;
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
pub use tenant::Begun;
pub use wait::{Wait, WaitReason};
