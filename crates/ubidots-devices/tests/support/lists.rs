//! Lists of devices, read to their end, and pages as a test has them.

use fleetpurge_simulator::Simulator;
use serde_json::{Value, json};
use ubidots_devices::{Client, Device, Error, ErrorKind, Filter, Listing};

use super::{assert_sure, faulty, id, position, reads};

/// All pages of a list, and the list.
pub async fn list(client: &Client, filter: Filter) -> Result<(Vec<Device>, Listing), Error> {
    let mut listing = client.devices(filter);
    let mut devices = Vec::new();
    while let Some(page) = listing.next_page().await? {
        devices.extend(page);
    }
    Ok((devices, listing))
}

/// The error at the end of a list, which is no end: whoever asks on gets no whole list of it.
pub async fn unwhole(client: &Client, filter: Filter) -> String {
    let mut listing = client.devices(filter);
    let error = loop {
        match listing.next_page().await {
            Ok(page) => assert!(page.is_some(), "a list that is not whole has come to its end"),
            Err(error) => break error,
        }
    };
    assert_sure(&error, ErrorKind::AmbiguousReply, "a list");
    let again = listing.next_page().await;
    assert!(again.is_err(), "{error}, and then: {again:?}");
    error.to_string()
}

pub fn all() -> Filter {
    Filter::all()
}

pub fn entry(n: usize) -> Value {
    json!({"id": id(n).as_str(), "label": format!("lab-{n}"), "name": "x", "tags": [], "lastActivity": null})
}

/// A page as the script has it; `next` is where no client should look.
pub fn page(count: Value, has_next: bool, entries: &[Value]) -> Value {
    let next = has_next.then_some("https://elsewhere.invalid/api/v2.0/devices/?page=7");
    json!({"reply": {"status": 200, "json": {"count": count, "next": next, "previous": null, "results": entries}}})
}

/// A service that has these pages, and a 404 beyond.
pub async fn scripted(pages: Vec<Value>) -> Simulator {
    let mut rules: Vec<Value> = (1..).zip(pages).map(|(n, page)| reads(json!(n), page)).collect();
    rules.push(reads(
        json!("1-"),
        json!({"reply": {"status": 404, "json": {"detail": "Invalid page."}}}),
    ));
    faulty(rules.into()).await
}

pub fn found(devices: &[Device]) -> Vec<usize> {
    let mut found: Vec<usize> = devices.iter().map(|device| position(device.id.as_str())).collect();
    // They come in the order of their labels.
    found.sort_unstable();
    found
}
