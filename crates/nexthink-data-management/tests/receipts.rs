//! What a receipt knows: each device with its outcome; and the two ways to send a request.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::Simulator;
use nexthink_data_management::{Device, OutcomeKind};
use support::*;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_knows_each_device_with_its_outcome() {
    let simulator = start(Simulator::builder()).await;
    let mut devices = devices(3);
    devices.insert(1, Device::from(("not-a-uid", String::from("LAPTOP-X"))));
    let receipt = client(&simulator).delete_devices(&devices).await.unwrap();
    let mut kinds = Vec::new();
    for (device, outcome) in &receipt {
        kinds.push((device.clone(), outcome.kind));
    }
    let expected = [
        OutcomeKind::Scheduled,
        OutcomeKind::Invalid,
        OutcomeKind::Scheduled,
        OutcomeKind::Scheduled,
    ];
    assert_eq!(kinds, devices.iter().cloned().zip(expected).collect::<Vec<_>>());
    let scheduled: Vec<&Device> = receipt.scheduled().collect();
    assert_eq!(scheduled, [&devices[0], &devices[2], &devices[3]]);
    let counts = [OutcomeKind::Scheduled, OutcomeKind::Invalid, OutcomeKind::Unknown].map(|kind| receipt.count(kind));
    assert_eq!(counts, [3, 1, 0]);
    assert_eq!((receipt.len(), receipt.iter().len(), receipt.is_empty()), (4, 4, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_the_same_awaited_or_sent() {
    let simulator = start(Simulator::builder()).await;
    let (client, devices) = (client(&simulator), devices(2));
    let id = Uuid::from_u128(7);
    let sent = client.delete_devices(&devices).request_id(id).send().await.unwrap();
    let awaited = client.delete_devices(&devices).request_id(id).await.unwrap();
    assert_eq!(sent.outcomes(), awaited.outcomes());
    let requests = simulator.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    for request in &requests {
        assert_eq!(request.header("x-request-id"), Some(&*id.to_string()));
    }
}
