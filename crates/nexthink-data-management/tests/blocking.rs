//! The client in a program without an async runtime.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use nexthink_data_management::{BulkOptions, OutcomeKind, StopReason, blocking};
use serde_json::json;
use support::*;
use tokio::runtime::Runtime;

#[test]
fn a_blocking_program_deletes_one_batch_a_list_and_an_iterator() {
    let outside = Runtime::new().unwrap();
    let simulator = outside.block_on(faulty(json!([])));
    let client = blocking::Client::new(with_login(&simulator).build().unwrap()).unwrap();
    client.authenticate().unwrap();

    let receipt = client.delete_devices(&devices(2)).unwrap();
    assert_eq!(receipt.outcomes()[1].kind, OutcomeKind::Scheduled);

    let report = client.delete_all(devices(250), &options(2));
    assert_eq!(outcomes(&report), "0..250 scheduled");

    let rows = (0..3).map(|n| (n * 10, device(n)));
    let data: Vec<_> = client
        .delete_iter(rows, &BulkOptions::default())
        .map(|of| (of.data, of.device, of.outcome.kind))
        .collect();
    assert_eq!(data, [0, 1, 2].map(|n| (n * 10, device(n), OutcomeKind::Scheduled)));
    assert_eq!(simulator.counts().token_requests, 1);
    assert_eq!(simulator.requests().len(), 5);
}

#[test]
fn an_iterator_of_results_stops_at_its_first_error() {
    let outside = Runtime::new().unwrap();
    let simulator = outside.block_on(faulty(json!([])));
    let client = blocking::Client::new(client(&simulator)).unwrap();
    let rows = [Ok(device(0)), Err("the file is torn"), Ok(device(1))];
    let mut outcomes = client.delete_iter(rows, &options(1));
    let first = outcomes.next().unwrap();
    assert_eq!((first.device, first.outcome.kind), (device(0), OutcomeKind::Pending));
    assert!(outcomes.next().is_none());
    assert_eq!(
        outcomes.stopped(),
        Some(&StopReason::Source("the file is torn".to_owned()))
    );
    assert_eq!(named(&simulator), "", "its batch was not full");
}
