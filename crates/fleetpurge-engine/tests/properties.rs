//! What must hold of every run, whatever the service does: random inputs, random faults, paused time.
//!
//! `PROPTEST_CASES=100000 cargo test -p fleetpurge-engine --test properties` runs more cases than CI does.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::result_large_err, reason = "the size of an error does not matter here")]

mod support;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Applied, Event, Input, Order, Outcome, OutcomeKind, Policy, Rest, RunOptions, SourceError, StopHandle, StopReason,
    run,
};
use futures_util::StreamExt;
use proptest::prelude::*;
use support::{Account, FakeJournal, FakeService, Nature, Speaks, Weights};

/// One run: its input, its service and how it is asked to go.
#[derive(Clone, Debug)]
struct Case {
    devices: u64,
    skipped: HashSet<u64>,
    concurrency: usize,
    nature: Nature,
    order: Order,
    rest: Rest,
    linger: Option<Duration>,
    /// Of a hundred devices, how many the producer pauses before.
    pauses: u64,
    journal_fails_after: Option<u64>,
    stop_after: Option<u64>,
    resend_unknown: u32,
}

fn weights() -> impl Strategy<Value = Weights> {
    // Most services answer most of the time: `rare` faults are those that end a run.
    let often = || prop_oneof![3 => Just(0_u32), 2 => 0..30_u32, 1 => 0..300_u32];
    let rare = || prop_oneof![6 => Just(0_u32), 1 => 0..10_u32];
    let share = || prop_oneof![3 => Just(0_u32), 2 => 0..10_u32, 1 => 0..90_u32];
    (
        (prop_oneof![9 => 50..200_u32, 1 => Just(0)], often(), often(), often()),
        (rare(), often(), rare(), rare()),
        (share(), share(), share(), rare()),
    )
        .prop_map(
            |((receipt, backoff, throttled, reauthenticate), (stop, ambiguous, ambiguous_stop, panic), entries)| {
                let (invalid, failed, unknown, short) = entries;
                Weights {
                    receipt,
                    backoff,
                    throttled,
                    reauthenticate,
                    stop,
                    ambiguous,
                    ambiguous_stop,
                    panic,
                    invalid,
                    failed,
                    unknown,
                    short,
                }
            },
        )
}

prop_compose! {
    fn case()(
        devices in prop_oneof![0..8_u64, 0..300_u64],
        concurrency in 1..9_usize,
        told_limit in 1..21_usize,
        lowered in 0..21_usize,
        (room, speaks) in (
            prop_oneof![2 => Just(None), 1 => (0..30_usize).prop_map(Some)],
            prop_oneof![Just(Speaks::OfDevices), Just(Speaks::OfBatches)],
        ),
        weights in weights(),
        seed in any::<u64>(),
        order in prop_oneof![Just(Order::AsSettled), Just(Order::Input)],
        rest in prop_oneof![Just(Rest::Leave), Just(Rest::Report)],
        (linger, pauses) in (
            prop_oneof![1 => Just(None), 1 => (0..400_u64).prop_map(|ms| Some(Duration::from_millis(ms)))],
            prop_oneof![2 => Just(0_u64), 1 => 0..60_u64],
        ),
        journal_fails_after in prop_oneof![8 => Just(None), 1 => (0..40_u64).prop_map(Some)],
        stop_after in prop_oneof![6 => Just(None), 1 => (0..20_u64).prop_map(Some)],
        poison_share in prop_oneof![3 => Just(0.0), 1 => 0.0..0.1, 1 => Just(1.0)],
        resend_unknown in prop_oneof![3 => Just(0_u32), 1 => 1..3_u32],
        skipped_share in prop_oneof![2 => Just(0.0), 1 => 0.0..0.5],
    ) -> Case {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut some = |share: f64| (0..devices).filter(|_| random.f64() < share).collect::<HashSet<_>>();
        Case {
            devices,
            skipped: some(skipped_share),
            concurrency,
            nature: Nature {
                weights,
                told_limit,
                true_limit: if lowered == 0 { told_limit } else { lowered.min(told_limit) },
                room,
                speaks,
                poison: some(poison_share),
                seed,
            },
            order,
            rest,
            linger,
            pauses,
            journal_fails_after,
            stop_after,
            resend_unknown,
        }
    }
}

/// What a run came to.
struct Ended {
    done: Vec<(u64, Outcome)>,
    stopped: Option<StopReason>,
    account: Account,
    most_held: u64,
    /// How many devices its input handed to the run.
    handed: u64,
}

