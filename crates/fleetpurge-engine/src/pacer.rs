//! When the next attempt may start, as far as the rate is concerned. Pure: the clock is an argument.
//!
//! Until the service asks to wait, only a configured rate holds attempts back. From then on the pacer keeps a model of
//! the service's token bucket: a number of attempts per second, and a balance that was not used while waiting and may
//! be used at once. The bucket is empty at two successive throttlings, so the number of answers between them, divided
//! by the time, is the rate, unless it ran over in between: then what was answered in the last second is closer. The
//! pacer tries a rate a little below that and raises it, so that it notices if the service has become faster: within
//! seconds where a throttling costs nothing, because the bucket holds what the wait leaves unused, and otherwise more
//! slowly.

use std::collections::VecDeque;
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
/// What is left of the rate when it was too high and the interval says too little: the first time, the second, and so on.
const BACK: [f64; 3] = [0.92, 0.8, 0.65];
/// What was answered within this time of a throttling may say more of the rate than all since the one before.
const LATELY: Duration = Duration::from_secs(1);
/// A bucket is small if it holds less than this share of what a wait leaves unused.
const SMALL: f64 = 0.4;
/// An attempt that starts within this time after a wait uses what was saved up.
const SOON: Duration = Duration::from_millis(100);
/// By this factor it has to be more, for the bucket to have run over.
const MORE: f64 = 1.3;
/// A small bucket runs over in every wait.
const MORE_OF_SMALL: f64 = 1.02;
/// How much longer than what a throttling costs it takes until the next is risked.
const RISK: f64 = 9.0;
const LONGEST_RISK: f64 = 30.0;

/// The pace of one run, shared by all its batches.
#[derive(Debug)]
pub(crate) struct Pacer {
    cap: Option<Grid>,
    hold: Option<Instant>,
    throttled: Option<Throttled>,
    mirror: Option<Mirror>,
    lately: Lately,
    /// How often in a row an interval said too little.
    backs: usize,
    /// The first attempt since nothing was allowed to start, and how many there were.
    burst: Option<(Instant, u32)>,
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
            lately: Lately::default(),
            backs: 0,
            burst: None,
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
        self.burst.get_or_insert((now, 0)).1 += 1;
        if let Some(cap) = &mut self.cap {
            cap.started(now);
        }
        if let Some(mirror) = &mut self.mirror {
            mirror.started(now);
        }
    }

    /// The service answered an attempt with anything but a request to wait.
    pub(crate) fn answered(&mut self, now: Instant) {
        self.lately.answered(now);
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
        self.burst = None;
        if let Some(mirror) = &mut self.mirror {
            mirror.held(until);
        }
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
        let known = self.mirror.take();
        // It was sent at a rate, and not all at once what had been saved up.
        let was_paced = known.as_ref().is_some_and(|mirror| mirror.tokens(now) < 2.0);
        let measured = match known.as_ref().filter(|mirror| mirror.lost > 0.0) {
            // The bucket ran over while nothing was sent.
            Some(mirror) => mirror.measured_since_the_wait(now),
            None => per_second(last.answered, last.at, now),
        };
        let lately = if was_paced { self.lately.rate(now) } else { None };
        let is_small = known.as_ref().is_some_and(|mirror| mirror.lost > 0.0);
        let more = if is_small { MORE_OF_SMALL } else { MORE };
        let found = match (measured, lately) {
            (Some(measured), Some(lately)) if lately > measured * more => Some(lately),
            (measured, _) => measured,
        };
        let rate = found.or_else(|| self.guess(known.as_ref(), was_paced, started, now));
        if found.is_some() {
            self.backs = 0;
        }
        if let Some(rate) = rate {
            let unknown = if found.is_some() { f64::INFINITY } else { 1.0 };
            let mut mirror = Mirror::new(rate, unknown, found.is_some(), now);
            if let Some(known) = known {
                (mirror.room, mirror.is_room_known) = known.room_after(started, now);
            }
            self.mirror = Some(mirror);
        }
        self.lately = Lately::default();
        self.throttled = Some(Throttled { at: now, answered: 0 });
        true
    }

    /// A rate to try where too little was answered to measure one.
    fn guess(&mut self, known: Option<&Mirror>, was_paced: bool, started: Instant, now: Instant) -> Option<f64> {
        let back = BACK[self.backs.min(BACK.len() - 1)];
        self.backs += 1;
        match known {
            // What had been saved up was too much, which says nothing of the rate.
            Some(known) if !was_paced || known.was_too_much_saved_up(started) => Some(known.measured),
            Some(known) => Some(known.rate(now) * back),
            // Once may be by chance.
            None if self.backs < 2 => None,
            None => {
                let (first, count) = self.burst?;
                let time = now.saturating_duration_since(first).max(Duration::from_millis(1));
                Some(f64::from(count) / time.as_secs_f64() * back)
            }
        }
    }
}

/// How many a second, if that says enough.
fn per_second(answered: u32, since: Instant, now: Instant) -> Option<f64> {
    let time = now.saturating_duration_since(since);
    (time >= INTERVAL && answered >= ANSWERS).then(|| f64::from(answered) / time.as_secs_f64())
}

/// How many attempts were answered lately.
#[derive(Debug, Default)]
struct Lately {
    /// In tenths of [`LATELY`]: when each began, and how many.
    tenths: VecDeque<(Instant, u32)>,
}

impl Lately {
    fn answered(&mut self, now: Instant) {
        match self.tenths.back_mut() {
            Some((begun, count)) if now.saturating_duration_since(*begun) < LATELY / 10 => *count += 1,
            _ => self.tenths.push_back((now, 1)),
        }
        while self.tenths.len() > 11 {
            self.tenths.pop_front();
        }
    }

