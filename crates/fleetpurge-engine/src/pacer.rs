//! When the next attempt may start, as far as the rate is concerned. Pure: the clock is an argument.
//!
//! Until the service asks to wait, only a configured rate holds attempts back. From then on the pacer keeps a model of
//! the service's token bucket: a number of attempts per second, and a balance that was not used while waiting and may
//! be used at once. The bucket is empty at two successive throttlings, so the number of answers between them, divided
//! by the time, is the rate. The pacer tries a rate a little below that and raises it, so that it notices within
//! seconds if the service has become faster.

use std::time::Duration;

use tokio::time::Instant;

use crate::rate::Rate;

/// Where a new estimate is tried first, as a share of it.
const CAUTION: f64 = 0.985;
/// How fast the rate is raised: by this share of the estimate in the first second, then twice as much in each.
const CURIOSITY: f64 = 0.001;
/// An interval shorter than this, or with fewer answers, says too little of the rate.
const INTERVAL: Duration = Duration::from_millis(500);
const ANSWERS: u32 = 5;
/// What is left of the rate when it was too high and the interval says too little.
const BACK: f64 = 0.7;

/// The pace of one run, shared by all its batches.
#[derive(Debug)]
pub(crate) struct Pacer {
    cap: Option<Grid>,
    hold: Option<Instant>,
    throttled: Option<Throttled>,
    mirror: Option<Mirror>,
}

/// The last time the service was found to ask for a wait.
#[derive(Clone, Copy, Debug)]
struct Throttled {
    at: Instant,
    /// Attempts that the service answered otherwise since.
    answered: u32,
}

impl Pacer {
    /// A pacer that starts no more attempts than `cap` allows.
    pub(crate) fn new(cap: Option<Rate>) -> Self {
        Self {
            cap: cap.map(Grid::new),
            hold: None,
            throttled: None,
            mirror: None,
        }
    }

    /// When the next attempt may start; None: now.
    pub(crate) fn next_start(&self, now: Instant) -> Option<Instant> {
        let cap = self.cap.as_ref().and_then(|cap| cap.next);
        let mirror = self.mirror.as_ref().and_then(|mirror| mirror.next_start(now));
        cap.max(self.hold).max(mirror).filter(|at| *at > now)
    }

    /// An attempt starts.
    pub(crate) fn started(&mut self, now: Instant) {
        if let Some(cap) = &mut self.cap {
            cap.started(now);
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.started(now);
        }
    }

    /// The service answered an attempt with anything but a request to wait.
    pub(crate) fn answered(&mut self) {
        if let Some(throttled) = &mut self.throttled {
            throttled.answered += 1;
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.answered += 1;
        }
    }

    /// Nothing may start before `until`.
    pub(crate) fn hold(&mut self, until: Instant) {
        self.hold = self.hold.max(Some(until));
    }

    /// The service asked an attempt that was started at `started` to wait. Whether that is news: an attempt that was on
    /// its way when the bucket was found empty says nothing more.
    pub(crate) fn throttled(&mut self, started: Instant, now: Instant) -> bool {
        let Some(last) = self.throttled else {
            self.throttled = Some(Throttled { at: now, answered: 0 });
            return true;
        };
        if started <= last.at {
            return false;
        }
        let interval = now - last.at;
        let measured = (interval >= INTERVAL && last.answered >= ANSWERS)
            .then(|| f64::from(last.answered) / interval.as_secs_f64());
        let known = self.mirror.take();
        let rate = measured.or_else(|| known.as_ref().map(|mirror| mirror.rate(now) * BACK));
        if let Some(rate) = rate {
            let room = known.map_or(f64::INFINITY, |mirror| mirror.room_after(now));
            self.mirror = Some(Mirror::new(rate, room, now));
        }
        self.throttled = Some(Throttled { at: now, answered: 0 });
        true
    }
}

/// Evenly spaced starts.
#[derive(Debug)]
struct Grid {
    interval: Duration,
    next: Option<Instant>,
}

impl Grid {
    fn new(rate: Rate) -> Self {
        Self {
            interval: rate.interval(),
            next: None,
        }
    }

