//! The rate of a command, and when to print it. Has no clock: the elapsed time is an argument.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back the rate looks: long enough to bridge the pauses between batches, short enough to follow a change.
const WINDOW: Duration = Duration::from_secs(30);

/// How far apart the samples are.
const STEP: Duration = Duration::from_secs(1);

/// Counts what is done, and how fast.
#[derive(Debug, Default)]
pub(super) struct Meter {
    done: u64,
    /// When how much was done, oldest first. Those before the window are gone, but for the last of them.
    samples: VecDeque<(Duration, u64)>,
}

impl Meter {
    /// So much is done by now.
    pub(super) fn note(&mut self, now: Duration, done: u64) {
        if self.samples.is_empty() {
            self.samples.push_back((Duration::ZERO, 0));
        }
        self.done = done;
        if self.samples.back().is_none_or(|(at, _)| now >= *at + STEP) {
            self.samples.push_back((now, done));
        }
        while self.samples.get(1).is_some_and(|(at, _)| *at + WINDOW <= now) {
            self.samples.pop_front();
        }
    }

    pub(super) const fn done(&self) -> u64 {
        self.done
    }

    /// How many a second, over the last half minute. `None` until something is done and a second has gone by.
    pub(super) fn rate(&self, now: Duration) -> Option<f64> {
        let (then, done) = *self.samples.front()?;
        let seconds = now.checked_sub(then).filter(|length| *length >= STEP)?.as_secs_f64();
        let more = u32::try_from(self.done.saturating_sub(done)).map_or(f64::from(u32::MAX), f64::from);
        (more > 0.0).then_some(more / seconds)
    }
}

/// When a line is due.
#[derive(Debug)]
pub(super) struct Heartbeat {
    every: Duration,
    next: Duration,
}

impl Heartbeat {
    pub(super) const fn new(every: Duration) -> Self {
        Self { every, next: every }
    }

    /// Whether one is due; the next is due a beat later. What was missed while the process slept is not made up for.
    pub(super) fn is_due(&mut self, now: Duration) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = now + self.every;
        }
        is_due
    }

    /// How long until the next is due.
    pub(super) fn pause(&self, now: Duration) -> Duration {
        self.next.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn the_rate_is_that_of_the_last_half_minute() {
        let mut meter = Meter::default();
        meter.note(Duration::ZERO, 0);
        assert_eq!(meter.rate(Duration::ZERO), None);
        meter.note(Duration::from_millis(500), 100);
        assert_eq!(
            meter.rate(Duration::from_millis(500)),
            None,
            "half a second tells nothing"
        );
        for second in 1..=20 {
            meter.note(seconds(second), second * 10);
        }
        assert_eq!(meter.rate(seconds(20)), Some(10.0));
        // A standstill shows, at once and in the end.
        assert_eq!(meter.rate(seconds(40)).map(f64::round), Some(5.0));
        for second in 21..=60 {
            meter.note(seconds(second), 200);
        }
        assert_eq!(meter.rate(seconds(60)), None);
        for second in 61..=120 {
            meter.note(seconds(second), 200 + (second - 60) * 40);
        }
        assert_eq!(meter.rate(seconds(120)), Some(40.0));
        assert_eq!(meter.done(), 2600);
        assert!(meter.samples.len() <= 32);
    }

    #[test]
    fn a_line_is_due_every_ten_seconds_and_first_after_ten() {
        let mut heartbeat = Heartbeat::new(seconds(10));
        let due: Vec<u64> = (0..=45).filter(|now| heartbeat.is_due(seconds(*now))).collect();
        assert_eq!(due, [10, 20, 30, 40]);
        assert_eq!(heartbeat.pause(seconds(45)), seconds(5));
        // A machine that slept for an hour does not get an hour's lines.
        assert!(heartbeat.is_due(seconds(3600)));
        assert!(!heartbeat.is_due(seconds(3601)));
        assert!(heartbeat.is_due(seconds(3610)));
    }
}