async fn go(case: &Case) -> Ended {
    let account = Arc::new(Mutex::new(Account::default()));
    let service = Arc::new(FakeService::new(
        case.nature.clone(),
        case.resend_unknown,
        Arc::clone(&account),
    ));
    let journal = Arc::new(FakeJournal::new(Arc::clone(&account), case.journal_fails_after));
    let read = Arc::new(AtomicU64::new(0));
    let handed = Arc::new(AtomicU64::new(0));
    let source = {
        let (read, skipped, pauses) = (Arc::clone(&read), case.skipped.clone(), case.pauses);
        let handed = Arc::clone(&handed);
        let mut random = fastrand::Rng::with_seed(case.nature.seed ^ 1);
        futures_util::stream::iter(0..case.devices)
            .map(move |key| {
                read.fetch_add(1, Ordering::Relaxed);
                Ok::<_, SourceError>(if skipped.contains(&key) {
                    Input::decided(key, key, Outcome::because(OutcomeKind::Skipped, "left out"))
                } else {
                    Input::send(key, key)
                })
            })
            .then(move |input| {
                let pause = random.u64(0..100) < pauses;
                let pause = Duration::from_millis(if pause { random.u64(0..500) } else { 0 });
                let handed = Arc::clone(&handed);
                async move {
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                    handed.fetch_add(1, Ordering::Relaxed);
                    input
                }
            })
    };
    let options = RunOptions {
        concurrency: NonZeroUsize::new(case.concurrency).unwrap(),
        order: case.order,
        rest: case.rest,
        linger: case.linger,
        seed: Some(case.nature.seed),
        policy: Policy::default().resend_unknown(case.resend_unknown),
        ..RunOptions::default()
    };
    let stop = StopHandle::new();
    let mut run = run(Arc::clone(&service), journal, source, &options, stop.clone());
    let mut done = Vec::new();
    let mut most_held = 0;
    let mut landed = 0;
    while let Some(event) = run.events.recv().await {
        match event {
            Event::Done(devices) => done.extend(devices.into_iter().map(|device| {
                assert_eq!(device.key, device.device);
                (device.key, device.outcome)
            })),
            Event::Landed { .. } => {
                landed += 1;
                if case.stop_after.is_some_and(|n| landed > n) {
                    stop.stop();
                }
            }
            Event::Started { .. } | Event::Waiting(_) => {}
        }
        most_held = most_held.max(read.load(Ordering::Relaxed).saturating_sub(done.len() as u64));
    }
    let end = run.end.await.unwrap();
    drop(service);
    let account = std::mem::take(&mut *account.lock().unwrap());
    assert!(end.attempts >= account.attempts, "attempts are counted");
    Ended {
        done,
        stopped: end.stopped,
        account,
        most_held,
        handed: handed.load(Ordering::Relaxed),
    }
}

fn check(case: &Case, result: &Ended) -> Result<(), TestCaseError> {
    let Ended {
        done,
        stopped,
        account,
        most_held,
        handed,
    } = result;
    prop_assert!(account.broken.is_empty(), "{:?}", account.broken);

    // Every device has at most one outcome; all have one unless the run stopped and was to leave the rest unread.
    let keys: HashSet<u64> = done.iter().map(|(key, _)| *key).collect();
    prop_assert_eq!(keys.len(), done.len(), "a device has two outcomes");
    // The rest of a run that stopped does not wait for a producer that pauses longer than the linger.
    let may_leave = case.rest == Rest::Leave || (case.linger.is_some() && case.pauses > 0);
    if stopped.is_none() || !may_leave {
        prop_assert_eq!(keys.len() as u64, case.devices, "a device has no outcome");
    }
    prop_assert!(keys.iter().all(|key| *key < case.devices));
    if case.rest == Rest::Report {
        prop_assert_eq!(keys.len() as u64, *handed, "a device that the run took has no outcome");
    }

    let received: HashSet<u64> = account.received.iter().map(|(device, _)| *device).collect();
    prop_assert!(
        received.iter().all(|device| *device < case.devices),
        "nothing outside the input is sent"
    );
    prop_assert!(received.is_disjoint(&case.skipped), "nothing that was left out is sent");

    let unsettled = account.unsettled();
    for (key, outcome) in done {
        match outcome.kind {
            OutcomeKind::Scheduled => prop_assert!(account.scheduled.contains(key), "{key}: false scheduled"),
            OutcomeKind::Skipped => prop_assert!(case.skipped.contains(key)),
            _ => {}
        }
        if case.skipped.contains(key) {
            prop_assert_eq!(outcome.kind, OutcomeKind::Skipped);
        }
        // What was told is what was recorded, and what was begun and not settled is told as unknown.
        match account.recorded.get(key) {
            _ if unsettled.contains(key) => prop_assert_eq!(outcome.kind, OutcomeKind::Unknown, "{} is unsettled", key),
            Some(recorded) => prop_assert_eq!(recorded.kind, outcome.kind, "{} was recorded otherwise", key),
            None => prop_assert!(matches!(outcome.kind, OutcomeKind::Pending | OutcomeKind::Skipped)),
        }
        if stopped.is_none() {
            prop_assert!(
                outcome.kind != OutcomeKind::Pending,
                "{key} is pending at the end of a whole run"
            );
        }
    }
    // What may have been applied is never called pending.
    for (device, applied) in &account.received {
        if *applied == Applied::Maybe
            && let Some((_, outcome)) = done.iter().find(|(key, _)| key == device)
        {
            let resolved =
                case.resend_unknown > 0 && matches!(outcome.kind, OutcomeKind::Scheduled | OutcomeKind::Invalid);
            prop_assert!(
                resolved || outcome.kind == OutcomeKind::Unknown,
                "{device} may have been applied: {outcome:?}"
            );
        }
    }

    prop_assert!(account.most_in_flight <= case.concurrency);
    prop_assert!(account.most_open <= case.concurrency);
    prop_assert!(account.largest_batch <= case.nature.told_limit);
    prop_assert!(account.longest_batch <= case.nature.room.unwrap_or(usize::MAX));
    // Eight full rounds wait or fly, one batch is being filled, and two rounds are on their way to the listener.
    let bound = ((case.concurrency * 11 + 2) * case.nature.told_limit) as u64;
    if case.rest == Rest::Leave {
        prop_assert!(*most_held <= bound, "{most_held} devices held, {bound} allowed");
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(10_000)
}

#[test]
fn no_run_breaks_a_rule() {
    // The panics of the service's own code are part of the game.
    std::panic::set_hook(Box::new(|_| {}));
    let config = ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&case(), |case| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let result = runtime.block_on(async {
            // Paused time: a day passes at once when nothing else can happen, so a run that hangs is found.
            tokio::time::timeout(Duration::from_secs(86_400), go(&case)).await
        });
        let Ok(result) = result else {
            return Err(TestCaseError::fail("the run hangs"));
        };
        check(&case, &result)
    });
    let _ = std::panic::take_hook();
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