    fn started(&mut self, now: Instant) {
        // Kept on the grid, so that a late start does not lower the rate; but no more than one interval is owed.
        let owed = now.checked_sub(self.interval).unwrap_or(now);
        self.next = Some(self.next.map_or(now, |next| next.max(owed)) + self.interval);
    }
}

/// What the service's token bucket is taken to be.
#[derive(Debug)]
struct Mirror {
    /// Tokens a second, as measured.
    measured: f64,
    /// How many tokens it holds at most.
    room: f64,
    /// Since when.
    since: Instant,
    /// How many it held at `at`.
    tokens: f64,
    at: Instant,
    /// When the first attempt since was started.
    resumed: Option<Instant>,
    answered: u32,
}

impl Mirror {
    /// A bucket that has just been found empty.
    fn new(measured: f64, room: f64, now: Instant) -> Self {
        Self {
            measured: measured.max(0.001),
            room: room.max(1.0),
            since: now,
            tokens: 0.0,
            at: now,
            resumed: None,
            answered: 0,
        }
    }

    /// The rate that is tried at `now`.
    fn rate(&self, now: Instant) -> f64 {
        // Beyond a factor of a thousand there is nothing to be careful about.
        let seconds = now.saturating_duration_since(self.since).as_secs_f64().min(20.0);
        self.measured * (CAUTION + CURIOSITY * (seconds.exp2() - 1.0))
    }

