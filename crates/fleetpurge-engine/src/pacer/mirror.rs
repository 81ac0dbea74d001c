//! The model of the service's token bucket.

use std::time::Duration;

use tokio::time::Instant;

use super::estimate::per_second;

/// Where a new estimate is tried first, as a share of it.
pub(super) const CAUTION: f64 = 0.985;
/// How fast the rate is raised: by this share of the estimate in the first second, then twice as much in each.
pub(super) const CURIOSITY: f64 = 0.001;
/// A bucket is small if it holds less than this share of what a wait leaves unused.
const SMALL: f64 = 0.4;
/// An attempt that starts within this time after a wait uses what was saved up.
const SOON: Duration = Duration::from_millis(100);
/// How much longer than what a throttling costs it takes until the next is risked.
const RISK: f64 = 9.0;
const LONGEST_RISK: f64 = 30.0;

/// What the service's token bucket is taken to be.
#[derive(Debug)]
pub(super) struct Mirror {
    /// Tokens a second, as measured.
    pub(super) measured: f64,
    /// How many tokens it holds at most.
    pub(super) room: f64,
    pub(super) is_room_known: bool,
    /// Since when.
    since: Instant,
    /// How many it held at `at`.
    tokens: f64,
    at: Instant,
    /// When the first attempt since was started.
    resumed: Option<Instant>,
    pub(super) answered: u32,
    /// Whether the rate was measured, and not guessed.
    is_measured: bool,
    /// How many seconds of the last wait the bucket could not hold.
    pub(super) lost: f64,
}

impl Mirror {
    /// A bucket that has just been found empty.
    pub(super) fn new(measured: f64, room: f64, is_measured: bool, now: Instant) -> Self {
        Self {
            measured: measured.max(0.001),
            room: room.max(1.0),
            is_room_known: false,
            since: now,
            tokens: 0.0,
            at: now,
            resumed: None,
            answered: 0,
            is_measured,
            lost: 0.0,
        }
    }

    /// Another number of runs has a part of the rate: this one has so much more or less.
    pub(super) fn scale(&mut self, by: f64) {
        self.measured = (self.measured * by).max(0.001);
    }

    /// Whether the rate was measured, and not guessed.
    pub(super) fn learned(&self) -> Option<f64> {
        self.is_measured.then_some(self.measured)
    }

    /// Nothing starts before then. What the bucket cannot hold of that time is lost.
    pub(super) fn held(&mut self, until: Instant) {
        let held = until.saturating_duration_since(self.since).as_secs_f64();
        // A bucket that holds most of it is as good as one that holds all, and may hold more than is known.
        if self.room < SMALL * held * self.measured {
            self.lost = self.lost.max(held - self.room / self.measured);
        }
    }

    /// In how many seconds the curiosity doubles.
    pub(super) fn risk(&self) -> f64 {
        if self.is_measured {
            (self.lost * RISK).clamp(1.0, LONGEST_RISK)
        } else {
            1.0
        }
    }

    /// The rate that is tried at `now`.
    pub(super) fn rate(&self, now: Instant) -> f64 {
        // Beyond a factor of a thousand there is nothing to be careful about.
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        let seconds = (seconds / self.risk()).min(20.0);
        self.measured * (CAUTION + CURIOSITY * (seconds.exp2() - 1.0))
    }

