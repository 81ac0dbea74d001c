//! A configured rate.

use std::time::Duration;

use tokio::time::Instant;

use crate::rate::Rate;

/// Evenly spaced starts.
#[derive(Debug)]
pub(super) struct Grid {
    rate: Rate,
    interval: Duration,
    pub(super) next: Option<Instant>,
}

impl Grid {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            interval: rate.interval(),
            next: None,
        }
    }

    /// The rate is for so many runs, of which this is one.
    pub(super) fn share(&mut self, runs: u32) {
        let interval = self.rate.interval().saturating_mul(runs);
        // The last start has used as much of the new share as any other.
        self.next = self.next.map(|next| (next + interval) - self.interval);
        self.interval = interval;
    }

    pub(super) fn started(&mut self, now: Instant) {
        // Kept on the grid, so that a late start does not lower the rate; but no more than one interval is owed.
        let owed = now.checked_sub(self.interval).unwrap_or(now);
        self.next = Some(self.next.map_or(now, |next| next.max(owed)) + self.interval);
    }
}
