//! Lists of devices: whole, or an error.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::pin::pin;
use std::time::Duration;

use fleetpurge_simulator::PageTraps;
use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use serde_json::{Value, json};
use support::lists::*;
use support::*;
use ubidots_devices::{DeviceId, ErrorKind, LastActivity};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page_with_the_token_in_its_header() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let (devices, listing) = list(&client(&simulator), all()).await.unwrap();
    assert_eq!(found(&devices), (0..450).collect::<Vec<_>>());
    assert_eq!((listing.listed(), listing.filter_was_ignored()), (450, false));
    let fields = "id%2Clabel%2Cname%2Ctags%2ClastActivity";
    let target = |page| format!("/api/v2.0/devices/?fields={fields}&page={page}&page_size=200&sort_by=label");
    assert_eq!(read(&simulator), [target(1), target(2), target(3)]);
    for request in simulator.reads() {
        assert_eq!(request.header("x-auth-token"), Some(TOKEN));
        assert_eq!(
            (request.header("api-version"), request.header("x-bulk-operation")),
            (None, None)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_pages_are_asked_for_than_there_are() {
    for (devices, expected) in [(0, "1"), (1, "1"), (200, "1"), (201, "1 2"), (400, "1 2")] {
        let simulator = trapped(fleet(devices), PageTraps::new()).await;
        let (listed, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!(listed.len(), devices);
        assert_eq!(pages(&simulator), expected, "{devices}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_next_page_is_never_followed() {
    let elsewhere = faulty(json!([])).await;
    for links in [elsewhere.url(), "http://industrial.ubidots.com"] {
        let simulator = trapped(fleet(450), PageTraps::new().links_to(links)).await;
        let (devices, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!((devices.len(), &*pages(&simulator)), (450, "1 2 3"));
    }
    assert_eq!(elsewhere.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_silently_shorter_ends_nothing() {
    for traps in [PageTraps::new(), PageTraps::new().empty_beyond_end()] {
        let simulator = trapped(fleet(120), traps.page_size_max(50)).await;
        let (devices, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!((devices.len(), &*pages(&simulator)), (120, "1 2 3"));
    }
    // Nor does it where no further page is announced, and the count says that there is more.
    let simulator = scripted(vec![
        page(json!(2), false, &[entry(0)]),
        page(json!(2), false, &[entry(1)]),
    ])
    .await;
    let (devices, _) = list(&client(&simulator), all()).await.unwrap();
    assert_eq!((devices.len(), &*pages(&simulator)), (2, "1 2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_ends_with_its_last_page_an_empty_one_or_a_404() {
    let none = Value::Null;
    for (rest, expected) in [
        (vec![page(none.clone(), false, &[entry(1)])], "1 2"),
        (
            vec![page(none.clone(), true, &[entry(1)]), page(none.clone(), true, &[])],
            "1 2 3",
        ),
        (vec![page(none.clone(), true, &[entry(1)])], "1 2 3"),
        (vec![page(json!(2), true, &[entry(1)])], "1 2 3"),
    ] {
        let mut pages_of = vec![page(none.clone(), true, &[entry(0)])];
        pages_of.extend(rest);
        let simulator = scripted(pages_of).await;
        let (devices, _) = list(&client(&simulator), all()).await.unwrap();
        assert_eq!((found(&devices), &*pages(&simulator)), (vec![0, 1], expected));
    }
    // On the first page a 404 is no end: there may be no such list.
    let simulator = scripted(vec![]).await;
    let error = list(&client(&simulator), all()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Refused, Some(404)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_whole_is_an_error_and_stays_one() {
    let count = "the service counts";
    let changed = "the list changed while it was read";
    for (traps, why) in [
        (PageTraps::new().count_off_by(1), count),
        (PageTraps::new().count_off_by(-1), count),
        (PageTraps::new().count_off_by(1).empty_beyond_end(), count),
        (PageTraps::new().count_off_by(-1).empty_beyond_end(), count),
        (PageTraps::new().device_on_two_pages(), changed),
        (PageTraps::new().shift_after_page(1), changed),
        (PageTraps::new().shift_after_page(2), changed),
    ] {
        let simulator = trapped(fleet(450), traps.clone()).await;
        let error = unwhole(&client(&simulator), all()).await;
        assert!(
            error.starts_with("the list of devices is incomplete: ") && error.contains(why),
            "{traps:?}: {error}"
        );
    }
    let mut upper = entry(0);
    upper["id"] = json!(id(0).as_str().to_uppercase());
    let simulator = scripted(vec![page(json!(2), false, &[entry(0), upper])]).await;
    assert!(unwhole(&client(&simulator), all()).await.contains("came twice"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_no_list_of_devices_is_an_error() {
    for body in [
        json!({"count": 0}),
        json!({"count": 0, "results": null}),
        json!([entry(0)]),
        json!({"count": 1, "results": [{"label": "lab-0"}]}),
        json!({"count": 1, "results": [{"id": 5}]}),
        json!({"count": 1, "results": [{"id": "lab-0"}]}),
        json!({"count": 1, "results": [{"id": ""}]}),
    ] {
        let simulator = faulty(json!([reads(
            json!("1-"),
            json!({"reply": {"status": 200, "json": body}})
        )]))
        .await;
        unwhole(&client(&simulator), all()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_what_the_service_says_of_it() {
    let mut said = entry(0);
    said["lastActivity"] = json!(1_643_775_074_171_i64);
    said["variablesNumber"] = json!(3);
    let simulator = scripted(vec![page(json!(2), false, &[said.clone(), entry(1)])]).await;
    let (devices, _) = list(&client(&simulator), all()).await.unwrap();
    let device = &devices[0];
    assert_eq!(device.id, DeviceId::new(id(0).as_str()).unwrap());
    assert_eq!(
        (device.label.as_deref(), device.name.as_deref()),
        (Some("lab-0"), Some("x"))
    );
    assert_eq!(device.tags.as_deref(), Some(&[][..]));
    let at = "2022-02-02T04:11:14.171Z".parse().unwrap();
    assert_eq!(
        (device.last_activity, devices[1].last_activity),
        (LastActivity::At(at), LastActivity::Never)
    );
    assert_eq!(device.json.decode::<Value>().unwrap(), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_devices_is_the_whole_list_and_a_second_one_continues_it() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(all());
    let first: Vec<_> = listing.stream().take(250).try_collect().await.unwrap();
    assert_eq!(pages(&simulator), "1 2", "pages are fetched as they are needed");
    let page = listing.next_page().await.unwrap().unwrap();
    let last: Vec<_> = listing.stream().try_collect().await.unwrap();
    let whole = [first, page, last].concat();
    assert_eq!(found(&whole), (0..450).collect::<Vec<_>>());
    assert_eq!((listing.listed(), &*pages(&simulator)), (450, "1 2 3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_an_incomplete_list_ends_with_an_error() {
    let simulator = trapped(fleet(450), PageTraps::new().device_on_two_pages()).await;
    let mut listing = client(&simulator).devices(all());
    let items: Vec<_> = listing.stream().collect().await;
    let (last, before) = items.split_last().unwrap();
    assert!(last.is_err() && before.iter().all(Result::is_ok), "{last:?}");
    let error = listing.next_device().await.unwrap_err();
    assert!(error.to_string().contains("incomplete"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_has_ended_stays_ended() {
    for (traps, is_whole) in [(PageTraps::new(), true), (PageTraps::new().count_off_by(1), false)] {
        let simulator = trapped(fleet(2), traps).await;
        let mut listing = client(&simulator).devices(all());
        {
            let mut stream = pin!(listing.stream());
            let mut items = Vec::new();
            while let Some(item) = stream.next().await {
                items.push(item.is_ok());
            }
            assert_eq!(
                items,
                if is_whole {
                    vec![true; 2]
                } else {
                    vec![true, true, false]
                }
            );
            assert!(stream.next().await.is_none() && stream.is_terminated());
        }
        // Another stream is no whole list either.
        let again: Result<Vec<_>, _> = listing.stream().try_collect().await;
        assert_eq!(again.is_ok(), is_whole, "{again:?}");
    }
}

// One thread: no task makes progress between a first poll and the drop.
#[tokio::test]
async fn a_dropped_call_loses_no_device_and_repeats_no_request() {
    let simulator = trapped(fleet(450), PageTraps::new()).await;
    let mut listing = client(&simulator).devices(all());
    let mut devices = Vec::new();
    let mut dropped = 0;
    loop {
        // Polled once and dropped, as by a `select!` whose other branch is ready.
        match listing.next_device().now_or_never() {
            Some(Ok(Some(device))) => devices.push(device),
            Some(end) => break assert!(matches!(end, Ok(None)), "{end:?}"),
            None => {
                dropped += 1;
                tokio::task::yield_now().await;
            }
        }
    }
    assert!(dropped >= 3, "{dropped}");
    assert_eq!(found(&devices), (0..450).collect::<Vec<_>>());
    assert_eq!(pages(&simulator), "1 2 3");
}

#[tokio::test]
async fn a_stream_that_is_not_polled_keeps_no_other_request_from_being_sent() {
    let simulator = trapped(fleet(2), PageTraps::new()).await;
    // The stream has begun to have a token for the key, and is left alone.
    let client = with_key(&simulator);
    let mut listing = client.devices(all());
    let mut stream = pin!(listing.stream());
    let first = stream.next().now_or_never();
    assert!(first.is_none(), "{first:?}");
    let key = id(1).into();
    let other = tokio::time::timeout(Duration::from_secs(30), client.device(&key)).await;
    let other = other.expect("the other request waits for the stream").unwrap();
    assert_eq!(other.unwrap().id, id(1));
    assert_eq!(stream.try_collect::<Vec<_>>().await.unwrap().len(), 2);
}
