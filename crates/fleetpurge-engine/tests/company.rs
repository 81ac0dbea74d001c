//! Several runs that delete from one tenant at the same time, over a journal that they share. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::tenant::{Company, Later, TenantState};
use fleetpurge_engine::{
    Begun, Conclusion, Disposition, Event, Intent, Journal, JournalError, OutcomeKind, Policy, Rate, Rest, Run, RunEnd,
    RunOptions, Settlement, StopHandle, StopReason, run,
};
use futures_util::future::join_all;
use scripted::{Answer, Scripted, all, devices, scheduled};
use tokio::time::Instant;
use uuid::Uuid;

/// What the runs know together, and when what holds them up is over.
#[derive(Default)]
struct Tenant {
    state: TenantState<Uuid>,
    held: Option<Instant>,
    open: HashSet<Uuid>,
    put_off: Vec<Later>,
}

/// A journal in memory, as a database keeps it for several runs.
#[derive(Clone, Default)]
struct Together {
    tenant: Arc<Mutex<Tenant>>,
    runs: u32,
}

impl Together {
    fn with<T>(&self, change: impl FnOnce(&mut Tenant) -> T) -> T {
        let mut tenant = self.tenant.lock().unwrap();
        let left = tenant.held.map(|held| held.saturating_duration_since(Instant::now()));
        tenant.state.hold = match (tenant.state.hold, left) {
            (Some((_, hold)), Some(left)) if !left.is_zero() => Some((left, hold)),
            _ => None,
        };
        let changed = change(&mut tenant);
        tenant.held = tenant.state.hold.map(|(wait, _)| Instant::now() + wait);
        changed
    }
}

impl Journal for Together {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        let id = intent.attempt.request_id;
        Ok(self.with(|tenant| match tenant.state.may_begin(intent.is_probe) {
            Err(later) => {
                tenant.put_off.push(later.clone());
                Begun::Later(later)
            }
            Ok(()) => {
                tenant.state.begins(id, intent.is_probe);
                tenant.open.insert(id);
                Begun::Recorded(Company {
                    runs: self.runs,
                    rate: tenant.state.rate,
                })
            }
        }))
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        let id = settlement.attempt.request_id;
        self.with(|tenant| {
            assert!(tenant.open.remove(&id), "settled, and was put off");
            let detail = settlement.detail.as_deref().unwrap_or_default();
            tenant.state.settled(&id, &settlement.signal, self.runs, detail);
        });
        Ok(())
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        Ok(())
    }
}

/// What came of all runs.
struct Ended {
    outcomes: BTreeMap<OutcomeKind, u64>,
    stopped: Vec<Option<StopReason>>,
    received: Vec<Vec<u64>>,
    at: Vec<Instant>,
    attempts: u64,
    put_off: Vec<Later>,
}

impl Ended {
    fn count(&self, kind: OutcomeKind) -> u64 {
        self.outcomes.get(&kind).copied().unwrap_or_default()
    }
}

/// Listens to a run to its end: its outcomes, and how it ended.
async fn listen(mut run: Run<u64>) -> (Vec<OutcomeKind>, RunEnd) {
    let (mut kinds, mut open) = (Vec::new(), HashSet::new());
    while let Some(event) = run.events.recv().await {
        match event {
            Event::Done(done) => kinds.extend(done.iter().map(|device| device.outcome.kind)),
            Event::Started { attempt, .. } => assert!(open.insert(attempt.request_id)),
            Event::Landed { attempt, .. } => assert!(open.remove(&attempt.request_id)),
            Event::Waiting(_) => {}
        }
    }
    assert!(open.is_empty(), "what was told to have started was told to have landed");
    (kinds, run.end.await.unwrap())
}

