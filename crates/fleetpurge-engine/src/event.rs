//! What goes into a run, what happens in it, and how it ends.

use std::fmt;
use std::sync::Arc;

use crate::error_kind::ErrorKind;
use crate::outcome::{Applied, Outcome};
use crate::queue::{Item, Last};
use crate::service::{Anomaly, Attempt, Trail};
use crate::stop::StopReason;
use crate::wait::Wait;

/// Something that happened in a run.
#[derive(Debug)]
pub enum Event<D> {
    /// An attempt starts: its intent is written to the journal, and then it is sent.
    #[non_exhaustive]
    Started {
        /// The attempt.
        attempt: Attempt,
        /// The keys of its devices, in the order of the batch.
        keys: Vec<u64>,
    },
    /// An attempt was recorded.
    #[non_exhaustive]
    Landed {
        /// The attempt.
        attempt: Attempt,
        /// Whether the service may have acted on any of its devices.
        applied: Applied,
        /// Status, code and ids of the reply.
        trail: Arc<Trail>,
        /// The anomalies of the reply.
        anomalies: Vec<Anomaly>,
        /// What went wrong, if it brought no receipt.
        error: Option<ErrorKind>,
        /// How many of its devices stay pending and are sent again in this run.
        again: usize,
    },
    /// These devices are done with, as far as this run is concerned.
    Done(Vec<Done<D>>),
    /// Nothing is started for some time.
    Waiting(Wait),
}

/// A device that is done with, as far as a run is concerned.
#[derive(Clone, Debug)]
pub struct Done<D> {
    /// The key it came with.
    pub key: u64,
    /// The device.
    pub device: D,
    /// What is known of it.
    pub outcome: Outcome,
    /// Its last attempt, if there was one.
    pub attempt: Option<Attempt>,
    /// How many attempts of this run have named it.
    pub attempts: u32,
    /// Status, code and ids of the last reply about it.
    pub trail: Arc<Trail>,
    /// What went wrong with its last attempt, if that brought no receipt.
    pub error: Option<ErrorKind>,
    pub(crate) segment: u64,
}

/// How a run ended.
#[derive(Debug)]
pub struct RunEnd {
    /// Why it stopped before the end of its input; None: it did not.
    pub stopped: Option<StopReason>,
    /// How many attempts were begun.
    pub attempts: u64,
}

/// One device of a run's input.
#[derive(Clone, Debug)]
pub struct Input<D> {
    /// The caller's key for it. The journal sees only this.
    pub key: u64,
    /// The device.
    pub device: D,
    /// Its outcome, if that is already decided; the device then takes its place in the order and is never sent.
    pub decided: Option<Outcome>,
    /// Whether an earlier run may have been applied to it. Sending such a device again is a person's decision; unless
    /// the service then says what became of it, it stays unknown.
    pub earlier: Applied,
}

impl<D> Input<D> {
    /// A device that is to be sent.
    pub const fn send(key: u64, device: D) -> Self {
        Self {
            key,
            device,
            decided: None,
            earlier: Applied::No,
        }
    }

    /// A device that is not sent, for it is known what to say of it.
    pub const fn decided(key: u64, device: D, outcome: Outcome) -> Self {
        Self {
            key,
            device,
            decided: Some(outcome),
            earlier: Applied::No,
        }
    }

    /// A device that is sent again although the service may have acted on it before.
    pub const fn resend(key: u64, device: D) -> Self {
        Self {
            key,
            device,
            decided: None,
            earlier: Applied::Maybe,
        }
    }
}

/// The input could not be read on.
#[derive(Debug)]
pub struct SourceError(pub Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the input could not be read further")
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

impl<D> Done<D> {
    pub(crate) fn of(item: Item<D>, outcome: Outcome, last: Option<&Last>) -> Self {
        Self {
            key: item.key,
            device: item.device,
            outcome,
            attempt: last.map(|last| last.attempt),
            attempts: item.attempts,
            trail: last.map(|last| Arc::clone(&last.trail)).unwrap_or_default(),
            error: last.and_then(|last| last.error),
            segment: item.segment,
        }
    }
}
