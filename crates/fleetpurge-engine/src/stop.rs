//! Why a run stops before its input ends, and how to stop it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::error_kind::ErrorKind;
use crate::journal::JournalError;
use crate::service::Trail;

/// Why a run stopped early. Devices that were not sent, or certainly not applied, stay pending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(tag = "reason", content = "of", rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum StopReason {
    /// The stop handle was used.
    Interrupted,
    /// The service answered with something that no other attempt could mend.
    #[non_exhaustive]
    Refused {
        /// What went wrong.
        kind: ErrorKind,
        /// What happened.
        detail: String,
        /// Status, code and ids of the reply.
        trail: Trail,
    },
    /// The service was not reached, as often as the policy allows.
    #[non_exhaustive]
    Unreachable {
        /// What went wrong at the last try.
        kind: ErrorKind,
        /// What happened at the last try.
        detail: String,
    },
    /// The service asks for a longer wait than is allowed.
    #[non_exhaustive]
    WaitTooLong {
        /// What it asks for.
        wait: Duration,
        /// What is allowed.
        allowed: Duration,
    },
    /// The service has answered nothing but requests to wait for too long.
    #[non_exhaustive]
    OnlyThrottled {
        /// How long was waited for it in all. The time in which the process was stopped does not count.
        since: Duration,
    },
    /// So many answers in a row left open whether the service acted.
    #[non_exhaustive]
    Ambiguous {
        /// How many.
        in_a_row: u32,
        /// What went wrong the last time. None: the service answered, but said nothing of any device.
        kind: Option<ErrorKind>,
        /// What the last one was.
        detail: String,
    },
    /// So many batches in a row of which no device could be scheduled.
    FailsEverything(u32),
    /// So many lone devices were refused before any was accepted.
    RefusesEverything(u32),
    /// The journal could not be written.
    Journal(String),
    /// The input could not be read on.
    Source(String),
    /// The service's own code panicked.
    Panicked,
}

// By hand: `thiserror` would be two more crates for every dependent of a facade.
impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("the run was interrupted"),
            Self::Refused { detail, .. } | Self::Unreachable { detail, .. } => f.write_str(detail),
            Self::WaitTooLong { wait, allowed } => write!(
                f,
                "the service asks to wait for {}, which is longer than the {} allowed",
                seconds(*wait),
                seconds(*allowed)
            ),
            Self::OnlyThrottled { since } => {
                write!(f, "for {}, the service has only asked to wait", seconds(*since))
            }
            Self::Ambiguous { in_a_row, detail, .. } => write!(
                f,
                "{in_a_row} answers in a row left open whether the service acted; the last: {detail}"
            ),
            Self::FailsEverything(batches) => write!(f, "{batches} batches in a row failed for every device"),
            Self::RefusesEverything(devices) => write!(
                f,
                "the service refused each of {devices} devices sent alone and has accepted none"
            ),
            Self::Journal(why) => write!(f, "an attempt could not be recorded: {why}"),
            Self::Source(why) => write!(f, "the input could not be read further: {why}"),
            Self::Panicked => f.write_str("the client panicked"),
        }
    }
}

impl std::error::Error for StopReason {}

/// Whole seconds, rounded up: half a second is not none.
fn seconds(duration: Duration) -> String {
    format!(
        "{} s",
        duration
            .as_secs()
            .saturating_add(u64::from(duration.subsec_nanos() > 0))
    )
}

impl StopReason {
    /// What went wrong with the attempt that ended the run, if one did. It tells a refused token from a refused certificate
    /// where the reason alone says only that the service refused.
    #[must_use]
    pub fn error_kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Refused { kind, .. } | Self::Unreachable { kind, .. } => Some(*kind),
            Self::Ambiguous { kind, .. } => *kind,
            Self::WaitTooLong { .. } | Self::OnlyThrottled { .. } => Some(ErrorKind::Throttled),
            _ => None,
        }
    }

    pub(crate) fn journal(error: &JournalError) -> Self {
        Self::Journal(crate::error_chain::chain(&*error.0))
    }
}

/// Asks a run to stop: no further batch starts, those in flight are finished and recorded.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<watch::Sender<bool>>);

impl Default for StopHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl StopHandle {
    /// A handle for one run.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the run. Further calls have no effect.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether `stop` was called.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once `stop` was called.
    pub(crate) async fn stopped(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|stopped| *stopped).await;
    }
}
