//! Settings and what the service says of a device, as JSON.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::PageTraps;
use serde_json::{from_value, json, to_value};
use support::lists::*;
use support::*;
use ubidots_devices::{Assumptions, DeviceId, DeviceKey, Filter, Label, Receipt, RefusedBatch};

#[test]
fn settings_are_read_over_their_defaults_and_written_as_they_are() {
    let assumptions = Assumptions::default().refused_batch(RefusedBatch::Unknown);
    assert_eq!(
        from_value::<Assumptions>(json!({"refused_batch": "unknown"})).unwrap(),
        assumptions
    );
    assert_eq!(
        from_value::<Assumptions>(to_value(&assumptions).unwrap()).unwrap(),
        assumptions
    );

    let filter = Filter::default().label_prefix("lab-").tag("old").never_active();
    assert_eq!(from_value::<Filter>(to_value(&filter).unwrap()).unwrap(), filter);
    assert_eq!(from_value::<Filter>(json!({"all": true})).unwrap(), Filter::all());
    // Nothing is no condition: it is refused when it is used, as it is without JSON.
    assert_eq!(from_value::<Filter>(json!({})).unwrap(), Filter::default());
}

#[test]
fn names_are_checked_when_they_are_read() {
    let id = "6E309DA44FC8455A9CCEB5AA";
    assert_eq!(to_value(DeviceId::new(id).unwrap()).unwrap(), id);
    assert!(from_value::<DeviceId>(json!("6e")).is_err() && from_value::<Label>(json!("a/b")).is_err());
    let key: DeviceKey = from_value(json!({"id": id})).unwrap();
    assert_eq!(
        key,
        DeviceKey::Id(id.to_lowercase().parse().unwrap()),
        "however it is written"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_and_a_receipt_are_written() {
    let simulator = trapped(fleet(1), PageTraps::new()).await;
    let client = client(&simulator);
    let device = client.devices(all()).next_device().await.unwrap().unwrap();
    let written = to_value(&device).unwrap();
    assert_eq!(
        (&written["id"], &written["label"]),
        (&json!(id(0).as_str()), &json!("lab-0"))
    );

    let receipt = client.delete_devices(&keys(0..1)).await.unwrap();
    let written = to_value(&receipt).unwrap();
    assert_eq!(written["task_id"], receipt.task_id());
    assert_eq!(written["outcomes"][0]["outcome"], "scheduled");
    assert_eq!(from_value::<Receipt>(written).unwrap(), receipt);
}
