use super::mirror::{CAUTION, CURIOSITY};
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

#[test]
fn a_cap_is_shared_by_all_runs_of_the_tenant() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let company = |runs| Company { runs, rate: None };
    let mut pacer = Pacer::new(Some(Rate::per_second(10.0).unwrap()));
    pacer.started(start);
    assert_eq!(pacer.next_start(start), Some(at(100)));
    pacer.share(company(3), start);
    assert_eq!(
        pacer.next_start(start),
        Some(at(300)),
        "also for what was started already"
    );
    pacer.started(at(300));
    assert_eq!(pacer.next_start(at(300)), Some(at(600)));
    pacer.share(company(1), at(300));
    assert_eq!(pacer.next_start(at(300)), Some(at(400)), "the others are gone");
    pacer.share(company(0), at(300));
    assert_eq!(pacer.next_start(at(300)), Some(at(400)), "there is always one");
}

#[test]
fn a_learned_rate_is_shared_by_all_runs_of_the_tenant() {
    let start = Instant::now();
    let company = |runs, rate| Company { runs, rate };
    // A run that begins uses what the others have learned.
    let mut pacer = Pacer::new(None);
    pacer.share(company(2, Some(40.0)), start);
    assert_eq!(pacer.learned(), Some(20.0));
    pacer.share(company(4, Some(40.0)), start);
    assert_eq!(pacer.learned(), Some(10.0), "its share becomes less");
    pacer.share(company(1, Some(40.0)), start);
    assert_eq!(pacer.learned(), Some(40.0));
    // What it has found itself stands.
    pacer.share(company(1, Some(90.0)), start);
    assert_eq!(pacer.learned(), Some(40.0));
    let mut alone = Pacer::new(None);
    alone.share(company(1, None), start);
    assert_eq!((alone.learned(), alone.next_start(start)), (None, None));
}
