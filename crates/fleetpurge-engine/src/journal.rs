//! What is recorded, and when.
//!
//! An attempt whose [`Intent`] is durable and whose [`Settlement`] is not may have been applied. So the engine begins
//! an attempt before the first byte of it is sent, and settles it before it says anything of its devices or sends one of them
//! again. Another attempt may begin meanwhile: an implementation can commit both together.

use std::error::Error;
use std::fmt;

use crate::outcome::{Applied, Outcome};
use crate::service::{Anomaly, Attempt, Trail};
use crate::tenant::{Begun, Signal};

/// Where a run records each attempt before it is sent, and its result.
///
/// Each call returns once its record is durable. Calls of different attempts run at the same time, so that an
/// implementation can commit them together; those of one attempt come in order.
pub trait Journal: Send + Sync + 'static {
    /// Records that an attempt is about to be sent. A journal that several runs write to may put it off: then nothing is
    /// recorded, and the attempt is not sent now. All others answer [`Begun::alone`].
    ///
    /// # Errors
    ///
    /// The record is not durable. The attempt is then not sent, and the run stops.
    fn begin(&self, intent: Intent) -> impl Future<Output = Result<Begun, JournalError>> + Send;

    /// Records the result of an attempt, including a certain "not applied".
    ///
    /// # Errors
    ///
    /// The record is not durable; the run stops, and the attempt's devices count as unknown.
    fn settle(&self, settlement: Settlement) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// Records outcomes that became known after the attempts of their devices were settled.
    ///
    /// # Errors
    ///
    /// The record is not durable; the devices stay as they were settled.
    fn conclude(&self, conclusions: Vec<Conclusion>) -> impl Future<Output = Result<(), JournalError>> + Send;
}

/// An attempt that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Intent {
    /// The attempt.
    pub attempt: Attempt,
    /// The keys of its devices, in the order of the batch.
    pub keys: Vec<u64>,
    /// Whether it is sent alone, with one device, to find out whether the service answers clearly again.
    #[cfg_attr(feature = "serde", serde(default))]
    pub is_probe: bool,
}

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Settlement {
    /// The attempt.
    pub attempt: Attempt,
    /// Whether the service may have acted on any of its devices.
    pub applied: Applied,
    /// Status, code and ids of the reply.
    pub trail: Trail,
    /// What happened, if it is not a plain receipt.
    pub detail: Option<String>,
    /// The first KiB of a reply that was not understood.
    pub body_head: Option<String>,
    /// What is now known of each device, by key, in the order of the batch.
    pub outcomes: Vec<(u64, Outcome)>,
    /// The anomalies of the reply.
    pub anomalies: Vec<Anomaly>,
    /// What it says to other runs that delete from the same tenant.
    #[cfg_attr(feature = "serde", serde(default))]
    pub signal: Signal,
}

/// What has become clear of one device after its last attempt was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Conclusion {
    /// The device's last attempt.
    pub attempt: Attempt,
    /// The device.
    pub key: u64,
    /// What is known of it now.
    pub outcome: Outcome,
}

/// A record could not be made durable.
#[derive(Debug)]
pub struct JournalError(pub Box<dyn Error + Send + Sync>);

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the attempt could not be recorded")
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Records nothing: for a program that keeps its own records.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    async fn begin(&self, _: Intent) -> Result<Begun, JournalError> {
        Ok(Begun::alone())
    }

    async fn settle(&self, _: Settlement) -> Result<(), JournalError> {
        Ok(())
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        Ok(())
    }
}
