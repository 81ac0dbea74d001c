//! A configured rate.

use std::time::Duration;

use tokio::time::Instant;

use crate::rate::Rate;

/// Evenly spaced starts.
#[derive(Debug)]
pub(super) struct Grid {
    interval: Duration,
    pub(super) next: Option<Instant>,
}

impl Grid {
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            interval: rate.interval(),
            next: None,
        }
    }

    pub(super) fn started(&mut self, now: Instant) {
        // Kept on the grid, so that a late start does not lower the rate; but no more than one interval is owed.
        let owed = now.checked_sub(self.interval).unwrap_or(now);
        self.next = Some(self.next.map_or(now, |next| next.max(owed)) + self.interval);
    }
}
