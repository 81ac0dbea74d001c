//! Which devices a run sends.

use fleetpurge_engine::{Applied, OutcomeKind};

use crate::model::counts::Counts;

/// The devices that a run sends: the pending ones, and those selected here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which devices that certainly failed are sent again.
    pub retry: Retry,
    /// Whether unknown devices are sent again: a person's decision, because the service may have acted on them.
    pub resend_unknown: bool,
    /// The maximum number of devices.
    pub limit: Option<u64>,
}

/// Which devices that certainly failed are sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// Those that the service failed to schedule.
    pub failed: bool,
    /// Those that the service refused.
    pub rejected: bool,
}

/// A device to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Its row: the engine's key.
    pub row: u64,
    /// Its uid, unchanged.
    pub uid: String,
    /// Its name, unchanged.
    pub name: String,
    /// Whether an earlier attempt may have been applied to it: [`Applied::Maybe`] for a device whose outcome is unknown.
    pub earlier: Applied,
}

impl Selection {
    /// Whether a device with this outcome is sent.
    #[must_use]
    pub const fn takes(&self, kind: OutcomeKind) -> bool {
        match kind {
            OutcomeKind::Pending => true,
            OutcomeKind::Failed => self.retry.failed,
            OutcomeKind::Rejected => self.retry.rejected,
            OutcomeKind::Unknown => self.resend_unknown,
            OutcomeKind::Scheduled | OutcomeKind::Invalid | OutcomeKind::Skipped => false,
        }
    }

    /// The number of selected devices.
    #[must_use]
    pub fn count(&self, counts: &Counts) -> u64 {
        let taken = OutcomeKind::ALL
            .into_iter()
            .filter(|kind| self.takes(*kind))
            .map(|kind| counts.of(kind))
            .sum::<u64>();
        taken.min(self.limit.unwrap_or(u64::MAX))
    }
}
