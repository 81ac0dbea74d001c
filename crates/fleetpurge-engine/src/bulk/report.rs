//! What is known of the devices of a bulk deletion.

use std::error::Error;
use std::sync::Arc;

use crate::error_kind::ErrorKind;
use crate::event::Done;
use crate::notices::BatchAnomaly;
use crate::outcome::{Outcome, OutcomeKind};
use crate::stop::StopReason;
use crate::wait::Wait;

/// What is known of one device of a bulk deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DeviceOutcome<D, T = ()> {
    /// The device, as it was given.
    pub device: D,
    /// The data that came with the device in a stream of `(T, D)`.
    pub data: T,
    /// What is known of it.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub outcome: Outcome,
    /// The id of the last request that named it, as the service answered it, or else as it was sent. None where none was
    /// sent: the request never left, or the service is sent no such ids.
    pub request_id: Option<String>,
    /// The service's trace id of the last reply about it.
    pub trace_id: Option<String>,
    /// How many requests have named it.
    pub attempts: u32,
    /// What went wrong with the last request that named it, if that brought no receipt. It tells apart what the outcome
    /// alone does not: a lost connection from a server error, a service that was not reached from one that refused.
    pub error: Option<ErrorKind>,
}

impl<D, T> DeviceOutcome<D, T> {
    pub(crate) fn of(done: Done<D>, data: T) -> Self {
        Self {
            device: done.device,
            data,
            outcome: done.outcome,
            request_id: done.trail.known_request_id().map(str::to_owned),
            trace_id: done.trail.trace_id.clone(),
            attempts: done.attempts,
            error: done.error,
        }
    }
}

/// The outcomes of all devices of a list, with the anomalies and waits of the run.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DeletionReport<D, T = ()> {
    /// One outcome per device, in the order of the list.
    pub devices: Vec<DeviceOutcome<D, T>>,
    /// Why the run stopped before its end, if it did.
    pub stopped: Option<StopReason>,
    /// The error of the input, if it failed. Not in JSON; [`stopped`](Self::stopped) has its text.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub source_error: Option<Arc<dyn Error + Send + Sync>>,
    /// The anomalies of replies, in the order in which they came. Empty: each reply was as documented.
    pub anomalies: Vec<BatchAnomaly>,
    /// When the run waited, and why. Pauses that only keep to the rate are not listed.
    pub waits: Vec<Wait>,
}

impl<D, T> DeletionReport<D, T> {
    /// How many devices have this outcome.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.devices.iter().filter(|device| device.outcome.kind == kind).count()
    }

    /// How many devices the service has scheduled for deletion.
    #[must_use]
    pub fn scheduled(&self) -> usize {
        self.count(OutcomeKind::Scheduled)
    }

    /// How many devices the service called invalid.
    #[must_use]
    pub fn invalid(&self) -> usize {
        self.count(OutcomeKind::Invalid)
    }

    /// How many devices the service could not schedule.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.count(OutcomeKind::Failed)
    }

    /// How many devices the service refused.
    #[must_use]
    pub fn rejected(&self) -> usize {
        self.count(OutcomeKind::Rejected)
    }

    /// How many devices the service may or may not have acted on.
    #[must_use]
    pub fn unknown(&self) -> usize {
        self.count(OutcomeKind::Unknown)
    }

    /// How many devices were not sent, or certainly not applied.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.count(OutcomeKind::Pending)
    }

    /// How many devices were left out before sending.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.count(OutcomeKind::Skipped)
    }
}
