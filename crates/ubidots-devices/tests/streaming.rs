//! Lists of devices as a stream: pages as they are needed, no end after an error, nothing lost by dropping.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::pin::pin;
use std::time::Duration;

use fleetpurge_simulator::PageTraps;
use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use serde_json::json;
use support::lists::*;
use support::*;
use ubidots_devices::{BulkOptions, Device, ErrorKind, Filter, Outcome, OutcomeKind, StopReason};

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_yields_each_device_that_is_meant_and_then_is_whole() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(Filter::default().label_prefix("lab-1"));
    let devices: Vec<Device> = (&mut listing).try_collect().await.unwrap();
    let expected: Vec<usize> = (0..450).filter(|n| format!("{n}").starts_with('1')).collect();
    assert_eq!(found(&devices), expected);
    assert!(listing.is_whole() && listing.is_terminated());
    assert!(listing.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_asked_for_when_a_device_of_it_is_needed() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(all());
    assert!(read(&simulator).is_empty());
    for _ in 0..200 {
        listing.next().await.unwrap().unwrap();
    }
    assert_eq!(pages(&simulator), "1");
    listing.next().await.unwrap().unwrap();
    assert_eq!(pages(&simulator), "1 2");
    assert!(!listing.is_whole() && !listing.is_terminated());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_whole_when_its_last_device_was_yielded() {
    let simulator = trapped(fleet(2), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(all());
    for is_whole in [false, true] {
        listing.next().await.unwrap().unwrap();
        assert_eq!((listing.is_whole(), listing.is_terminated()), (is_whole, is_whole));
    }
    // The one page has come, and does not say whether its device is meant.
    let mut unsaid = entry(0);
    unsaid.as_object_mut().unwrap().remove("tags");
    let simulator = scripted(vec![page(json!(1), false, &[unsaid])]).await;
    let mut listing = client(&simulator).devices(Filter::default().tags(["old"]));
    assert!(listing.next_page().await.is_err() && !listing.is_whole());
    assert!(listing.next().await.unwrap().is_err() && !listing.is_whole());
    assert!(listing.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_without_a_device_that_is_meant_do_not_end_the_stream() {
    let traps = PageTraps::new().ignore_filters().page_size_max(2);
    let simulator = trapped(fleet(9), traps).await;
    let listing = client(&simulator).devices(Filter::default().label_prefix("lab-8"));
    let devices: Vec<Device> = listing.try_collect().await.unwrap();
    assert_eq!((found(&devices), &*pages(&simulator)), (vec![8], "1 2 3 4 5"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_after_an_error_and_is_not_whole() {
    let entries = |range: std::ops::Range<usize>| range.map(entry).collect::<Vec<_>>();
    let refused = json!({"reply": {"status": 403, "json": {"code": 403_001, "message": "no", "detail": "no"}}});
    let table = [
        // The list is not whole.
        (page(json!(3), false, &entries(1..2)), ErrorKind::AmbiguousReply),
        // The service did not answer: here the page could be asked for again, but the stream has ended.
        (refused, ErrorKind::Refused),
    ];
    for (second, kind) in table {
        let simulator = scripted(vec![page(json!(4), true, &entries(0..2)), second]).await;
        let mut listing = client(&simulator).devices(all());
        let mut yielded = Vec::new();
        let error = loop {
            match listing.next().await {
                Some(Ok(device)) => yielded.push(position(device.id.as_str())),
                Some(Err(error)) => break error,
                None => panic!("it has come to its end after {yielded:?}"),
            }
        };
        assert_eq!((error.kind(), &*yielded), (kind, &[0, 1][..]), "{error}");
        assert!(listing.next().await.is_none(), "{error}");
        assert!(listing.is_terminated() && !listing.is_whole(), "{error}");
        assert_eq!(pages(&simulator), "1 2", "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_refused_is_an_error_of_the_stream_and_no_empty_list() {
    let simulator = trapped(fleet(2), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(Filter::default());
    let error = listing.next().await.unwrap().unwrap_err();
    assert_sure(&error, ErrorKind::InvalidInput, "no condition");
    assert!(listing.next().await.is_none() && !listing.is_whole());
    assert_eq!(simulator.counts().connections, 0);
}

// One thread: no task makes progress between the first poll and the drop.
#[tokio::test]
async fn a_dropped_next_loses_no_device_and_repeats_no_request() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(all());
    let mut devices = Vec::new();
    let mut dropped = 0;
    loop {
        // A `next` that is polled once and dropped, as by a `select!` whose other branch is ready.
        match listing.next().now_or_never() {
            Some(Some(device)) => devices.push(device.unwrap()),
            Some(None) => break,
            None => {
                dropped += 1;
                tokio::task::yield_now().await;
            }
        }
    }
    assert!(dropped >= 3, "{dropped}");
    assert_eq!(found(&devices), (0..450).collect::<Vec<_>>());
    assert_eq!(pages(&simulator), "1 2 3");
    assert!(listing.is_whole());
}

// One thread: no task makes progress between the first poll and the drop.
#[tokio::test]
async fn a_listing_that_is_not_polled_keeps_no_other_request_from_being_sent() {
    let simulator = trapped(fleet(2), PageTraps::new()).await;
    // The listing has begun to have a token for the key, and is left alone.
    let client = with_key(&simulator);
    let mut listing = client.devices(all());
    let first = listing.next().now_or_never();
    assert!(first.is_none(), "{first:?}");
    let key = id(1).into();
    let other = tokio::time::timeout(Duration::from_secs(30), client.device(&key)).await;
    let other = other.expect("the other request waits for the listing").unwrap();
    assert_eq!(other.unwrap().id, id(1));
    assert_eq!(listing.try_collect::<Vec<_>>().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_stream_has_begun_is_finished_by_next_page() {
    let simulator = trapped(fleet(300), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(all());
    let first = listing.next().await.unwrap().unwrap();
    let rest = listing.next_page().await.unwrap().unwrap();
    assert_eq!((rest.len(), &*pages(&simulator)), (199, "1"));
    let second = listing.next_page().await.unwrap().unwrap();
    let devices: Vec<Device> = [vec![first], rest, second].concat();
    assert_eq!(found(&devices), (0..300).collect::<Vec<_>>());
    assert!(listing.next_page().await.unwrap().is_none());
    assert!(listing.next().await.is_none() && listing.is_whole());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_not_answered_is_asked_for_again_by_next_page() {
    let refused = json!({"reply": {"status": 403, "json": {"code": 403_001, "message": "no", "detail": "no"}}});
    let simulator = faulty(json!([
        reads(json!(1), refused),
        reads(json!("1-"), page(json!(1), false, &[entry(0)]))
    ]))
    .await;
    let mut listing = client(&simulator).devices(all());
    assert!(listing.next_page().await.is_err() && !listing.is_whole());
    assert_eq!(found(&listing.next_page().await.unwrap().unwrap()), [0]);
    assert!(listing.next_page().await.unwrap().is_none());
    assert!(listing.is_whole());
    assert_eq!(pages(&simulator), "1 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_whole_stops_the_deletion_that_reads_from_it() {
    let entries = |range: std::ops::Range<usize>| range.map(entry).collect::<Vec<_>>();
    let simulator = scripted(vec![
        page(json!(4), true, &entries(0..2)),
        page(json!(3), false, &entries(2..3)),
    ])
    .await;
    let client = client(&simulator);
    let ids = client.devices(all()).map_ok(|device| device.id);
    let mut outcomes = pin!(client.delete_stream(ids, &BulkOptions::default()));
    let mut kinds: Vec<Outcome> = Vec::new();
    while let Some(device) = outcomes.next().await {
        kinds.push(device.outcome);
    }
    assert!(
        matches!(outcomes.stopped(), Some(StopReason::Source(_))),
        "{:?}",
        outcomes.stopped()
    );
    assert_eq!(kinds.len(), 2, "each device that was read has its outcome: {kinds:?}");
    assert!(
        kinds
            .iter()
            .all(|of| of.kind == OutcomeKind::Pending || of.kind == OutcomeKind::Scheduled)
    );
}
