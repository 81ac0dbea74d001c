//! The rules of a run as a whole, one service after the other. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::{
    Disposition, EntryStatus, Event, NoJournal, Order, OutcomeKind, Policy, Rate, Rest, RunOptions, StopHandle,
    StopReason, run,
};
use scripted::{Answer, Scripted, all, devices, scheduled};
use tokio::time::Instant;

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

/// Runs `count` devices in batches of at most `limit` through a scripted service.
async fn go(
    count: u64,
    limit: usize,
    concurrency: usize,
    policy: Policy,
    answer: impl Fn(&[u64], usize) -> Answer + Send + Sync + 'static,
) -> Ended {
    let service = Scripted::new(limit, answer);
    let options = RunOptions {
        concurrency: NonZeroUsize::new(concurrency).unwrap(),
        policy,
        order: Order::AsSettled,
        rest: Rest::Report,
        seed: Some(1),
        ..RunOptions::default()
    };
    let mut run = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        devices(0..count),
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
            Event::Started { .. } | Event::Waiting(_) => {}
        }
    }
    let stopped = run.end.await.unwrap().stopped;
    assert_eq!(outcomes.values().sum::<u64>(), count, "every device has its outcome");
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
async fn devices_that_failed_in_many_batches_share_requests() {
    // One device in so many fails once. At the end of the input, what has failed lately goes in a few requests.
    for (concurrency, one_in, most) in [
        (1, 100, 220),
        (4, 100, 220),
        (32, 100, 220),
        (4, 10, 240),
        (32, 10, 240),
    ] {
        let seen = std::sync::Mutex::new(std::collections::BTreeSet::new());
        let ended = go(20_000, 100, concurrency, Policy::default(), move |batch, _| {
            let mut seen = seen.lock().unwrap();
            let answer = |device: &u64| {
                if device % one_in == 7 && seen.insert(*device) {
                    EntryStatus::Failed
                } else {
                    EntryStatus::Scheduled
                }
            };
            Ok(batch.iter().map(answer).collect())
        })
        .await;
        assert!(ended.stopped.is_none());
        assert_eq!(ended.count(OutcomeKind::Scheduled), 20_000);
        let failed = 20_000 / usize::try_from(one_in).unwrap();
        assert_eq!(ended.received.iter().map(Vec::len).sum::<usize>(), 20_000 + failed);
        let requests = ended.received.len();
        assert!(
            requests <= most,
            "{requests} requests with {concurrency} in flight, one in {one_in} failing"
        );
    }
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
async fn a_process_that_was_stopped_has_not_waited_meanwhile() {
    let policy = Policy::default()
        .max_wait(Duration::from_secs(7))
        .unreached_for(Duration::from_secs(7))
        .backoff_base(Duration::from_secs(1));
    for disposition in [
        Disposition::Throttled(Some(Duration::from_secs(1))),
        Disposition::Throttled(None),
        Disposition::Backoff,
    ] {
        for concurrency in [1, 4] {
            let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
            let run = go(2_000, 100, concurrency, policy.clone(), move |batch, n| {
                if n == concurrency {
                    tell.send(()).unwrap();
                }
                if (concurrency..concurrency + 3).contains(&n) {
                    Err(disposition)
                } else {
                    scheduled(batch)
                }
            });
            // Within the first wait, the process is stopped for longer than it may wait.
            let stopped = async {
                told.recv().await.unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
                tokio::time::advance(Duration::from_secs(8)).await;
            };
            let (ended, ()) = tokio::join!(run, stopped);
            assert!(ended.stopped.is_none(), "{disposition:?}: {:?}", ended.stopped);
            assert_eq!(ended.count(OutcomeKind::Scheduled), 2_000, "{disposition:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_shorter_than_the_back_off_is_lengthened_to_it() {
    // What the service asks for each time: nothing at all, a millisecond, or no time.
    for wait in [Some(Duration::ZERO), Some(Duration::from_millis(1)), None] {
        let ended = go(100, 100, 1, Policy::default(), move |_, _| {
            Err(Disposition::Throttled(wait))
        })
        .await;
        assert!(
            matches!(ended.stopped, Some(StopReason::OnlyThrottled { .. })),
            "{wait:?}"
        );
        // Doubling from half a second to half a minute, 600 s are some thirty requests.
        assert!(
            ended.received.len() <= 50,
            "{wait:?}: {} requests",
            ended.received.len()
        );
        for (pause, most) in pauses(&ended)
            .iter()
            .zip([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000])
        {
            assert!((most / 2..=most + 1).contains(pause), "{wait:?}: {pause} ms");
        }
        let asked = *ended.at.last().unwrap() - ended.at[0];
        assert!(asked <= Duration::from_secs(600), "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_between_good_answers_is_no_shorter_than_the_first_back_off() {
    let ended = go(500, 100, 1, Policy::default(), |batch, n| match n % 2 {
        0 => scheduled(batch),
        _ => Err(Disposition::Throttled(Some(Duration::ZERO))),
    })
    .await;
    assert!(ended.stopped.is_none());
    assert_eq!(ended.count(OutcomeKind::Scheduled), 500);
    let after_a_wait = pauses(&ended).into_iter().skip(1).step_by(2);
    assert!(
        after_a_wait.clone().all(|pause| pause >= 250),
        "{:?}",
        after_a_wait.collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_unknown_is_sent_again_only_by_policy_and_stays_unknown_until_the_service_says_more() {
    let policy = |resend_unknown| Policy::default().resend_unknown(resend_unknown);
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
    let service = Scripted::new(1, |batch, _| scheduled(batch));
    let options = RunOptions {
        rate: Some(Rate::per_second(10.0).unwrap()),
        ..RunOptions::default()
    };
    let mut run = run(
        Arc::clone(&service),
        Arc::new(NoJournal),
        devices(0..101),
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
    let policy = Policy::default().resend_unknown(1);
    let ended = go(1, 1, 1, policy, |batch, n| match n {
        0 => Err(Disposition::Ambiguous),
        _ => all(batch, EntryStatus::Failed),
    })
    .await;
    let pauses = pauses(&ended);
    assert_eq!(pauses.len(), 4);
    for (pause, most) in pauses.iter().zip([500, 1_000, 2_000, 4_000]) {
        // And up to 200 ms more, so that it may share a request.
        assert!((most / 2..=most + 201).contains(pause), "{pauses:?}");
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
