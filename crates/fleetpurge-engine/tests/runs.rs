//! The rules of a run as a whole, one service after the other. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::result_large_err, reason = "the size of an error does not matter here")]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Attempt, DeletionService, Disposition, Entry, EntryStatus, Event, Input, NoJournal, Order, OutcomeKind, Policy,
    Receipt, Rest, RunOptions, SourceError, StopHandle, StopReason, SubmitError, Trail, run,
};
use futures_util::StreamExt;
use tokio::time::Instant;

type Answer = Result<Vec<EntryStatus>, Disposition>;
type Script = dyn Fn(&[u64], usize) -> Answer + Send + Sync;

/// A service that answers what a closure says, given the batch and how many requests came before.
struct Scripted {
    answer: Box<Script>,
    limit: usize,
    received: Mutex<Vec<Vec<u64>>>,
    at: Mutex<Vec<Instant>>,
}

impl DeletionService for Scripted {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.limit).unwrap()
    }

    async fn submit(&self, batch: &[&u64], _: &Attempt) -> Result<Receipt, SubmitError> {
        let batch: Vec<u64> = batch.iter().map(|device| **device).collect();
        let before = {
            let mut received = self.received.lock().unwrap();
            received.push(batch.clone());
            self.at.lock().unwrap().push(Instant::now());
            received.len() - 1
        };
        tokio::time::sleep(Duration::from_millis(10)).await;
        match (self.answer)(&batch, before) {
            Ok(entries) => Ok(Receipt {
                entries: entries.into_iter().map(Entry::of).collect(),
                anomalies: Vec::new(),
                trail: Trail::default(),
            }),
            Err(disposition) => Err(SubmitError {
                disposition,
                detail: "so it is scripted".to_owned(),
                trail: Trail {
                    status: (disposition != Disposition::Backoff).then_some(400),
                    ..Trail::default()
                },
                body_head: None,
                source: None,
            }),
        }
    }
}

struct Ended {
    outcomes: BTreeMap<OutcomeKind, u64>,
    stopped: Option<StopReason>,
    received: Vec<Vec<u64>>,
    at: Vec<Instant>,
    /// Of each attempt, how many devices are sent again.
    again: Vec<usize>,
}

impl Ended {
    fn count(&self, kind: OutcomeKind) -> u64 {
        self.outcomes.get(&kind).copied().unwrap_or_default()
    }

    fn times(&self, device: u64) -> usize {
        self.received.iter().filter(|batch| batch.contains(&device)).count()
    }
}

/// Runs `devices` devices in batches of at most `limit` through a scripted service.
async fn go(
    devices: u64,
    limit: usize,
    concurrency: usize,
    policy: Policy,
    answer: impl Fn(&[u64], usize) -> Answer + Send + Sync + 'static,
) -> Ended {
    let service = Arc::new(Scripted {
        answer: Box::new(answer),
        limit,
        received: Mutex::default(),
        at: Mutex::default(),
    });
    let options = RunOptions {
        concurrency: NonZeroUsize::new(concurrency).unwrap(),
        policy,
        order: Order::AsSettled,
        rest: Rest::Report,
        seed: Some(1),
        ..RunOptions::default()
    };
    let source = futures_util::stream::iter(0..devices).map(|key| Ok::<_, SourceError>(Input::send(key, key)));
    let mut run = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        source,
        &options,
        StopHandle::new(),
    );
    let mut outcomes: BTreeMap<OutcomeKind, u64> = BTreeMap::new();
    let mut resent = Vec::new();
    while let Some(event) = run.events.recv().await {
        match event {
            Event::Done(done) => {
                for device in done {
                    *outcomes.entry(device.outcome.kind).or_default() += 1;
                }
            }
            Event::Landed { again, .. } => resent.push(again),
            Event::Waiting(_) => {}
        }
    }
    let stopped = run.end.await.unwrap().stopped;
    assert_eq!(outcomes.values().sum::<u64>(), devices, "every device has its outcome");
    let received = std::mem::take(&mut *service.received.lock().unwrap());
    let at = std::mem::take(&mut *service.at.lock().unwrap());
    Ended {
        outcomes,
        stopped,
        received,
        at,
        again: resent,
    }
}

/// How long after each request the next one came, without the 10 ms of its answer.
fn pauses(ended: &Ended) -> Vec<u128> {
    let at = ended.at.windows(2);
    at.map(|at| (at[1] - at[0] - Duration::from_millis(10)).as_millis())
        .collect()
}

