//! What a bulk deletion reads and reports: data that travels with devices, sources that fail, events, journals.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod scripted;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::bulk::{BulkEvent, BulkOptions, delete_stream};
use fleetpurge_engine::{
    Applied, Begun, Conclusion, Disposition, Input, Intent, Journal, JournalError, OutcomeKind, Policy, Settlement,
    StopReason,
};
use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use scripted::{Scripted, Shared, scheduled};

fn options() -> BulkOptions {
    BulkOptions::default().concurrency(NonZeroUsize::MIN)
}

/// Data that cannot be cloned, compared or shared between threads.
struct Ticket(std::cell::Cell<u64>);

#[tokio::test(start_paused = true)]
async fn the_data_of_a_device_comes_back_in_its_outcome() {
    // The first batch is refused until it is a single device, so that outcomes become known out of order.
    let service = Scripted::new(10, |batch, _| match batch {
        [_] => scheduled(batch),
        _ if batch.contains(&3) => Err(Disposition::Poisoned),
        _ => scheduled(batch),
    });
    let source = stream::iter((0..35).map(|device| (Ticket((device * 7).into()), device)));
    let report = delete_stream(
        Shared(service),
        source,
        Input::send,
        &options().concurrency(NonZeroUsize::new(4).unwrap()),
    )
    .collect_report()
    .await;
    assert_eq!(report.scheduled(), 35);
    for (n, device) in (0..).zip(&report.devices) {
        assert_eq!((device.device, device.data.0.get()), (n, n * 7));
    }
}

#[derive(Debug, thiserror::Error, PartialEq)]
#[error("row {0} is torn")]
struct Torn(u64);

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_stops_the_run_and_each_device_read_has_one_outcome() {
    let service = Scripted::new(10, |batch, _| scheduled(batch));
    let source = stream::iter((0..25).map(|n| if n == 23 { Err(Torn(n)) } else { Ok((n, n)) }));
    let report = delete_stream(Shared(Arc::clone(&service)), source, Input::send, &options())
        .collect_report()
        .await;
    assert_eq!(report.stopped, Some(StopReason::Source("row 23 is torn".to_owned())));
    let error = report.source_error.as_ref().unwrap();
    assert_eq!(error.downcast_ref::<Torn>(), Some(&Torn(23)));
    let devices: Vec<u64> = report.devices.iter().map(|of| of.device).collect();
    assert_eq!(devices, (0..23).collect::<Vec<_>>());
    let sent = service.received.lock().unwrap().concat().len();
    assert_eq!((report.scheduled(), report.pending()), (sent, 23 - sent));
}