    /// Per second, if it was answered all the time.
    fn rate(&self, now: Instant) -> Option<f64> {
        let (begun, _) = self.tenths.front()?;
        let time = now.saturating_duration_since(*begun);
        let count: u32 = self.tenths.iter().map(|(_, count)| *count).sum();
        let is_without_a_gap = self.tenths.len() > 10 && time < LATELY * 2;
        (is_without_a_gap && count >= ANSWERS).then(|| f64::from(count) / time.as_secs_f64())
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
    is_room_known: bool,
    /// Since when.
    since: Instant,
    /// How many it held at `at`.
    tokens: f64,
    at: Instant,
    /// When the first attempt since was started.
    resumed: Option<Instant>,
    answered: u32,
    /// Whether the rate was measured, and not guessed.
    is_measured: bool,
    /// How many seconds of the last wait the bucket could not hold.
    lost: f64,
}

impl Mirror {
    /// A bucket that has just been found empty.
    fn new(measured: f64, room: f64, is_measured: bool, now: Instant) -> Self {
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

    /// Nothing starts before then. What the bucket cannot hold of that time is lost.
    fn held(&mut self, until: Instant) {
        let held = until.saturating_duration_since(self.since).as_secs_f64();
        // A bucket that holds most of it is as good as one that holds all, and may hold more than is known.
        if self.room < SMALL * held * self.measured {
            self.lost = self.lost.max(held - self.room / self.measured);
        }
    }

    /// In how many seconds the curiosity doubles.
    fn risk(&self) -> f64 {
        if self.is_measured {
            (self.lost * RISK).clamp(1.0, LONGEST_RISK)
        } else {
            1.0
        }
    }

    /// The rate that is tried at `now`.
    fn rate(&self, now: Instant) -> f64 {
        // Beyond a factor of a thousand there is nothing to be careful about.
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        let seconds = (seconds / self.risk()).min(20.0);
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

    /// Whether an attempt that was started then, and found it empty, was one of those that used what had been saved up in a
    /// wait: then that was too much, which says nothing of the rate.
    fn was_too_much_saved_up(&self, started: Instant) -> bool {
        let is_soon = |resumed| started.saturating_duration_since(resumed) < SOON;
        self.room > 1.0 && self.resumed.is_some_and(is_soon)
    }

    /// The rate since the last wait, without what had been saved up.
    fn measured_since_the_wait(&self, now: Instant) -> Option<f64> {
        let resumed = self.resumed?;
        let saved = if self.is_room_known { self.room } else { 0.0 };
        let time = now.saturating_duration_since(resumed);
        (time >= INTERVAL && self.answered >= ANSWERS)
            .then(|| (f64::from(self.answered) - saved).max(1.0) / time.as_secs_f64())
    }

    /// How many tokens the bucket is taken to hold at most, now that it was found empty again, and whether that was seen.
    fn room_after(&self, started: Instant, now: Instant) -> (f64, bool) {
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
            pacer.answered(start);
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
        let mirror = Mirror::new(100.0, f64::INFINITY, true, now);
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
            pacer.answered(start);
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
            pacer.answered(start);
        }
        pacer.throttled(at(1_000), at(1_000));
        pacer.throttled(at(1_001), at(1_100));
        let mirror = pacer.mirror.as_ref().unwrap();
        assert!(
            (mirror.measured - 100.0).abs() < 0.001,
            "what was saved up was too much: {mirror:?}"
        );
        for _ in 0..25 {
            pacer.started(at(1_200));
        }
        pacer.throttled(at(1_350), at(1_360));
        let mirror = pacer.mirror.unwrap();
        let tried = 100.0 * (CAUTION + CURIOSITY * (0.26_f64.exp2() - 1.0));
        assert!((mirror.measured - tried * BACK[1]).abs() < 0.001, "{mirror:?}");
    }

    #[test]
    fn a_rate_is_guessed_where_nearly_all_is_refused() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::new(None);
        for cycle in 0..3 {
            let begun = cycle * 1_000;
            for _ in 0..4 {
                pacer.started(at(begun));
            }
            pacer.answered(at(begun + 20));
            pacer.throttled(at(begun), at(begun + 20));
            pacer.hold(at(begun + 1_000));
        }
        let mirror = pacer.mirror.unwrap();
        assert_eq!(
            (mirror.measured, mirror.room),
            (200.0 * BACK[1], 1.0),
            "four in 20 ms were too many"
        );
    }

    #[test]
    fn a_bucket_that_ran_over_has_the_rate_of_the_last_second() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::new(None);
        pacer.throttled(start, start);
        for millis in 0..10 {
            pacer.answered(at(millis * 100));
        }
        pacer.throttled(at(1_000), at(1_000));
        // Ten a second for ten seconds, and then a hundred.
        for n in 0..100 {
            pacer.started(at(1_100 + n * 100));
            pacer.answered(at(1_100 + n * 100));
        }
        for n in 0..200 {
            pacer.started(at(11_100 + n * 10));
            pacer.answered(at(11_100 + n * 10));
        }
        pacer.throttled(at(13_090), at(13_100));
        let rate = pacer.mirror.unwrap().measured;
        assert!((90.0..=105.0).contains(&rate), "{rate}");
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

    #[test]
    fn the_room_is_learned_from_what_was_answered_after_a_wait() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pacer = Pacer::new(None);
        pacer.throttled(start, start);
        for _ in 0..100 {
            pacer.answered(start);
        }
        pacer.throttled(at(1_000), at(1_000));
        for _ in 0..20 {
            pacer.started(at(2_000));
            pacer.answered(start);
        }
        pacer.throttled(at(2_001), at(2_100));
        let room = pacer.mirror.unwrap().room;
        assert!((room - 10.0).abs() < 0.001, "{room}: 20 answered in the time of 10");
    }
}
