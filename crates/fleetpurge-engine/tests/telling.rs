//! The events of a run: waits, attempts, and the outcome of each device. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::{
    Disposition, Done, EntryStatus, Event, Input, NoJournal, OutcomeKind, Rate, Rest, RunEnd, RunOptions, SourceError,
    StopHandle, WaitReason, run,
};
use futures_util::{Stream, StreamExt};
use scripted::{Scripted, all, devices, scheduled};
use tokio::time::Instant;

/// All that a run told, sorted.
struct Told {
    waits: Vec<Duration>,
    /// Batch, number and how many are sent again.
    landed: Vec<(u64, u32, usize)>,
    done: Vec<Done<u64>>,
    end: RunEnd,
}

async fn go(
    service: &Arc<Scripted>,
    source: impl Stream<Item = Result<Input<u64>, SourceError>> + Send + 'static,
    options: RunOptions,
) -> Told {
    let options = RunOptions {
        concurrency: NonZeroUsize::MIN,
        seed: Some(1),
        ..options
    };
    let stop = StopHandle::new();
    let mut run = run(Arc::clone(service), Arc::new(NoJournal), source, &options, stop);
    let (mut waits, mut landed, mut done) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(event) = run.events.recv().await {
        match event {
            Event::Waiting(wait) => waits.push(wait.until - Instant::now()),
            Event::Landed { attempt, again, .. } => landed.push((attempt.batch, attempt.number, again)),
            Event::Done(devices) => done.extend(devices),
            Event::Started { .. } => {}
        }
    }
    done.sort_by_key(|device| device.key);
    let end = run.end.await.unwrap();
    Told {
        waits,
        landed,
        done,
        end,
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_told_once_and_only_when_something_waits() {
    let wait = Duration::from_secs(40);
    let service = Scripted::new(10, move |batch, n| match n {
        1 | 3 => Err(Disposition::Throttled(Some(wait))),
        _ => scheduled(batch),
    });
    let told = go(&service, devices(0..40), RunOptions::default()).await;
    assert_eq!(told.waits, [wait, wait]);

    // A cap that an input slower than it never meets.
    let service = Scripted::new(1, |batch, _| scheduled(batch));
    let slow = devices(0..5).then(|device| async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        device
    });
    let capped = RunOptions {
        rate: Some(Rate::per_second(1.0).unwrap()),
        ..RunOptions::default()
    };
    let told = go(&service, slow, capped).await;
    assert_eq!((told.waits, told.done.len()), (vec![], 5));
}

#[tokio::test(start_paused = true)]
async fn batches_attempts_and_the_attempts_of_a_device_are_counted_from_one() {
    // The first batch is turned away once, of the second one device fails once.
    let service = Scripted::new(3, |batch, n| match n {
        0 => Err(Disposition::Reauthenticate),
        2 => Ok(vec![
            EntryStatus::Scheduled,
            EntryStatus::Failed,
            EntryStatus::Scheduled,
        ]),
        _ => scheduled(batch),
    });
    let told = go(&service, devices(0..6), RunOptions::default()).await;
    assert_eq!(told.landed, [(1, 1, 3), (1, 2, 0), (2, 1, 1), (3, 1, 0)]);
    assert_eq!(told.end.attempts, 4);
    let seen: Vec<_> = told
        .done
        .iter()
        .map(|device| (device.attempts, device.attempt.map(|last| (last.batch, last.number))))
        .collect();
    let (second, third) = (Some((2, 1)), Some((3, 1)));
    assert_eq!(
        seen,
        [
            (2, Some((1, 2))),
            (2, Some((1, 2))),
            (2, Some((1, 2))),
            (1, second),
            (2, third),
            (1, second)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn halves_are_batches_of_their_own_and_so_is_what_is_cut_off_under_a_lower_limit() {
    let service = Scripted::new(4, |batch, n| match n {
        0 => Err(Disposition::Throttled(Some(Duration::ZERO))),
        1 => Err(Disposition::TooLarge),
        _ => scheduled(batch),
    });
    let told = go(&service, devices(0..4), RunOptions::default()).await;
    assert_eq!(told.landed, [(1, 1, 4), (1, 2, 4), (2, 1, 0), (3, 1, 0)]);
    assert!(told.done.iter().all(|device| device.attempts == 3));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_not_sent_again_keeps_its_last_attempt() {
    // The first batch is turned away; the next answer ends the run.
    let service = Scripted::new(2, |batch, n| match n {
        0 => all(batch, EntryStatus::Failed),
        _ => Err(Disposition::Stop),
    });
    let options = RunOptions {
        rest: Rest::Report,
        ..RunOptions::default()
    };
    let told = go(&service, devices(0..6), options).await;
    let seen: Vec<_> = told
        .done
        .iter()
        .map(|device| {
            let again = device
                .outcome
                .detail
                .as_deref()
                .unwrap()
                .starts_with("not sent again: ");
            (device.attempts, device.attempt.map(|last| last.batch), again)
        })
        .collect();
    assert_eq!(
        seen,
        [
            (1, Some(1), true),
            (1, Some(1), true),
            (1, Some(2), false),
            (1, Some(2), false),
            (0, None, false),
            (0, None, false)
        ]
    );
    assert!(
        told.done
            .iter()
            .all(|device| device.outcome.kind == OutcomeKind::Pending)
    );
}

#[tokio::test(start_paused = true)]
async fn a_device_an_earlier_run_may_have_deleted_is_unknown_until_the_service_says_more() {
    type Answered = fn(&[u64], usize) -> scripted::Answer;
    let answers: [(&str, Answered, OutcomeKind); 6] = [
        ("scheduled", |batch, _| scheduled(batch), OutcomeKind::Scheduled),
        (
            "invalid",
            |batch, _| all(batch, EntryStatus::Invalid),
            OutcomeKind::Invalid,
        ),
        (
            "failed",
            |batch, _| all(batch, EntryStatus::Failed),
            OutcomeKind::Unknown,
        ),
        ("refused", |_, _| Err(Disposition::Stop), OutcomeKind::Unknown),
        ("not reached", |_, _| Err(Disposition::Backoff), OutcomeKind::Unknown),
        ("poisoned", |_, _| Err(Disposition::Poisoned), OutcomeKind::Unknown),
    ];
    for (case, answer, expected) in answers {
        let service = Scripted::new(1, answer);
        let source = futures_util::stream::iter(0..2_u64).map(|key| Ok(Input::resend(key, key)));
        let options = RunOptions {
            rest: Rest::Report,
            ..RunOptions::default()
        };
        let told = go(&service, source, options).await;
        let kinds: Vec<_> = told.done.iter().map(|device| device.outcome.kind).collect();
        assert_eq!(kinds, [expected; 2], "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_wait_is_told_with_its_reason() {
    type Answered = fn(&[u64], usize) -> scripted::Answer;
    let answers: [(&str, Answered, WaitReason); 4] = [
        (
            "throttled",
            |batch, n| {
                if n == 1 {
                    Err(Disposition::Throttled(None))
                } else {
                    scheduled(batch)
                }
            },
            WaitReason::Throttled,
        ),
        (
            "not reached",
            |batch, n| {
                if n == 1 {
                    Err(Disposition::Backoff)
                } else {
                    scheduled(batch)
                }
            },
            WaitReason::Unreached,
        ),
        (
            "unclear",
            |batch, n| {
                if n == 1 {
                    Err(Disposition::Ambiguous)
                } else {
                    scheduled(batch)
                }
            },
            WaitReason::Unclear,
        ),
        (
            "failed, at the end of the input",
            |batch, n| {
                if n == 3 {
                    all(batch, EntryStatus::Failed)
                } else {
                    scheduled(batch)
                }
            },
            WaitReason::SentAgain,
        ),
    ];
    for (case, answer, expected) in answers {
        let service = Scripted::new(2, answer);
        let options = RunOptions {
            concurrency: NonZeroUsize::MIN,
            seed: Some(1),
            ..RunOptions::default()
        };
        let mut run = run(service, Arc::new(NoJournal), devices(0..8), &options, StopHandle::new());
        let mut waits = Vec::new();
        while let Some(event) = run.events.recv().await {
            if let Event::Waiting(wait) = event {
                assert!(
                    !wait.length.is_zero() && wait.until > Instant::now(),
                    "{case}: {wait:?}"
                );
                waits.push(wait.reason);
            }
        }
        assert_eq!(waits, [expected], "{case}");
    }
}
