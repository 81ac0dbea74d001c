//! How an input is read: how far ahead, in what batches it is sent, and where reading ends. Paused time.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Disposition, EntryStatus, Event, Input, NoJournal, Order, Outcome, OutcomeKind, Policy, Rest, RunEnd, RunOptions,
    SourceError, StopHandle, StopReason, run,
};
use futures_util::{Stream, StreamExt};
use scripted::{Scripted, devices, scheduled};

fn one_at_a_time() -> RunOptions {
    RunOptions {
        concurrency: NonZeroUsize::MIN,
        seed: Some(1),
        ..RunOptions::default()
    }
}

/// Runs to the end: what became of each device, and of the run.
async fn go(
    service: &Arc<Scripted>,
    source: impl Stream<Item = Result<Input<u64>, SourceError>> + Send + 'static,
    options: &RunOptions,
    stop: StopHandle,
) -> (Vec<(u64, OutcomeKind)>, RunEnd) {
    let mut run = run(Arc::clone(service), Arc::new(NoJournal), source, options, stop);
    let mut outcomes = Vec::new();
    let all = async {
        while let Some(event) = run.events.recv().await {
            if let Event::Done(done) = event {
                outcomes.extend(done.iter().map(|device| (device.key, device.outcome.kind)));
            }
        }
    };
    // Paused time: a day passes at once when nothing else can happen.
    let day = Duration::from_secs(86_400);
    tokio::time::timeout(day, all).await.expect("the run hangs");
    outcomes.sort_unstable();
    (outcomes, run.end.await.unwrap())
}