/// Three runs of 1,000 devices each, in batches of 100, two at a time.
async fn three(options: RunOptions, answer: impl Fn(&[u64], usize) -> Answer + Send + Sync + 'static) -> Ended {
    let service = Scripted::new(100, answer);
    let journal = Together {
        runs: 3,
        ..Together::default()
    };
    let options = RunOptions {
        concurrency: NonZeroUsize::new(2).unwrap(),
        rest: Rest::Report,
        ..options
    };
    // All of them are listened to: a run waits for whoever does not take its events.
    let runs = (0..3_u64).map(|n| {
        let run = run(
            Arc::clone(&service),
            Arc::new(journal.clone()),
            devices(n * 1_000..(n + 1) * 1_000),
            &options,
            StopHandle::new(),
        );
        listen(run)
    });
    let mut outcomes: BTreeMap<OutcomeKind, u64> = BTreeMap::new();
    let (mut stopped, mut attempts) = (Vec::new(), 0);
    for (kinds, end) in join_all(runs).await {
        for kind in kinds {
            *outcomes.entry(kind).or_default() += 1;
        }
        attempts += end.attempts;
        stopped.push(end.stopped);
    }
    assert_eq!(outcomes.values().sum::<u64>(), 3_000, "every device has its outcome");
    let received = std::mem::take(&mut *service.received.lock().unwrap());
    let at = std::mem::take(&mut *service.at.lock().unwrap());
    Ended {
        outcomes,
        stopped,
        received,
        at,
        attempts,
        put_off: journal.with(|tenant| std::mem::take(&mut tenant.put_off)),
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_always_unclear_costs_three_runs_no_more_than_one() {
    let ended = three(RunOptions::default(), |_, _| Err(Disposition::Ambiguous)).await;
    // What each had in flight at once, and then four devices of all of them together.
    assert_eq!(ended.count(OutcomeKind::Unknown), 3 * 2 * 100 + 4);
    assert_eq!(ended.count(OutcomeKind::Pending), 3_000 - 604);
    let lengths: Vec<_> = ended.received.iter().map(Vec::len).collect();
    assert_eq!(lengths, [100, 100, 100, 100, 100, 100, 1, 1, 1, 1]);
    assert_eq!(ended.attempts, 10, "what was put off was no attempt");
    for reason in &ended.stopped {
        assert!(
            matches!(reason, Some(StopReason::Ambiguous { in_a_row: 5, .. })),
            "{reason:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn one_probe_and_one_batch_at_a_time_until_the_service_is_clear_again() {
    let ended = three(RunOptions::default(), |batch, before| match before {
        0..6 => Err(Disposition::Ambiguous),
        _ => scheduled(batch),
    })
    .await;
    assert!(ended.stopped.iter().all(Option::is_none), "{:?}", ended.stopped);
    assert_eq!(ended.count(OutcomeKind::Unknown), 600);
    assert_eq!(ended.count(OutcomeKind::Scheduled), 2_400);
    assert_eq!(ended.received[6].len(), 1, "the first afterwards is one device");
    let began = ended.at[6];
    assert!(
        ended.at[7] - began >= Duration::from_millis(10),
        "and nothing beside it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_to_wait_is_for_all_runs() {
    let ended = three(RunOptions::default(), |batch, before| match before {
        0 => Err(Disposition::Throttled(Some(Duration::from_secs(20)))),
        _ => scheduled(batch),
    })
    .await;
    assert_eq!(ended.count(OutcomeKind::Scheduled), 3_000);
    // Six were sent at once; the others had to wait, whoever asked.
    let first = ended.at[0];
    assert!(
        ended.at[6..].iter().all(|at| *at - first >= Duration::from_secs(20)),
        "{:?}",
        ended.at.iter().map(|at| *at - first).collect::<Vec<_>>()
    );
    assert!(!ended.put_off.is_empty());
    assert_eq!(ended.attempts, 31);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_for_one_run_is_for_all() {
    let options = RunOptions {
        policy: Policy::default().max_wait(Duration::from_secs(30)),
        ..RunOptions::default()
    };
    let ended = three(options, |batch, before| match before {
        0 => Err(Disposition::Throttled(Some(Duration::from_secs(29)))),
        6 => Err(Disposition::Throttled(Some(Duration::from_secs(31)))),
        _ => scheduled(batch),
    })
    .await;
    let too_long = |reason: &&Option<StopReason>| matches!(reason, Some(StopReason::WaitTooLong { .. }));
    assert!(
        ended.stopped.iter().filter(too_long).count() >= 1,
        "{:?}",
        ended.stopped
    );
    assert_eq!(ended.count(OutcomeKind::Unknown), 0);
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_that_of_all_runs_together() {
    let options = RunOptions {
        rate: Some(Rate::per_second(2.0).unwrap()),
        ..RunOptions::default()
    };
    let ended = three(options, |batch, _| scheduled(batch)).await;
    assert_eq!(ended.at.len(), 30);
    // The first of each is sent before it knows of the others.
    let took = ended.at[29] - ended.at[0];
    assert!(took >= Duration::from_millis((30 - 3) * 1_000 / 2), "{took:?}");
    assert!(took <= Duration::from_secs(15), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn failures_that_are_clear_hold_nobody_up() {
    let ended = three(RunOptions::default(), |batch, _| {
        all(batch, fleetpurge_engine::EntryStatus::Invalid)
    })
    .await;
    assert_eq!(ended.count(OutcomeKind::Invalid), 3_000);
    assert!(ended.put_off.is_empty());
}