    fn tokens(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + passed * self.rate(now)).min(self.room)
    }

    fn next_start(&self, now: Instant) -> Option<Instant> {
        let missing = 1.0 - self.tokens(now);
        // A hair less than a token is one: the waker's clock has no finer grain.
        (missing > 1e-3).then(|| now + Duration::from_secs_f64(missing / self.rate(now)))
    }

    fn started(&mut self, now: Instant) {
        self.tokens = self.tokens(now) - 1.0;
        self.at = now;
        self.resumed.get_or_insert(now);
    }

    /// How many tokens the bucket is taken to hold at most, now that it was found empty again.
    fn room_after(&self, now: Instant) -> f64 {
        let Some(resumed) = self.resumed else {
            return self.room;
        };
        if self.tokens(now) < 2.0 {
            // It was as empty as was thought.
            return self.room * 2.0;
        }
        let since = now.saturating_duration_since(resumed).as_secs_f64();
        (f64::from(self.answered) - self.measured * since).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_spaces_the_starts_evenly_and_makes_up_for_late_ones() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(Rate::per_second(100.0).unwrap()));
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
    fn the_lowest_and_the_highest_cap_are_kept() {
        for (cap, seconds) in [(0.001, 1_000.0), (1e12, 1e-9), (f64::MAX, 1e-9)] {
            let mut pacer = Pacer::new(Some(Rate::per_second(cap).unwrap()));
            let now = Instant::now();
            pacer.started(now);
            let next = pacer.next_start(now).unwrap() - now;
            assert_eq!(next, Duration::from_secs_f64(seconds), "{cap}");
        }
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

    #[test]
    fn the_rate_is_what_was_answered_between_two_throttlings() {
        let start = Instant::now();
        let mut pacer = Pacer::new(None);
        assert!(pacer.throttled(start, start + Duration::from_millis(10)));
        assert_eq!(
            pacer.next_start(start + Duration::from_millis(11)),
            None,
            "once says nothing of the rate"
        );
        for _ in 0..200 {
            pacer.answered();
        }
        let again = start + Duration::from_millis(2_010);
        // Attempts that were on their way the first time do not count as a second.
        assert!(!pacer.throttled(start + Duration::from_millis(5), again));
        assert_eq!(pacer.next_start(again), None);
        assert!(pacer.throttled(start + Duration::from_millis(2_000), again));
        let next = pacer.next_start(again).unwrap() - again;
        assert!(
            (Duration::from_micros(10_100)..Duration::from_micros(10_200)).contains(&next),
            "{next:?}"
        );
    }

    #[test]
    fn a_rate_is_found_doubled_within_ten_seconds() {
        let now = Instant::now();
        let mirror = Mirror::new(100.0, f64::INFINITY, now);
        assert!(mirror.rate(now) < 100.0);
        assert!(mirror.rate(now + Duration::from_secs(4)) <= 100.1);
        assert!(mirror.rate(now + Duration::from_secs(10)) >= 200.0);
    }

    /// How many milliseconds after it was found empty for the second time, `interval` ms after the first and with so
    /// many answers in between, the next attempt may start; None: now.
    fn held(interval: u64, answers: u32) -> Option<f64> {
        let start = Instant::now();
        let mut pacer = Pacer::new(None);
        pacer.throttled(start, start);
        for _ in 0..answers {
            pacer.answered();
        }
        let again = start + Duration::from_millis(interval);
        pacer.throttled(again, again);
        pacer.next_start(again).map(|at| (at - again).as_secs_f64() * 1000.0)
    }

    #[test]
    fn an_interval_that_is_too_short_or_has_too_few_answers_says_nothing_of_the_rate() {
        assert_eq!(held(499, 5), None);
        assert_eq!(held(500, 4), None);
        // 5 in half a second, and a little below that.
        let ten_a_second = held(500, 5).unwrap();
        assert!((ten_a_second - 100.0 / CAUTION).abs() < 0.01, "{ten_a_second}");
        let slow = held(10_000, 5).unwrap();
        assert!((slow - 2_000.0 / CAUTION).abs() < 0.01, "{slow}");
    }

    #[test]
    fn a_request_to_wait_is_news_once_it_answers_what_was_started_after_the_last() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::new(None);
        for (started, now, is_news) in [
            (0, 10, true),
            (0, 11, false),
            (10, 20, false),
            (11, 21, true),
            (21, 30, false),
            (22, 31, true),
        ] {
            assert_eq!(pacer.throttled(at(started), at(now)), is_news, "started at {started}");
        }
    }

    #[test]
    fn a_rate_that_was_too_high_is_lowered_where_the_interval_says_too_little() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::new(None);
        pacer.throttled(start, start);
        for _ in 0..100 {
            pacer.answered();
        }
        pacer.throttled(at(1_000), at(1_000));
        pacer.throttled(at(1_001), at(1_100));
        let mirror = pacer.mirror.unwrap();
        let tried = 100.0 * (CAUTION + CURIOSITY * (0.1_f64.exp2() - 1.0));
        assert!((mirror.measured - tried * BACK).abs() < 0.001, "{mirror:?}");
    }

    #[test]
    fn the_rate_that_is_tried_rises_ever_faster_and_not_without_end() {
        let now = Instant::now();
        let mirror = Mirror::new(100.0, f64::INFINITY, now);
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
        let mut mirror = Mirror::new(10.0, 3.0, start);
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
        let mut mirror = Mirror::new(10.0, 50.0, start);
        assert_eq!(mirror.room_after(now), 50.0, "nothing was tried");
        mirror.started(start + Duration::from_secs(8));
        mirror.answered = 25;
        assert_eq!(mirror.room_after(now), 5.0, "of 25 in two seconds 20 are its rate");
        mirror.answered = 7;
        assert_eq!(mirror.room_after(now), 1.0, "any bucket holds one");
        mirror.tokens = 1.9;
        mirror.at = now;
        assert_eq!(mirror.room_after(now), 100.0, "as empty as was thought");
        mirror.tokens = 2.0;
        assert_eq!(mirror.room_after(now), 1.0);
    }

    #[test]
    fn the_room_is_learned_from_what_was_answered_after_a_wait() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::new(None);
        pacer.throttled(start, start);
        for _ in 0..100 {
            pacer.answered();
        }
        pacer.throttled(at(1_000), at(1_000));
        for _ in 0..20 {
            pacer.started(at(2_000));
            pacer.answered();
        }
        pacer.throttled(at(2_001), at(2_100));
        let room = pacer.mirror.unwrap().room;
        assert!((room - 10.0).abs() < 0.001, "{room}: 20 answered in the time of 10");
    }
}
