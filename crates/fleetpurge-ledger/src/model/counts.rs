//! How many rows have which outcome, and why.

use fleetpurge_engine::OutcomeKind;

/// The number of rows with each outcome. The seven outcomes add up to `planned`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All rows of the input.
    pub planned: u64,
    /// Skipped at planning.
    pub skipped: u64,
    /// Scheduled.
    pub scheduled: u64,
    /// The service reported their uid as malformed.
    pub invalid: u64,
    /// The service failed to schedule them.
    pub failed: u64,
    /// The service refused them.
    pub rejected: u64,
    /// The service may or may not have acted; devices of attempts under way included.
    pub unknown: u64,
    /// Not sent, or certainly not applied.
    pub pending: u64,
    /// Attempts, over all runs.
    pub attempts: u64,
    /// Anomalies of replies, over all runs.
    pub anomalies: u64,
}

impl Counts {
    /// The number of rows with that outcome.
    #[must_use]
    pub const fn of(&self, kind: OutcomeKind) -> u64 {
        match kind {
            OutcomeKind::Scheduled => self.scheduled,
            OutcomeKind::Invalid => self.invalid,
            OutcomeKind::Failed => self.failed,
            OutcomeKind::Rejected => self.rejected,
            OutcomeKind::Unknown => self.unknown,
            OutcomeKind::Pending => self.pending,
            OutcomeKind::Skipped => self.skipped,
        }
    }
}

/// Why rows have an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The detail of the outcome; `None` for those that have none, and for the rarer ones where there are very many.
    pub detail: Option<String>,
    /// How many rows it is the reason of.
    pub rows: u64,
}
