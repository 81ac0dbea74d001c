//! What a receipt knows: the task, and each key with its outcome.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use serde_json::json;
use support::*;
use ubidots_devices::{BulkEvent, BulkOptions, DeviceKey, OutcomeKind, task_id};

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_knows_its_keys_and_the_task_that_they_share() {
    let reply = json!({"reply": {"status": 202, "json": {"task": {"id": "t-1"}}}});
    let simulator = faulty(json!([{"then": reply}])).await;
    let object = format!(r#"{{"id":"{}"}}"#, id(2));
    let keys = [id(1).into(), key("~lab-2"), key(&object)];
    let receipt = client(&simulator).delete_devices(&keys).await.unwrap();
    assert_eq!((receipt.task_id(), receipt.status()), ("t-1", Some(202)));
    let mut named = Vec::new();
    for (key, outcome) in &receipt {
        assert_eq!((outcome.kind, task_id(outcome)), (OutcomeKind::Scheduled, Some("t-1")));
        named.push(key.to_string());
    }
    assert_eq!(named, keys.each_ref().map(ToString::to_string));
    assert_eq!(receipt.scheduled().collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
    assert_eq!(
        (receipt.len(), receipt.iter().len(), receipt.outcomes().len()),
        (3, 3, 3)
    );
    let counts = [OutcomeKind::Scheduled, OutcomeKind::Unknown].map(|kind| receipt.count(kind));
    assert_eq!((counts, receipt.is_empty()), ([3, 0], false));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_of_a_bulk_deletion_knows_the_task_of_its_batch() {
    let simulator = faulty(json!([
        {"when": {"request": 1}, "then": {"reply": {"status": 200, "json": {"task": {"id": "t-1"}}}}},
        {"when": {"request": 2}, "then": {"reply": {"status": 200, "json": {"task": {"id": 2}}}}},
        {"when": {"request": 3}, "then": {"reply": {"status": 500, "json": {"detail": "task 9"}}}},
        {"then": {"reply": {"status": 403, "json": {"detail": "task 9"}}}},
    ]))
    .await;
    let report = run(&client(&simulator), 1_000).await;
    let mut stretches: Vec<(Option<&str>, usize)> = Vec::new();
    for device in &report.devices {
        let task = task_id(&device.outcome);
        assert_eq!(task.is_some(), device.outcome.kind == OutcomeKind::Scheduled);
        match stretches.last_mut() {
            Some((last, count)) if *last == task => *count += 1,
            _ => stretches.push((task, 1)),
        }
    }
    assert_eq!(stretches, [(Some("t-1"), 300), (Some("2"), 300), (None, 400)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_an_outcome_knows_the_task() {
    use futures_util::StreamExt;
    let simulator = faulty(json!([{"then": {"reply": {"status": 200, "json": {"task": {"id": "t-1"}}}}}])).await;
    let ids = futures_util::stream::iter(ids(0..2));
    let mut events = client(&simulator).delete_stream(ids, &BulkOptions::default()).events();
    let mut tasks = Vec::new();
    while let Some(event) = events.next().await {
        if let BulkEvent::Outcome(device) = event {
            tasks.push(task_id(&device.outcome).map(str::to_owned));
        }
    }
    assert_eq!(tasks, [Some("t-1".to_owned()), Some("t-1".to_owned())]);
}

#[test]
fn a_key_is_made_from_text_or_from_what_it_names() {
    let text = "6e309da44fc8455a9cceb5aa";
    let from_text = DeviceKey::try_from(text).unwrap();
    assert_eq!(from_text, DeviceKey::try_from(text.to_uppercase()).unwrap());
    assert_eq!(from_text.id().unwrap().as_ref(), text);
    assert!(DeviceKey::try_from("second-device").is_err());
}