fn count(outcomes: &[(u64, OutcomeKind)], kind: OutcomeKind) -> usize {
    outcomes.iter().filter(|(_, outcome)| *outcome == kind).count()
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_ahead_than_the_next_batch_takes() {
    let (read, most_ahead) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let service = {
        let (read, most_ahead) = (Arc::clone(&read), Arc::clone(&most_ahead));
        Scripted::new(10, move |batch, _| {
            most_ahead.fetch_max(read.load(Ordering::Relaxed) - batch[0], Ordering::Relaxed);
            scheduled(batch)
        })
    };
    let source = devices(0..1_000).inspect(move |_| _ = read.fetch_add(1, Ordering::Relaxed));
    go(&service, source, &one_at_a_time(), StopHandle::new()).await;
    let most_ahead = most_ahead.load(Ordering::Relaxed);
    assert_eq!(most_ahead, 20, "one batch in flight, one that waits");
}

#[tokio::test(start_paused = true)]
async fn a_slow_input_is_gathered_into_full_batches() {
    for order in [Order::AsSettled, Order::Input] {
        let service = Scripted::new(10, |batch, _| scheduled(batch));
        let slow = devices(0..25).then(|device| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            device
        });
        let options = RunOptions {
            order,
            ..RunOptions::default()
        };
        go(&service, slow, &options, StopHandle::new()).await;
        let received = service.received.lock().unwrap();
        let lengths: Vec<_> = received.iter().map(Vec::len).collect();
        assert_eq!(lengths, [10, 10, 5], "{order:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn devices_that_wait_to_be_sent_again_bound_how_many_are_read() {
    // Half of each batch fails, and comes back after 250 ms at the earliest.
    let service = Scripted::new(10, |batch, _| {
        let entries = batch.iter().map(|device| match device % 2 {
            0 => EntryStatus::Failed,
            _ => EntryStatus::Scheduled,
        });
        Ok(entries.collect())
    });
    let options = RunOptions {
        policy: Policy::default().failed_rounds(1),
        ..one_at_a_time()
    };
    let (outcomes, _) = go(&service, devices(0..1_000), &options, StopHandle::new()).await;
    assert_eq!(count(&outcomes, OutcomeKind::Failed), 500);
    assert_eq!(count(&outcomes, OutcomeKind::Scheduled), 500);
    let received = service.received.lock().unwrap();
    let lengths: Vec<_> = received[..16].iter().map(Vec::len).collect();
    // Eight batches of ten may be held: once 75 devices wait, five more are read, and sent without waiting for others.
    assert_eq!(lengths[..15], [10; 15]);
    assert_eq!(received[15], [150, 151, 152, 153, 154]);
    assert_eq!(received[16], [155, 156], "two of them are done");
}

#[tokio::test(start_paused = true)]
async fn what_may_be_read_no_further_is_sent_as_it_is() {
    // The first two are refused and wait for a receipt. The window after them has room for one device to send.
    let service = Scripted::new(2, |batch, _| {
        if batch.iter().any(|device| *device < 2) {
            Err(Disposition::Poisoned)
        } else {
            scheduled(batch)
        }
    });
    let source = futures_util::stream::iter(0..200_u64).map(|key| {
        Ok(match key {
            3..128 => Input::decided(key, key, Outcome::of(OutcomeKind::Skipped)),
            _ => Input::send(key, key),
        })
    });
    let options = RunOptions {
        order: Order::Input,
        ..one_at_a_time()
    };
    let (outcomes, end) = go(&service, source, &options, StopHandle::new()).await;
    assert!(end.stopped.is_none());
    assert_eq!(service.received.lock().unwrap()[3], [2]);
    assert_eq!(outcomes[1], (1, OutcomeKind::Rejected));
    assert_eq!(count(&outcomes, OutcomeKind::Scheduled), 73);
    assert_eq!(count(&outcomes, OutcomeKind::Skipped), 125);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_asked_to_stop_finishes_what_is_in_flight_and_starts_nothing_more() {
    for rest in [Rest::Report, Rest::Leave] {
        let stop = StopHandle::new();
        let service = {
            let stop = stop.clone();
            Scripted::new(100, move |batch, n| {
                if n == 2 {
                    stop.stop();
                }
                scheduled(batch)
            })
        };
        let read = Arc::new(Mutex::new(0));
        let source = {
            let read = Arc::clone(&read);
            devices(0..1_000).inspect(move |_| *read.lock().unwrap() += 1)
        };
        let options = RunOptions {
            concurrency: NonZeroUsize::new(2).unwrap(),
            rest,
            ..RunOptions::default()
        };
        assert!(!stop.is_stopped());
        let (outcomes, end) = go(&service, source, &options, stop.clone()).await;
        assert!(stop.is_stopped());
        assert!(matches!(end.stopped, Some(StopReason::Interrupted)));
        assert_eq!((end.attempts, service.received.lock().unwrap().len()), (4, 4));
        assert_eq!(count(&outcomes, OutcomeKind::Scheduled), 400);
        // What was read ahead has its outcome in either case.
        let pending = count(&outcomes, OutcomeKind::Pending);
        assert_eq!(pending, if rest == Rest::Report { 600 } else { 100 });
        assert_eq!(*read.lock().unwrap(), 400 + pending);
    }
}

#[tokio::test(start_paused = true)]
async fn an_input_that_cannot_be_read_on_stops_the_run_and_leaves_what_was_read_pending() {
    for rest in [Rest::Report, Rest::Leave] {
        let service = Scripted::new(10, |batch, _| scheduled(batch));
        let broken = async { Err(SourceError("line 16 is cut".into())) };
        let source = devices(0..15)
            .chain(futures_util::stream::once(broken))
            .chain(devices(15..20));
        let options = RunOptions {
            rest,
            ..one_at_a_time()
        };
        let (outcomes, end) = go(&service, source, &options, StopHandle::new()).await;
        let reason = end.stopped.unwrap().to_string();
        assert!(reason.ends_with("line 16 is cut"), "{reason}");
        assert_eq!(count(&outcomes, OutcomeKind::Scheduled), 10);
        assert_eq!(count(&outcomes, OutcomeKind::Pending), 5);
        assert_eq!(outcomes.len(), 15, "{rest:?}");
    }
}
