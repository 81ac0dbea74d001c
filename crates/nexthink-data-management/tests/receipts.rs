//! What a caller reads of a reply, and of an error.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::Duration;

use nexthink_data_management::{Device, Endpoints, ErrorKind, Instance, OutcomeKind, Region};
use serde_json::json;
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_gives_each_device_with_its_outcome_and_counts_them() {
    let rules = json!([{"then": {"failed": {"devices": ["PC-1"]}}}]);
    let simulator = faulty(rules).await;
    let list = [("not-a-uid", "PC-X").into(), device(1), device(2)];
    let id = nexthink_data_management::Uuid::from_u128(42);
    let receipt = client(&simulator)
        .delete_devices(&list)
        .request_id(id)
        .send()
        .await
        .unwrap();
    let read: Vec<(&str, &str)> = receipt
        .into_iter()
        .map(|(device, outcome)| (&*device.name, outcome.kind.as_str()))
        .collect();
    assert_eq!(read, [("PC-X", "invalid"), ("PC-1", "failed"), ("PC-2", "scheduled")]);
    assert_eq!(
        (receipt.len(), receipt.scheduled(), receipt.status()),
        (3, 1, Some(202))
    );
    assert_eq!(receipt.count(OutcomeKind::Failed), 1);
    assert_eq!(receipt.devices(), list);
    assert_eq!(receipt.request_id(), Some(&*id.to_string()));
    assert_eq!(simulator.requests()[0].request_id, id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_whether_to_log_in_to_wait_or_to_try_again() {
    for (then, is_unauthorized, is_throttled, is_safe) in [
        (json!({"reply": {"status": 401}}), true, false, false),
        (json!({"reply": {"status": 429}}), false, true, true),
        (
            json!({"reply": {"status": 503, "headers": {"retry-after": "3"}}}),
            false,
            true,
            true,
        ),
        (json!({"reply": {"status": 503}}), false, false, false),
        (
            json!({"reply": {"status": 403, "error_code": "FEATURE_NOT_ENABLED"}}),
            false,
            false,
            false,
        ),
        (json!({"close_after_read": true}), false, false, false),
    ] {
        let simulator = faulty(json!([{"then": then.clone()}])).await;
        let error = client(&simulator).delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!(
            (error.is_unauthorized(), error.is_throttled(), error.is_safe_to_retry()),
            (is_unauthorized, is_throttled, is_safe),
            "{then}: {error:?}"
        );
    }
    let nobody = Endpoints::at("http://127.0.0.1:9", None).unwrap();
    let client = with_token(nobody)
        .connect_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let error = client.delete_devices(&devices(1)).await.unwrap_err();
    assert!(
        error.is_safe_to_retry() && error.kind() == ErrorKind::Unreachable,
        "{error:?}"
    );
}

#[test]
fn names_are_made_of_text_and_become_text() {
    let from = |text: &str| (Instance::try_from(text).unwrap(), text.parse::<Region>().unwrap());
    let (acme, other) = from("acme");
    assert_eq!(
        (acme.as_ref(), String::from(acme.clone()), other.as_ref()),
        ("acme", "acme".to_owned(), "acme")
    );
    assert_eq!(Region::try_from("eu".to_owned()).unwrap(), Region::Eu);
    assert!("a/b".parse::<Instance>().is_err() && Region::try_from("").is_err());
    assert_eq!(Endpoints::of(&acme, &Region::Us), Endpoints::of(acme, Region::Us));
    assert_eq!(Device::from(("u", "n".to_owned())), Device::new("u", "n"));
}