#[tokio::test(start_paused = true)]
async fn a_run_starts_when_its_stream_is_first_polled() {
    let service = Scripted::new(10, |batch, _| scheduled(batch));
    let mut stream = delete_stream(
        Shared(Arc::clone(&service)),
        stream::iter(0..3),
        Input::send,
        &options(),
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(service.received.lock().unwrap().is_empty());
    assert_eq!(stream.next().await.unwrap().outcome.kind, OutcomeKind::Scheduled);
    drop(delete_stream(
        Shared(Arc::clone(&service)),
        stream::iter(0..3),
        Input::send,
        &options(),
    ));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(service.received.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn events_tell_each_attempt_wait_and_outcome_in_order() {
    let service = Scripted::new(2, |batch, before| match before {
        0 => Err(Disposition::Throttled(Some(Duration::from_secs(7)))),
        _ => scheduled(batch),
    });
    let mut events = delete_stream(Shared(service), stream::iter(0..3), Input::send, &options()).events();
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        told.push(match event {
            BulkEvent::Started {
                batch,
                attempt,
                request_id,
                devices,
                ..
            } => {
                assert!(request_id.is_some());
                format!("start {batch}.{attempt} {devices:?}")
            }
            BulkEvent::Landed {
                batch,
                attempt,
                applied,
                again,
                ..
            } => {
                format!("land {batch}.{attempt} {applied} {again}")
            }
            BulkEvent::Waiting(wait) => format!("wait {} s", wait.length.as_secs()),
            BulkEvent::Outcome(of) => format!("{} {}", of.device, of.outcome.kind),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(
        told,
        [
            "start 1.1 [0, 1]",
            "land 1.1 no 2",
            "wait 7 s",
            "start 1.2 [0, 1]",
            "land 1.2 yes 0",
            "0 scheduled",
            "1 scheduled",
            "start 2.1 [2]",
            "land 2.1 yes 0",
            "2 scheduled",
        ]
    );
    assert_eq!(events.stopped(), None);
}

/// What was recorded, and of which devices.
type Record = (&'static str, Vec<u64>);

/// Notes what it is given; the `n`th begin and settlement fail.
#[derive(Clone, Default)]
struct Notes {
    records: Arc<Mutex<Vec<Record>>>,
    begin_fails: Option<usize>,
    settle_fails: Option<usize>,
}

impl Notes {
    fn note(&self, what: &'static str, keys: Vec<u64>, fails: Option<usize>) -> Result<(), JournalError> {
        let mut records = self.records.lock().unwrap();
        if fails == Some(records.iter().filter(|(record, _)| *record == what).count()) {
            return Err(JournalError("the disk is full".into()));
        }
        records.push((what, keys));
        Ok(())
    }
}

impl Journal for Notes {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        self.note("begin", intent.keys, self.begin_fails)
            .map(|()| Begun::alone())
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        let keys = settlement.outcomes.iter().map(|(key, _)| *key).collect();
        self.note("settle", keys, self.settle_fails)
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_if_the_intent_cannot_be_recorded() {
    let service = Scripted::new(2, |batch, _| scheduled(batch));
    let journal = Notes {
        begin_fails: Some(1),
        ..Notes::default()
    };
    let report = delete_stream(
        Shared(Arc::clone(&service)),
        stream::iter(0..6),
        Input::send,
        &options(),
    )
    .journal(journal.clone())
    .collect_report()
    .await;
    assert_eq!(report.stopped, Some(StopReason::Journal("the disk is full".to_owned())));
    assert_eq!(*service.received.lock().unwrap(), [[0, 1]]);
    assert_eq!((report.scheduled(), report.pending()), (2, 4));
    assert_eq!(
        *journal.records.lock().unwrap(),
        [("begin", vec![0, 1]), ("settle", vec![0, 1])]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// Whatever the input, the journal and the service do: one outcome per device that was read, with its own data, and
    /// nothing that may have been applied is sent again.
    #[test]
    fn tags_failing_sources_and_journals_keep_every_promise(
        devices in 0..120_u64,
        source_fails in prop::option::of(0..120_u64),
        begin_fails in prop::option::of(0..30_usize),
        settle_fails in prop::option::of(0..30_usize),
        limit in 1..12_usize,
        concurrency in 1..6_usize,
        seed in any::<u64>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let applied = Arc::new(Mutex::new(std::collections::HashMap::<u64, u32>::new()));
            let random = Mutex::new(fastrand::Rng::with_seed(seed));
            let service = {
                let applied = Arc::clone(&applied);
                Scripted::new(limit, move |batch, _| {
                    let answer = match random.lock().unwrap().u32(0..10) {
                        0 => Err(Disposition::Ambiguous),
                        1 => Err(Disposition::Backoff),
                        2 => Err(Disposition::Throttled(None)),
                        3 => scripted::all(batch, fleetpurge_engine::EntryStatus::Failed),
                        4 => scripted::all(batch, fleetpurge_engine::EntryStatus::Unknown),
                        _ => scheduled(batch),
                    };
                    let may = match &answer {
                        Ok(entries) => entries[0].applied() != Applied::No,
                        Err(disposition) => *disposition == Disposition::Ambiguous,
                    };
                    let mut applied = applied.lock().unwrap();
                    batch.iter().filter(|_| may).for_each(|device| *applied.entry(*device).or_default() += 1);
                    answer
                })
            };
            let read = devices.min(source_fails.unwrap_or(u64::MAX));
            let source = stream::iter((0..devices).map(move |n| {
                if Some(n) == source_fails { Err(Torn(n)) } else { Ok((n + 1_000, n)) }
            }));
            // Every fifth device is screened out.
            let screen = |key, device| {
                if device % 5 == 4 {
                    let why = fleetpurge_engine::Outcome::of(OutcomeKind::Skipped);
                    Input::decided(key, device, why)
                } else {
                    Input::send(key, device)
                }
            };
            let journal = Notes { begin_fails, settle_fails, ..Notes::default() };
            let options = BulkOptions::default()
                .concurrency(NonZeroUsize::new(concurrency).unwrap())
                .policy(Policy::default());
            let stream = delete_stream(Shared(Arc::clone(&service)), source, screen, &options).journal(journal.clone());
            let report = tokio::time::timeout(Duration::from_secs(86_400), stream.collect_report()).await.expect("it hangs");

            for (n, of) in (0..).zip(&report.devices) {
                prop_assert_eq!((of.device, of.data), (n, n + 1_000));
            }
            if report.source_error.is_none() {
                prop_assert_eq!(report.devices.len() as u64, devices);
            }
            // A run that had stopped before may not have read up to the error.
            prop_assert!(report.devices.len() as u64 <= read);
            prop_assert!(report.stopped.is_some() || report.source_error.is_none());
            let begun: Vec<u64> = journal.records.lock().unwrap().iter()
                .filter(|(what, _)| *what == "begin").flat_map(|(_, keys)| keys.clone()).collect();
            for device in service.received.lock().unwrap().concat() {
                prop_assert!(begun.contains(&device), "{device} was sent without its intent");
                prop_assert!(device % 5 != 4, "{device} was screened out and sent");
            }
            for (device, times) in applied.lock().unwrap().iter() {
                prop_assert_eq!(*times, 1, "{} may have been applied and was sent again", device);
                let kind = report.devices.iter().find(|of| of.device == *device).map(|of| of.outcome.kind);
                prop_assert!(matches!(kind, Some(OutcomeKind::Scheduled | OutcomeKind::Unknown)), "{} {:?}", device, kind);
            }
            Ok(())
        })?;
    }
}
