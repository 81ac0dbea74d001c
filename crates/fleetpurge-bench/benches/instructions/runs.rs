//! What the engine does: it makes batches, begins and settles each, decides what follows, and tells each device's outcome.

use std::future::ready;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::decide::Standing;
use fleetpurge_engine::{
    Attempt, DeletionService, Disposition, Entry, EntryStatus, Input, NoJournal, Policy, Receipt, RunOptions,
    SourceError, StopHandle, SubmitError, Trail, decide, run,
};
use gungraun::prelude::*;
use tokio::runtime::Runtime;

use crate::runtime::runtime;

/// Schedules every device, at once.
struct Accepting;

impl DeletionService for Accepting {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        NonZeroUsize::new(100).unwrap()
    }

    fn submit(&self, batch: &[&u64], _: &Attempt) -> impl Future<Output = Result<Receipt, SubmitError>> + Send {
        ready(Ok(Receipt {
            entries: vec![Entry::of(EntryStatus::Scheduled); batch.len()],
            anomalies: Vec::new(),
            trail: Trail::default(),
        }))
    }
}

#[library_benchmark]
#[bench::of_10_000_devices(runtime())]
fn run_without_journal(runtime: Runtime) -> Runtime {
    let source = futures_util::stream::iter((0..10_000).map(|key| Ok::<_, SourceError>(Input::send(key, key))));
    let stopped = runtime.block_on(async {
        let options = RunOptions {
            seed: Some(1),
            ..RunOptions::default()
        };
        let mut run = run(
            Arc::new(Accepting),
            Arc::new(NoJournal),
            source,
            &options,
            StopHandle::new(),
        );
        while let Some(event) = run.events.recv().await {
            black_box(event);
        }
        run.end.await.unwrap().stopped
    });
    assert!(stopped.is_none());
    runtime
}

#[library_benchmark]
fn decision_of_each_kind() {
    let standing = Standing {
        devices: 100,
        unreached: 1,
        reauthenticated: false,
        replied: true,
        unreached_for: Duration::ZERO,
        throttled: 1,
        throttled_for: Duration::ZERO,
        interval: None,
        jitter: 0.5,
    };
    let policy = Policy::default();
    for disposition in [
        Disposition::Backoff,
        Disposition::Throttled(Some(Duration::from_secs(1))),
        Disposition::Reauthenticate,
        Disposition::TooLarge,
        Disposition::Poisoned,
        Disposition::Stop,
        Disposition::Ambiguous,
    ] {
        black_box(decide(black_box(disposition), &standing, &policy));
    }
}

library_benchmark_group!(
    name = all_runs,
    benchmarks = [run_without_journal, decision_of_each_kind]
);