fn all(batch: &[u64], status: EntryStatus) -> Answer {
    Ok(vec![status; batch.len()])
}

fn scheduled(batch: &[u64]) -> Answer {
    all(batch, EntryStatus::Scheduled)
}

#[tokio::test(start_paused = true)]
async fn a_service_that_always_answers_ambiguously_leaves_the_fleet_pending() {
    for concurrency in [1, 4, 16] {
        let ended = go(5_000, 100, concurrency, Policy::default(), |_, _| {
            Err(Disposition::Ambiguous)
        })
        .await;
        let unknown = ended.count(OutcomeKind::Unknown);
        assert_eq!(unknown, concurrency as u64 * 100 + 4, "{concurrency} in flight");
        assert_eq!(ended.count(OutcomeKind::Pending), 5_000 - unknown);
        assert!(matches!(ended.stopped, Some(StopReason::Ambiguous { in_a_row: 5, .. })));
        let probes: Vec<_> = ended.received[concurrency..].iter().map(Vec::len).collect();
        assert_eq!(probes, [1, 1, 1, 1], "one device at a time");
        // 500 ms, then twice as long each time, of which at least half.
        let pauses: Vec<_> = ended.at[concurrency - 1..]
            .windows(2)
            .map(|at| (at[1] - at[0]).as_millis())
            .collect();
        for (pause, least) in pauses.iter().zip([250, 500, 1_000, 2_000]) {
            assert!((least..=2 * least + 20).contains(pause), "{pauses:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_says_nothing_of_any_device_counts_as_ambiguous() {
    let ended = go(5_000, 100, 4, Policy::default(), |batch, _| {
        all(batch, EntryStatus::Unknown)
    })
    .await;
    assert_eq!(ended.count(OutcomeKind::Unknown), 404);
    assert_eq!(ended.count(OutcomeKind::Pending), 4_596);
}

#[tokio::test(start_paused = true)]
async fn one_lost_answer_among_good_ones_costs_one_batch() {
    let ended = go(5_000, 100, 4, Policy::default(), |batch, n| {
        if n == 7 {
            Err(Disposition::Ambiguous)
        } else {
            scheduled(batch)
        }
    })
    .await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.count(OutcomeKind::Unknown), 100);
    assert_eq!(ended.count(OutcomeKind::Scheduled), 4_900);
}

#[tokio::test(start_paused = true)]
async fn a_missing_entry_here_and_there_does_not_stop_a_run() {
    let ended = go(5_000, 100, 4, Policy::default(), |batch, _| {
        let mut entries = vec![EntryStatus::Scheduled; batch.len()];
        entries[0] = EntryStatus::Unknown;
        Ok(entries)
    })
    .await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.count(OutcomeKind::Unknown), 50);
    assert_eq!(ended.received.len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_lower_limit_is_found_and_remembered() {
    for true_limit in [50, 33, 7, 1] {
        let ended = go(1_000, 100, 4, Policy::default(), move |batch, _| {
            if batch.len() > true_limit {
                Err(Disposition::TooLarge)
            } else {
                scheduled(batch)
            }
        })
        .await;
        assert!(ended.stopped.is_none());
        assert_eq!(ended.count(OutcomeKind::Scheduled), 1_000);
        let refused = ended.received.iter().filter(|batch| batch.len() > true_limit).count();
        // Each halving is learned once for all; what was queued or in flight meanwhile may be refused as well.
        assert!(refused <= 4 * 7, "{refused} refused at a limit of {true_limit}");
        let accepted = ended.received.iter().map(Vec::len).filter(|len| *len <= true_limit);
        let found = accepted.max().unwrap();
        assert!(found * 2 > true_limit, "{found} found for a limit of {true_limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_too_large_on_its_own_is_rejected_and_a_service_that_takes_none_is_given_up() {
    let ended = go(400, 100, 4, Policy::default(), |_, _| Err(Disposition::TooLarge)).await;
    assert!(matches!(ended.stopped, Some(StopReason::RefusesEverything(5))));
    assert_eq!(ended.count(OutcomeKind::Pending), 400);
}

#[tokio::test(start_paused = true)]
async fn poisoned_devices_are_found_by_halving() {
    for (bad, total) in [(1_u64, 1_024_u64), (4, 1_024), (16, 1_024), (3, 100)] {
        let step = total / bad;
        let is_bad = move |device: &u64| device % step == step / 2;
        let ended = go(total, 100, 1, Policy::default(), move |batch, _| {
            if batch.iter().any(is_bad) {
                Err(Disposition::Poisoned)
            } else {
                scheduled(batch)
            }
        })
        .await;
        assert!(ended.stopped.is_none());
        assert_eq!(ended.count(OutcomeKind::Rejected), bad);
        assert_eq!(ended.count(OutcomeKind::Scheduled), total - bad);
        let most = total.div_ceil(100) + 2 * bad * u64::from(100_u64.ilog2() + 1);
        assert!(
            ended.received.len() as u64 <= most,
            "{} requests for {bad} in {total}",
            ended.received.len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_every_device_stops_the_run_with_nothing_rejected() {
    for concurrency in [1, 4] {
        let ended = go(1_000, 100, concurrency, Policy::default(), |_, _| {
            Err(Disposition::Poisoned)
        })
        .await;
        assert!(matches!(ended.stopped, Some(StopReason::RefusesEverything(_))));
        assert_eq!(ended.count(OutcomeKind::Rejected), 0);
        assert_eq!(ended.count(OutcomeKind::Pending), 1_000);
    }
}

#[tokio::test(start_paused = true)]
async fn the_only_devices_of_a_list_may_be_rejected() {
    let ended = go(4, 100, 1, Policy::default(), |_, _| Err(Disposition::Poisoned)).await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.count(OutcomeKind::Rejected), 4);
}

#[tokio::test(start_paused = true)]
async fn a_failed_device_is_sent_four_times_and_on_its_own() {
    let ended = go(300, 100, 1, Policy::default(), |batch, _| {
        let failed = |device: &u64| {
            if device % 100 == 5 {
                EntryStatus::Failed
            } else {
                EntryStatus::Scheduled
            }
        };
        Ok(batch.iter().map(failed).collect())
    })
    .await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.count(OutcomeKind::Failed), 3);
    assert_eq!(ended.count(OutcomeKind::Scheduled), 297);
    for device in [5, 105, 205] {
        assert_eq!(ended.times(device), 4);
    }
    assert_eq!(ended.times(6), 1, "the rest of its batch is not sent again");
    assert!(ended.received.len() <= 3 + 9, "those of several batches may be joined");
}

#[tokio::test(start_paused = true)]
async fn five_batches_of_which_every_device_fails_stop_the_run() {
    let ended = go(1_000, 100, 1, Policy::default(), |batch, _| {
        all(batch, EntryStatus::Failed)
    })
    .await;
    assert!(matches!(ended.stopped, Some(StopReason::FailsEverything(5))));
    assert_eq!(ended.count(OutcomeKind::Pending), 1_000);
    assert_eq!(
        ended.again,
        [100, 100, 100, 100, 0],
        "a run that has stopped sends nothing again"
    );
    let ended = go(400, 100, 1, Policy::default(), |batch, _| {
        all(batch, EntryStatus::Failed)
    })
    .await;
    assert!(
        ended.stopped.is_none(),
        "four are not five, and devices sent again do not count"
    );
    assert_eq!(ended.count(OutcomeKind::Failed), 400);
}

#[tokio::test(start_paused = true)]
async fn a_refused_authorization_is_renewed_once_for_each_batch() {
    let ended = go(800, 100, 4, Policy::default(), |batch, n| {
        if n < 4 {
            Err(Disposition::Reauthenticate)
        } else {
            scheduled(batch)
        }
    })
    .await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.received.len(), 12);
    let ended = go(800, 100, 1, Policy::default(), |_, _| Err(Disposition::Reauthenticate)).await;
    assert!(matches!(ended.stopped, Some(StopReason::Refused { .. })));
    assert_eq!(ended.received.len(), 2);
    assert_eq!(ended.count(OutcomeKind::Pending), 800);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_never_reached_is_tried_five_times() {
    let ended = go(100, 100, 1, Policy::default(), |_, _| Err(Disposition::Backoff)).await;
    assert!(matches!(ended.stopped, Some(StopReason::Unreachable { .. })));
    assert_eq!(ended.received.len(), 5);
    assert_eq!(ended.count(OutcomeKind::Pending), 100);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_lost_after_a_reply_is_tried_for_five_minutes() {
    let ended = go(200, 100, 1, Policy::default(), |batch, n| {
        if n == 0 {
            scheduled(batch)
        } else {
            Err(Disposition::Backoff)
        }
    })
    .await;
    assert!(matches!(ended.stopped, Some(StopReason::Unreachable { .. })));
    let tried = *ended.at.last().unwrap() - ended.at[1];
    assert!(
        (Duration::from_secs(240)..=Duration::from_secs(300)).contains(&tried),
        "{tried:?}"
    );
    assert_eq!(ended.count(OutcomeKind::Scheduled), 100);
    assert_eq!(ended.count(OutcomeKind::Pending), 100);
}

#[tokio::test(start_paused = true)]
async fn everyone_waits_as_long_as_one_batch_was_told() {
    let wait = Duration::from_secs(40);
    let ended = go(1_000, 100, 4, Policy::default(), move |batch, n| {
        if n == 2 {
            Err(Disposition::Throttled(Some(wait)))
        } else {
            scheduled(batch)
        }
    })
    .await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.count(OutcomeKind::Scheduled), 1_000);
    let gap = ended.at[4] - ended.at[3];
    assert!(gap >= wait, "{gap:?}");
    assert_eq!(
        ended.received[2], ended.received[4],
        "the batch that was turned away goes first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_only_asks_to_wait_is_given_up_after_the_longest_wait() {
    let ended = go(100, 100, 1, Policy::default(), |_, _| {
        Err(Disposition::Throttled(Some(Duration::from_secs(50))))
    })
    .await;
    assert!(matches!(ended.stopped, Some(StopReason::OnlyThrottled { .. })));
    assert!(ended.received.len() <= 13, "{}", ended.received.len());
    let ended = go(100, 100, 1, Policy::default(), |_, _| {
        Err(Disposition::Throttled(Some(Duration::from_secs(601))))
    })
    .await;
    assert!(matches!(ended.stopped, Some(StopReason::WaitTooLong { .. })));
    assert_eq!(ended.received.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_unknown_is_sent_again_only_by_policy_and_stays_unknown_until_the_service_says_more() {
    let policy = |resend_unknown| Policy {
        resend_unknown,
        ..Policy::default()
    };
    let first_is_lost = |batch: &[u64], n: usize| {
        if n == 0 {
            Err(Disposition::Ambiguous)
        } else {
            scheduled(batch)
        }
    };
    let ended = go(10, 10, 1, policy(0), first_is_lost).await;
    assert_eq!((ended.received.len(), ended.count(OutcomeKind::Unknown)), (1, 10));
    let ended = go(10, 10, 1, policy(1), first_is_lost).await;
    assert_eq!(ended.count(OutcomeKind::Scheduled), 10);
    assert!(ended.received.iter().flatten().all(|device| ended.times(*device) == 2));
    let ended = go(10, 10, 1, policy(1), |batch, n| match n {
        0 => Err(Disposition::Ambiguous),
        _ => all(batch, EntryStatus::Failed),
    })
    .await;
    assert_eq!(
        ended.count(OutcomeKind::Unknown),
        10,
        "a second attempt that failed says nothing of the first"
    );
    let ended = go(10, 10, 1, policy(1), |_, n| {
        Err(if n == 0 {
            Disposition::Ambiguous
        } else {
            Disposition::Stop
        })
    })
    .await;
    assert_eq!(ended.count(OutcomeKind::Unknown), 10);
}

#[tokio::test(start_paused = true)]
async fn a_rate_is_kept() {
    let options_rate = 10.0;
    let service = Arc::new(Scripted {
        answer: Box::new(|batch, _| scheduled(batch)),
        limit: 1,
        received: Mutex::default(),
        at: Mutex::default(),
    });
    let options = RunOptions {
        rate: Some(options_rate),
        ..RunOptions::default()
    };
    let source = futures_util::stream::iter(0..101_u64).map(|key| Ok::<_, SourceError>(Input::send(key, key)));
    let mut run = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        source,
        &options,
        StopHandle::new(),
    );
    while run.events.recv().await.is_some() {}
    let at = service.at.lock().unwrap();
    let took = at[100] - at[0];
    assert!(
        (Duration::from_millis(9_900)..=Duration::from_millis(10_200)).contains(&took),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn failing_batches_with_good_ones_between_them_do_not_add_up() {
    let ended = go(2_000, 100, 1, Policy::default(), |batch, _| {
        let fails = batch.len() == 100 && (batch[0] / 100) % 2 == 0;
        all(
            batch,
            if fails {
                EntryStatus::Failed
            } else {
                EntryStatus::Scheduled
            },
        )
    })
    .await;
    assert!(ended.stopped.is_none(), "{:?}", ended.stopped);
    assert_eq!(ended.count(OutcomeKind::Failed), 1_000);
    assert_eq!(ended.count(OutcomeKind::Scheduled), 1_000);
}

#[tokio::test(start_paused = true)]
async fn devices_refused_before_the_first_receipt_are_rejected_with_it_and_not_with_the_end() {
    let ended = go(20, 1, 1, Policy::default(), |batch, _| match batch[0] {
        0..3 => Err(Disposition::Poisoned),
        3..10 => scheduled(batch),
        _ => Err(Disposition::Stop),
    })
    .await;
    assert!(matches!(ended.stopped, Some(StopReason::Refused { .. })));
    assert_eq!(ended.count(OutcomeKind::Rejected), 3);
    assert_eq!(ended.count(OutcomeKind::Scheduled), 7);
    assert_eq!(ended.count(OutcomeKind::Pending), 10);
}

#[tokio::test(start_paused = true)]
async fn a_device_waits_twice_as_long_each_time_it_is_sent_again_for_whatever_reason() {
    let policy = Policy {
        resend_unknown: 1,
        ..Policy::default()
    };
    let ended = go(1, 1, 1, policy, |batch, n| match n {
        0 => Err(Disposition::Ambiguous),
        _ => all(batch, EntryStatus::Failed),
    })
    .await;
    let pauses = pauses(&ended);
    assert_eq!(pauses.len(), 4);
    for (pause, most) in pauses.iter().zip([500, 1_000, 2_000, 4_000]) {
        assert!((most / 2..=most + 1).contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_receipt_with_an_entry_too_few_or_too_many_says_nothing_of_its_batch() {
    for entries in [0, 99, 101] {
        let ended = go(200, 100, 1, Policy::default(), move |batch, n| match n {
            0 => Ok(vec![EntryStatus::Scheduled; entries]),
            _ => scheduled(batch),
        })
        .await;
        assert!(ended.stopped.is_none());
        assert_eq!(
            ended.count(OutcomeKind::Unknown),
            100,
            "{entries} entries for 100 devices"
        );
        assert_eq!(ended.count(OutcomeKind::Scheduled), 100);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_ahead_than_the_next_batch_takes() {
    let read = Arc::new(Mutex::new(0));
    let most_ahead = Arc::new(Mutex::new(0));
    let service = {
        let (read, most_ahead) = (Arc::clone(&read), Arc::clone(&most_ahead));
        Arc::new(Scripted {
            answer: Box::new(move |batch, _| {
                let ahead = *read.lock().unwrap() - batch[0];
                let mut most_ahead = most_ahead.lock().unwrap();
                *most_ahead = ahead.max(*most_ahead);
                scheduled(batch)
            }),
            limit: 10,
            received: Mutex::default(),
            at: Mutex::default(),
        })
    };
    let options = RunOptions {
        concurrency: NonZeroUsize::MIN,
        ..RunOptions::default()
    };
    let source = futures_util::stream::iter(0..1_000_u64).map(move |key| {
        *read.lock().unwrap() += 1;
        Ok::<_, SourceError>(Input::send(key, key))
    });
    let mut run = run(service, Arc::new(NoJournal), source, &options, StopHandle::new());
    while run.events.recv().await.is_some() {}
    assert_eq!(*most_ahead.lock().unwrap(), 20, "one batch in flight, one that waits");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_asked_to_stop_finishes_what_is_in_flight_and_starts_nothing_more() {
    let stop = StopHandle::new();
    let service = {
        let stop = stop.clone();
        Arc::new(Scripted {
            answer: Box::new(move |batch, n| {
                if n == 2 {
                    stop.stop();
                }
                scheduled(batch)
            }),
            limit: 100,
            received: Mutex::default(),
            at: Mutex::default(),
        })
    };
    let options = RunOptions {
        concurrency: NonZeroUsize::new(2).unwrap(),
        rest: Rest::Report,
        ..RunOptions::default()
    };
    let source = futures_util::stream::iter(0..1_000_u64).map(|key| Ok::<_, SourceError>(Input::send(key, key)));
    assert!(!stop.is_stopped());
    let mut run = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        source,
        &options,
        stop.clone(),
    );
    let mut outcomes: BTreeMap<OutcomeKind, usize> = BTreeMap::new();
    while let Some(event) = run.events.recv().await {
        if let Event::Done(done) = event {
            for device in done {
                *outcomes.entry(device.outcome.kind).or_default() += 1;
            }
        }
    }
    assert!(stop.is_stopped());
    assert!(matches!(run.end.await.unwrap().stopped, Some(StopReason::Interrupted)));
    assert_eq!(service.received.lock().unwrap().len(), 4);
    let expected = [(OutcomeKind::Scheduled, 400), (OutcomeKind::Pending, 600)];
    assert_eq!(outcomes, BTreeMap::from(expected));
}
