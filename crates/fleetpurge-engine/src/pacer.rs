//! When the next attempt may start, as far as pace is concerned. Pure: the clock is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// The pace of one run, shared by all its batches.
#[derive(Debug)]
pub(crate) struct Pacer {
    /// The least time between two starts, as `--rate` asks.
    interval: Option<Duration>,
    next: Option<Instant>,
    hold: Option<Instant>,
}

impl Pacer {
    /// A pacer that starts at most `rate` attempts a second.
    pub(crate) fn new(rate: Option<f64>) -> Self {
        Self {
            interval: rate
                .filter(|rate| rate.is_finite() && *rate > 0.0)
                .map(|rate| Duration::from_secs_f64(rate.recip())),
            next: None,
            hold: None,
        }
    }

    /// When the next attempt may start; None: now.
    pub(crate) fn next_start(&self, now: Instant) -> Option<Instant> {
        self.next.max(self.hold).filter(|at| *at > now)
    }

    /// An attempt starts.
    pub(crate) fn started(&mut self, now: Instant) {
        if let Some(interval) = self.interval {
            // Kept on the grid, so that a late start does not lower the rate; but no more than one interval is owed.
            let due = self
                .next
                .map_or(now, |next| next.max(now.checked_sub(interval).unwrap_or(now)));
            self.next = Some(due + interval);
        }
    }

    /// Nothing may start before `until`.
    pub(crate) fn hold(&mut self, until: Instant) {
        self.hold = self.hold.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_spaces_the_starts_evenly_and_makes_up_for_late_ones() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(100.0));
        let mut now = start;
        for n in 0..100 {
            assert_eq!(pacer.next_start(now), None, "start {n}");
            pacer.started(now);
            // Every waker is a little late.
            now = pacer.next_start(now).unwrap() + Duration::from_millis(3);
        }
        let took = now - start;
        assert!(took <= Duration::from_millis(1_003), "{took:?}");
        assert!(took >= Duration::from_millis(1_000), "{took:?}");
    }

    #[test]
    fn a_hold_is_never_shortened() {
        let now = Instant::now();
        let mut pacer = Pacer::new(None);
        pacer.hold(now + Duration::from_secs(9));
        pacer.hold(now + Duration::from_secs(1));
        assert_eq!(pacer.next_start(now), Some(now + Duration::from_secs(9)));
        assert_eq!(pacer.next_start(now + Duration::from_secs(9)), None);
    }
}
