//! One request: what is sent, byte for byte, and what is not sent at all.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::num::NonZeroUsize;

use fleetpurge_simulator::{Simulator, UbidotsDevice};
use serde_json::json;
use support::*;
use ubidots_devices::{ErrorKind, Label};

#[tokio::test(flavor = "multi_thread")]
async fn the_three_forms_of_a_key_go_out_character_for_character() {
    let simulator = faulty(json!([])).await;
    let keys = [
        key("6E309da44fc8455a9ccEB5aa"),
        key("~second-device"),
        key("~caf\u{e9}\"'<&+:.\u{1f600}"),
        key(r#"{ "id" : "6e309dA44fc8455a9cceb5ab" }"#),
    ];
    client(&simulator).delete_devices(&keys).await.unwrap();
    let requests = simulator.requests();
    assert_eq!(requests.len(), 1);
    let expected = "[\"6E309da44fc8455a9ccEB5aa\",\"~second-device\",\"~caf\u{e9}\\\"'<&+:.\u{1f600}\",\
                    {\"id\":\"6e309dA44fc8455a9cceb5ab\"}]";
    assert_eq!(str::from_utf8(&requests[0].body).unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_the_documented_headers_and_no_others() {
    let simulator = faulty(json!([])).await;
    client(&simulator).delete_devices(&keys(0..2)).await.unwrap();
    let request = &simulator.requests()[0];
    assert_eq!(request.method, "POST");
    assert_eq!(request.uri.to_string(), BULK_DELETE, "the token is no part of it");
    let mut names: Vec<&str> = request.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let expected = [
        "accept",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-auth-token",
        "x-bulk-operation",
    ];
    assert_eq!(names, expected);
    assert_eq!(request.headers.get_all("x-auth-token").iter().count(), 1);
    assert_eq!(request.header("x-auth-token"), Some(TOKEN));
    assert_eq!(request.header("x-bulk-operation"), Some("True"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("ubidots-devices/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_url_with_a_path_or_a_slash_at_its_end_makes_no_other_path() {
    let simulator = faulty(json!([])).await;
    for base in ["/", "//"] {
        let client = with_token(&format!("{}{base}", simulator.url())).build().unwrap();
        client.delete_devices(&keys(0..1)).await.unwrap();
        assert_eq!(
            simulator.requests().last().unwrap().uri.to_string(),
            BULK_DELETE,
            "{base}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_to_be_wrong_is_not_sent_and_not_logged_in_for() {
    let simulator = faulty(json!([])).await;
    let one = "6e309da44fc8455a9cceb5aa";
    let upper = one.to_uppercase();
    let object = format!(r#"{{"id":"{upper}"}}"#);
    let long = |n: usize| key(&format!("~{n}{}", "x".repeat(1_000)));
    let table = [
        (vec![], "no device was named"),
        (keys(0..301), "301 keys are more than the 300 of one request"),
        (
            (0..10).map(long).collect(),
            "10 keys are longer than the 10000 bytes of one request",
        ),
        (vec![key(one), key("~a"), key(one)], "is named twice"),
        (vec![key(one), key(&upper)], "is named twice"),
        (vec![key(one), key(&object)], "is named twice"),
        (vec![key(&object), key(one)], "is named twice"),
        (vec![key("~a"), key("~b"), key("~a")], "the key ~a is named twice"),
    ];
    let client = with_key(&simulator);
    for (keys, why) in table {
        let error = client.delete_devices(&keys).await.unwrap_err();
        assert_sure(&error, ErrorKind::InvalidInput, why);
        assert!(error.to_string().ends_with(why), "{error}");
    }
    assert_eq!(simulator.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_that_differ_only_in_case_are_two_devices() {
    let simulator = faulty(json!([])).await;
    client(&simulator)
        .delete_devices(&[key("~a"), key("~A")])
        .await
        .unwrap();
    assert_eq!(&*simulator.requests()[0].body, br#"["~a","~A"]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_as_long_as_it_may_be_and_no_longer() {
    let simulator = faulty(json!([])).await;
    client(&simulator).delete_devices(&keys(0..300)).await.unwrap();
    assert_eq!(named(&simulator), "0..300");

    // Two ids, two quotes each, a comma, two brackets.
    let bytes = |most: usize| {
        believing(&simulator, |believed| {
            believed.max_bytes = NonZeroUsize::new(most).unwrap();
        })
    };
    bytes(55).delete_devices(&keys(0..2)).await.unwrap();
    assert_eq!(simulator.requests()[1].body.len(), 55);
    let error = bytes(54).delete_devices(&keys(0..2)).await.unwrap_err();
    assert_sure(&error, ErrorKind::InvalidInput, "54 bytes");
    bytes(1).delete_devices(&keys(0..1)).await.unwrap();
    assert_eq!(simulator.requests()[2].body.len(), 28, "a single key always goes");

    let three = believing(&simulator, |believed| believed.max_keys = NonZeroUsize::new(3).unwrap());
    three.delete_devices(&keys(0..3)).await.unwrap();
    let error = three.delete_devices(&keys(0..4)).await.unwrap_err();
    assert_sure(&error, ErrorKind::InvalidInput, "4 keys");
    assert_eq!(simulator.counts().deletion_requests, 4);
    assert_eq!(simulator.counts().empty_deletions, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_leaves_the_account_and_nothing_else_does() {
    let mut devices = fleet(3);
    devices.push(UbidotsDevice::new(id(3).as_str(), "second-device"));
    let simulator = start(Simulator::builder().ubidots_devices(devices)).await;
    let client = client(&simulator);
    let label = Label::new("second-device").unwrap();
    client.delete_devices(&[id(1).into(), label.into()]).await.unwrap();
    simulator.wait_until_ubidots_left(2).await;
    let left: Vec<String> = simulator
        .ubidots_devices()
        .into_iter()
        .map(|device| device.label)
        .collect();
    assert_eq!(left, ["lab-0", "lab-2"]);
    assert_eq!(client.device(&id(1).into()).await.unwrap(), None);
    assert!(client.device(&id(2).into()).await.unwrap().is_some());
}
