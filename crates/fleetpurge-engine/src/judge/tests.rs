//! Which answers count, and for how long they hold up what comes after them.
#![expect(clippy::result_large_err, reason = "the size of an error does not matter here")]

use std::time::Duration;

use super::*;
use crate::service::{Entry, Trail};

fn judge() -> Judge {
    let options = RunOptions {
        seed: Some(1),
        ..RunOptions::default()
    };
    Judge::new(&options, 100)
}

/// A lone device whose attempt was started at `started`.
fn lone(started: Instant) -> Facts<'static> {
    const FIRST: &[Rounds] = &[Rounds {
        failed: 0,
        unknown: 0,
        may_be_applied: false,
    }];
    Facts {
        rounds: FIRST,
        unreached: 0,
        reauthenticated: false,
        started,
    }
}

fn error(disposition: Disposition, status: Option<u16>) -> Result<Receipt, SubmitError> {
    Err(SubmitError {
        kind: ErrorKind::Refused,
        disposition,
        detail: "so it is told".to_owned(),
        trail: Trail {
            status,
            ..Trail::default()
        },
        body_head: None,
        source: None,
    })
}

fn scheduled() -> Result<Receipt, SubmitError> {
    Ok(Receipt {
        entries: vec![Entry::of(EntryStatus::Scheduled)],
        anomalies: Vec::new(),
        trail: Trail::default(),
    })
}

#[test]
fn what_the_service_said_is_a_reply_and_what_was_not_heard_is_none() {
    let now = Instant::now();
    for (answer, is_reply) in [
        (error(Disposition::Backoff, None), false),
        (error(Disposition::Ambiguous, None), false),
        (error(Disposition::Ambiguous, Some(500)), true),
        (error(Disposition::Throttled(None), Some(429)), true),
        (error(Disposition::Reauthenticate, Some(401)), true),
        (error(Disposition::TooLarge, Some(413)), true),
        (scheduled(), true),
    ] {
        let mut judge = judge();
        judge.verdict(&lone(now), &answer, now);
        // The fifth try that finds no service is the last, unless there was a reply.
        let fifth = Facts {
            unreached: 4,
            ..lone(now)
        };
        judge.verdict(&fifth, &error(Disposition::Backoff, None), now);
        assert_eq!(judge.stop_reason().is_none(), is_reply, "{answer:?}");
    }
}

#[test]
fn requests_to_wait_count_once_for_all_that_was_in_flight_together() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let mut judge = judge();
    let wait = error(Disposition::Throttled(None), Some(429));
    let mut waits = |started, now, answer: &Result<Receipt, SubmitError>| {
        judge.verdict(&lone(started), answer, now);
        let idle = UnderWay {
            attempts: 0,
            requests: 0,
        };
        match judge.may_start(idle, now) {
            Start::At(at) => (at - now).as_millis(),
            _ => 0,
        }
    };
    for (case, started, answer, now, pauses) in [
        ("the first", at(0), &wait, at(10), 250..=500),
        ("another of those in flight then", at(0), &wait, at(11), 250..=500),
        ("one that was started since", at(600), &wait, at(610), 501..=1_000),
        ("something else", at(1_700), &scheduled(), at(1_710), 0..=0),
        (
            "the last of those in flight at first",
            at(0),
            &wait,
            at(2_000),
            250..=500,
        ),
        ("one that was started since", at(2_600), &wait, at(2_610), 501..=1_000),
    ] {
        let pause = waits(started, now, answer);
        assert!(pauses.contains(&pause), "{case}: {pause} ms");
    }
}