    pub(super) fn tokens(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + passed * self.rate(now)).min(self.room)
    }

    pub(super) fn next_start(&self, now: Instant) -> Option<Instant> {
        let missing = 1.0 - self.tokens(now);
        // A hair less than a token is one: the waker's clock has no finer grain.
        (missing > 1e-3).then(|| now + Duration::from_secs_f64(missing / self.rate(now)))
    }

    pub(super) fn started(&mut self, now: Instant) {
        self.tokens = self.tokens(now) - 1.0;
        self.at = now;
        self.resumed.get_or_insert(now);
    }

    /// Whether an attempt that was started then, and found it empty, was one of those that used what had been saved up in a
    /// wait: then that was too much, which says nothing of the rate.
    pub(super) fn was_too_much_saved_up(&self, started: Instant) -> bool {
        let is_soon = |resumed| started.saturating_duration_since(resumed) < SOON;
        self.room > 1.0 && self.resumed.is_some_and(is_soon)
    }

    /// The rate since the last wait, without what had been saved up.
    pub(super) fn measured_since_the_wait(&self, now: Instant) -> Option<f64> {
        let resumed = self.resumed?;
        let saved = if self.is_room_known { self.room } else { 0.0 };
        per_second(self.answered, saved, resumed, now)
    }

    /// How many tokens the bucket is taken to hold at most, now that it was found empty again, and whether that was seen.
    pub(super) fn room_after(&self, started: Instant, now: Instant) -> (f64, bool) {
        let Some(resumed) = self.resumed else {
            return (self.room, self.is_room_known);
        };
        if self.tokens(now) < 2.0 && !self.was_too_much_saved_up(started) {
            // It was as empty as was thought.
            let room = if self.is_room_known && self.lost > 0.0 {
                self.room
            } else {
                self.room * 2.0
            };
            return (room, self.is_room_known);
        }
        let since = now.saturating_duration_since(resumed).as_secs_f64();
        ((f64::from(self.answered) - self.measured * since).max(1.0), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_found_doubled_within_ten_seconds() {
        let now = Instant::now();
        let mirror = Mirror::new(100.0, f64::INFINITY, true, now);
        assert!(mirror.rate(now) < 100.0);
        assert!(mirror.rate(now + Duration::from_secs(4)) <= 100.1);
        assert!(mirror.rate(now + Duration::from_secs(10)) >= 200.0);
    }

    #[test]
    fn the_rate_that_is_tried_rises_ever_faster_and_not_without_end() {
        let now = Instant::now();
        let mirror = Mirror::new(100.0, f64::INFINITY, true, now);
        for (seconds, rate) in [
            (0, 98.5),
            (1, 98.6),
            (4, 100.0),
            (10, 200.8),
            (20, 104_956.0),
            (60, 104_956.0),
        ] {
            let tried = mirror.rate(now + Duration::from_secs(seconds));
            assert!((tried - rate).abs() < 0.01, "{tried} after {seconds} s");
        }
    }

    #[test]
    fn what_was_not_used_may_be_made_up_for_as_far_as_the_bucket_has_room() {
        let start = Instant::now();
        let mut mirror = Mirror::new(10.0, 3.0, true, start);
        // A bucket that was found empty.
        let first = mirror.next_start(start).unwrap();
        assert!(
            ((first - start).as_secs_f64() - 0.1 / CAUTION).abs() < 1e-6,
            "{:?}",
            first - start
        );
        assert_eq!(mirror.next_start(first), None);
        // Half a second is worth about five attempts, of which three may be made.
        let now = start + Duration::from_millis(500);
        for n in 0..3 {
            assert_eq!(mirror.next_start(now), None, "attempt {n}");
            mirror.started(now);
        }
        let next = mirror.next_start(now).unwrap() - now;
        assert!((next.as_secs_f64() - 1.0 / mirror.rate(now)).abs() < 1e-6, "{next:?}");
        // A tenth of a second is worth about one.
        let now = now + Duration::from_millis(110);
        mirror.started(now);
        assert!(mirror.tokens(now) < 0.1 && mirror.tokens(now) > 0.0, "{mirror:?}");
    }

    #[test]
    fn the_room_of_a_bucket_is_what_was_answered_beyond_its_rate() {
        let start = Instant::now();
        let now = start + Duration::from_secs(10);
        let mut mirror = Mirror::new(10.0, 50.0, true, start);
        assert_eq!(mirror.room_after(now, now).0, 50.0, "nothing was tried");
        mirror.started(start + Duration::from_secs(8));
        mirror.answered = 25;
        assert_eq!(
            mirror.room_after(now, now).0,
            5.0,
            "of 25 in two seconds 20 are its rate"
        );
        mirror.answered = 7;
        assert_eq!(mirror.room_after(now, now).0, 1.0, "any bucket holds one");
        mirror.tokens = 1.9;
        mirror.at = now;
        assert_eq!(mirror.room_after(now, now).0, 100.0, "as empty as was thought");
        mirror.tokens = 2.0;
        assert_eq!(mirror.room_after(now, now).0, 1.0);
    }
}
