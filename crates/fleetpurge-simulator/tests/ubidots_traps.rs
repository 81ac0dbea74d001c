//! Lists that mislead without an error.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::{PageTraps, Simulator, UbidotsDevice};
use serde_json::json;
use support::ubidots::*;
use support::*;

/// Ten devices, `d0` to `d9`.
async fn account(traps: PageTraps) -> Simulator {
    let devices = (0..10).map(|number| UbidotsDevice::new(format!("{number:024x}"), format!("d{number}")));
    start(Simulator::builder().ubidots_devices(devices).page_traps(traps)).await
}

/// The labels of a page, and the count.
async fn page(simulator: &Simulator, query: &str) -> (String, u64) {
    let json = get(simulator, &format!("{DEVICES}?{query}")).await.json();
    let devices = json["results"].as_array().unwrap().iter();
    let labels: Vec<_> = devices
        .map(|device| device["label"].as_str().unwrap().to_owned())
        .collect();
    (labels.join(" "), json["count"].as_u64().unwrap())
}

#[tokio::test]
async fn a_filter_may_be_ignored() {
    let simulator = account(
        PageTraps::new()
            .ignore_filter("label__startswith")
            .ignore_filter("search"),
    )
    .await;
    let all = page(&simulator, "").await;
    assert_eq!(page(&simulator, "label__startswith=d1").await, all);
    assert_eq!(page(&simulator, "search=d1").await, all);
    assert_eq!(page(&simulator, "label__in=d1").await, ("d1".to_owned(), 1));
    simulator.set_page_traps(PageTraps::new().ignore_filters());
    assert_eq!(page(&simulator, "label__in=d1&id=0").await, all);
    assert_eq!(
        page(&simulator, "label__in=d1&sort_by=-label&page_size=2&page=2").await,
        ("d7 d6".to_owned(), 10)
    );
    simulator.set_page_traps(PageTraps::new());
    assert_eq!(page(&simulator, "search=d1").await.1, 1);
}

#[tokio::test]
async fn a_large_page_is_silently_a_smaller_one() {
    let simulator = account(PageTraps::new().page_size_max(4)).await;
    assert_eq!(page(&simulator, "page_size=500").await, ("d0 d1 d2 d3".to_owned(), 10));
    assert_eq!(page(&simulator, "page_size=500&page=3").await, ("d8 d9".to_owned(), 10));
    assert_eq!(page(&simulator, "page_size=2").await.0, "d0 d1");
}

#[tokio::test]
async fn the_count_may_be_wrong() {
    for (off, count) in [(5, 15), (-3, 7), (-11, 0)] {
        let simulator = account(PageTraps::new().count_off_by(off)).await;
        assert_eq!(page(&simulator, "page_size=1").await, ("d0".to_owned(), count));
    }
}

#[tokio::test]
async fn a_device_may_be_on_two_pages_and_another_on_none() {
    let simulator = account(PageTraps::new().device_on_two_pages()).await;
    assert_eq!(page(&simulator, "page_size=4").await, ("d0 d1 d2 d3".to_owned(), 10));
    assert_eq!(page(&simulator, "page_size=4&page=2").await.0, "d3 d5 d6 d7");
    assert_eq!(page(&simulator, "page_size=4&page=3").await.0, "d8 d9");
    assert_eq!(
        page(&simulator, "page_size=10").await.0,
        "d0 d1 d2 d3 d4 d5 d6 d7 d8 d9"
    );
}

#[tokio::test]
async fn a_list_may_shift_while_it_is_paged() {
    let simulator = account(PageTraps::new().shift_after_page(2)).await;
    assert_eq!(page(&simulator, "page_size=4").await.0, "d0 d1 d2 d3");
    assert_eq!(
        page(&simulator, "page_size=4&page=2").await,
        ("d4 d5 d6 d7".to_owned(), 10)
    );
    // d8 is on no page.
    assert_eq!(page(&simulator, "page_size=4&page=3").await, ("d9".to_owned(), 9));
    assert_eq!(page(&simulator, "page_size=4&page=2").await.0, "d5 d6 d7 d8");
    assert_eq!(page(&simulator, "").await.1, 9, "it happens once");
}

#[tokio::test]
async fn a_page_beyond_the_end_may_be_empty() {
    let simulator = account(PageTraps::new().empty_beyond_end()).await;
    assert_eq!(page(&simulator, "page=2").await, (String::new(), 10));
}

#[tokio::test]
async fn links_lead_where_they_are_set_to_lead() {
    let thief = simulator().await;
    let simulator = account(PageTraps::new().links_to(thief.url())).await;
    let json = get(&simulator, &format!("{DEVICES}?page_size=4&page=2")).await.json();
    for link in ["next", "previous"] {
        assert!(json[link].as_str().unwrap().starts_with(thief.url()), "{link}");
    }
    for link in ["url", "variables"] {
        assert!(
            json["results"][0][link].as_str().unwrap().starts_with(thief.url()),
            "{link}"
        );
    }
    assert!(simulator.remove_ubidots_device("~d0") && !simulator.remove_ubidots_device("~d0"));
    assert_eq!(
        (thief.counts().reads, json!(simulator.counts())["reads"].as_u64()),
        (0, Some(1))
    );
}
