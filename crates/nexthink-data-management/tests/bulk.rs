//! What `delete_stream` reads, and the journal that it keeps.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use nexthink_data_management::{
    BulkEvent, Conclusion, Device, Intent, Journal, JournalError, OutcomeKind, Settlement, StopReason, UidValidation,
};
use serde_json::json;
use support::*;

/// The keys of the attempts that were begun. Where it is full, it records nothing.
#[derive(Clone, Default)]
struct Begun {
    keys: Arc<Mutex<Vec<u64>>>,
    is_full: bool,
}

impl Journal for Begun {
    async fn begin(&self, intent: Intent) -> Result<nexthink_data_management::Begun, JournalError> {
        if self.is_full {
            return Err(JournalError("the disk is full".into()));
        }
        self.keys.lock().unwrap().extend(intent.keys);
        Ok(nexthink_data_management::Begun::alone())
    }

    async fn settle(&self, _: Settlement) -> Result<(), JournalError> {
        Ok(())
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_journal_too_a_repeated_blank_or_malformed_uid_is_not_sent() {
    let simulator = faulty(json!([])).await;
    let client = with_token(endpoints(&simulator))
        .uid_validation(UidValidation::Strict)
        .build()
        .unwrap();
    let list = [
        device(0),
        Device::new(device(0).uid.to_uppercase(), "again"),
        Device::new(" ", "blank"),
        Device::new("malformed", "word"),
        device(1),
    ];
    let journal = Begun::default();
    let report = client
        .delete_stream(stream::iter(list), &options(1))
        .journal(journal.clone())
        .collect_report()
        .await;
    assert_eq!(outcomes(&report), "0..1 scheduled, 1..4 skipped, 4..5 scheduled");
    assert_eq!((report.scheduled(), report.skipped(), report.stopped), (2, 3, None));
    assert_eq!(*journal.keys.lock().unwrap(), [0, 4], "a key is the place in the input");
    let sent = [0, 1].map(|n| (device(n).uid, device(n).name));
    assert_eq!(simulator.received_devices(), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_sent_if_its_intent_cannot_be_recorded() {
    let simulator = faulty(json!([])).await;
    let journal = Begun {
        is_full: true,
        ..Begun::default()
    };
    let report = client(&simulator)
        .delete_stream(stream::iter(devices(250)), &options(4))
        .journal(journal)
        .collect_report()
        .await;
    assert_eq!(outcomes(&report), "0..250 pending");
    assert_eq!(report.stopped, Some(StopReason::Journal("the disk is full".to_owned())));
    assert!(simulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_may_yield_devices_with_data_and_results_of_both() {
    let simulator = faulty(json!([])).await;
    let client = client(&simulator);

    let rows = stream::iter((0..3).map(|n| (format!("row {n}"), device(n))));
    let report = client.delete_stream(rows, &options(1)).collect_report().await;
    let data: Vec<&str> = report.devices.iter().map(|of| of.data.as_str()).collect();
    assert_eq!(data, ["row 0", "row 1", "row 2"]);

    let results = stream::iter([
        Ok(device(3)),
        Err(std::io::Error::other("the file is torn")),
        Ok(device(4)),
    ]);
    let mut outcomes = client.delete_stream(results, &options(1));
    assert_eq!(outcomes.next().await.unwrap().device, device(3));
    assert!(outcomes.next().await.is_none());
    assert_eq!(
        outcomes.stopped(),
        Some(&StopReason::Source("the file is torn".to_owned()))
    );
    assert!(outcomes.source_error().unwrap().is::<std::io::Error>());

    let both = stream::iter([Ok((7, device(5))), Err("the file is torn")]);
    let mut events = client.delete_stream(both, &options(1)).events();
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        if let BulkEvent::Outcome(of) = event {
            told.push((of.data, of.device, of.outcome.kind == OutcomeKind::Skipped));
        }
    }
    assert_eq!(told, [(7, device(5), false)]);
    assert!(events.source_error().is_some());
}
