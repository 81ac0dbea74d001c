//! What leaves for one request, byte by byte, and what is refused before anything does.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_testing::raw::{Raw, Request, read_request, write};
use nexthink_data_management::{Applied, Client, Device, Endpoints, ErrorKind, OutcomeKind, UidValidation};
use serde_json::json;
use support::*;
use uuid::Uuid;

/// What one `delete_devices` puts on the wire.
async fn sent(devices: &[Device], request_id: Option<Uuid>) -> Request {
    let raw = Raw::bind().await;
    let client = with_token(Endpoints::at(&raw.url, None).unwrap()).build().unwrap();
    let service = tokio::spawn(async move {
        let mut stream = raw.accept().await;
        let request = read_request(&mut stream).await.unwrap();
        write(&mut stream, &request.accepted()).await;
        request
    });
    let deletion = client.delete_devices(devices);
    let deletion = match request_id {
        Some(id) => deletion.request_id(id),
        None => deletion,
    };
    let receipt = deletion.await.unwrap();
    assert!(receipt.outcomes().iter().all(|of| of.kind == OutcomeKind::Scheduled));
    service.await.unwrap()
}

#[tokio::test]
async fn a_request_is_what_the_documentation_asks_for_and_no_more() {
    let id = Uuid::new_v4();
    let request = sent(&devices(2), Some(id)).await;
    let line = "POST /api/v1/data-management/device/deletions HTTP/1.1\r\n";
    assert!(request.head.starts_with(line), "{}", request.head);
    let table: &[(&str, &[&str])] = &[
        ("authorization", &["Bearer test-token"]),
        ("x-request-id", &[&id.to_string()]),
        ("accept", &["application/json"]),
        ("content-type", &["application/json"]),
        ("content-length", &[&request.body.len().to_string()]),
        (
            "user-agent",
            &[concat!("nexthink-data-management/", env!("CARGO_PKG_VERSION"))],
        ),
        ("api-version", &[]),
        ("transfer-encoding", &[]),
        ("expect", &[]),
        ("cookie", &[]),
        ("referer", &[]),
        ("accept-encoding", &[]),
    ];
    for (name, values) in table {
        assert_eq!(request.headers(name), *values, "{name}");
    }
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        r#"{"devices":[{"name":"PC-0","uid":"a36f0a3c-9e2b-4b6f-8a57-000000000000"},{"name":"PC-1","uid":"a36f0a3c-9e2b-4b6f-8a57-000000000001"}]}"#
    );
}

#[tokio::test]
async fn every_request_has_a_fresh_id_unless_one_is_given() {
    let one = devices(1);
    let (first, second) = (sent(&one, None).await, sent(&one, None).await);
    let ids: Vec<Uuid> = [&first, &second]
        .iter()
        .map(|request| request.headers("x-request-id")[0].parse().unwrap())
        .collect();
    assert_ne!(ids[0], ids[1]);
    assert_eq!(ids[0].get_version_num(), 4);
}

#[tokio::test]
async fn uids_and_names_leave_character_for_character() {
    let odd = [
        "  outer space  ",
        "tab\tand\nnewline\r\n",
        "quote\" back\\slash /slash",
        "nul\u{0} bell\u{7} del\u{7f} nel\u{85}",
        "Größe Ærø ÅÄÖ",
        "e\u{301} is not é",
        "中文 日本語 한국어",
        "עברית \u{202e}rtl\u{202c} العربية",
        "zero\u{200b}width\u{feff}bom",
        "👩‍💻 family 👨‍👩‍👧‍👦 flag 🇨🇭",
        "line\u{2028}paragraph\u{2029}",
        "noncharacter \u{fffe}\u{ffff} private \u{e000} last \u{10ffff}",
        "\u{fffd}",
        "%20 + &amp; ${jndi} {} '",
    ];
    let long = "x".repeat(10_000);
    let odd: Vec<&str> = odd.into_iter().chain([&*long]).collect();
    let devices: Vec<Device> = odd
        .iter()
        .flat_map(|text| [Device::new(*text, "a name"), Device::new(format!("{text}!"), *text)])
        .collect();
    let request = sent(&devices, None).await;
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let expected: Vec<_> = devices
        .iter()
        .map(|device| json!({"uid": device.uid, "name": device.name}))
        .collect();
    assert_eq!(body, json!({"devices": expected}));
}

#[tokio::test]
async fn malformed_uids_are_sent_as_they_are_unless_asked_otherwise() {
    let simulator = faulty(json!([])).await;
    let malformed = [
        Device::new("A36F0A3C-9E2B-4B6F-8A57-000000000000", "upper"),
        Device::new("{a36f0a3c-9e2b-4b6f-8a57-000000000001}", "braces"),
        Device::new("urn:uuid:a36f0a3c-9e2b-4b6f-8a57-000000000002", "urn"),
        Device::new("a36f0a3c9e2b4b6f8a57000000000003", "bare"),
        Device::new("not-a-uid", "word"),
        Device::new(" a36f0a3c-9e2b-4b6f-8a57-000000000004", "space"),
    ];
    for mode in [UidValidation::Warn, UidValidation::Permissive] {
        let receipt = client(&simulator)
            .delete_devices(&malformed)
            .uid_validation(mode)
            .await
            .unwrap();
        let kinds = receipt.outcomes().iter().map(|of| of.kind.as_str());
        assert_eq!(stretches(kinds), "0..1 scheduled, 1..6 invalid", "{mode}");
    }
    for request in simulator.requests() {
        let received = request.devices.iter().map(|(uid, name)| Device::new(uid, name));
        assert!(received.eq(malformed.iter().cloned()));
    }
    let strict = with_token(endpoints(&simulator)).uid_validation(UidValidation::Strict);
    let strict = strict.build().unwrap();
    for device in &malformed[1..] {
        let batch = [support::device(9), device.clone()];
        let error = strict.delete_devices(&batch).await.unwrap_err();
        assert_eq!((error.kind(), error.applied()), (ErrorKind::InvalidInput, Applied::No));
        assert!(error.to_string().contains("malformed"), "{error}");
    }
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_before_anything_is_sent() {
    let simulator = faulty(json!([])).await;
    let client: Client = with_login(&simulator).build().unwrap();
    let twice = |first: &str, second: &str| vec![device(1), Device::new(first, "a"), Device::new(second, "b")];
    let table: Vec<(Vec<Device>, &str)> = vec![
        (vec![], "no device was named"),
        (devices(101), "101 devices are more than the 100 of one request"),
        (vec![device(0), Device::new("", "name")], "device 2 has a blank uid"),
        (
            vec![Device::new(" \t\u{a0}\u{3000}", "name")],
            "device 1 has a blank uid",
        ),
        (vec![Device::new("uid", "")], "device 1 has a blank name"),
        (vec![Device::new("uid", "\r\n ")], "device 1 has a blank name"),
        (twice("x", "x"), "the uid \"x\" is named twice"),
        (
            twice(
                "a36f0a3c-9e2b-4b6f-8a57-0000000000ff",
                "A36F0A3C-9E2B-4B6F-8A57-0000000000FF",
            ),
            "the uid \"A36F0A3C-9E2B-4B6F-8A57-0000000000FF\" is named twice",
        ),
    ];
    for (batch, words) in table {
        let error = client.delete_devices(&batch).await.unwrap_err();
        assert_eq!(error.to_string(), words);
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::InvalidInput, Applied::No),
            "{words}"
        );
        assert_eq!((error.status(), error.request_id()), (None, None), "{words}");
    }
    assert_eq!(simulator.counts().connections, 0);
    client.delete_devices(&devices(100)).await.unwrap();
    client.delete_devices(&twice("x", "X")).await.unwrap();
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn a_stream_skips_what_it_may_not_send_and_says_why() {
    let simulator = faulty(json!([])).await;
    let list = [
        device(0),
        Device::new(" ", "blank uid"),
        Device::new(device(1).uid, ""),
        device(2),
        Device::new(device(0).uid.to_uppercase(), "again"),
        Device::new("malformed", "word"),
        Device::new("malformed", "word again"),
    ];
    let report = client(&simulator).delete_all(list.clone(), &options(1)).await;
    let kinds = report.devices.iter().map(|of| of.outcome.kind.as_str());
    assert_eq!(
        stretches(kinds),
        "0..1 scheduled, 1..3 skipped, 3..4 scheduled, 4..5 skipped, 5..6 invalid, 6..7 skipped"
    );
    let why = |n: usize| report.devices[n].outcome.detail.as_deref().unwrap();
    assert_eq!(why(1), "its uid is blank");
    assert_eq!(why(2), "its name is blank");
    assert_eq!(why(4), "its uid was given before, as device 1");
    assert_eq!(why(6), "its uid was given before, as device 6");
    let kept = [0, 3, 5].map(|n: usize| (list[n].uid.clone(), list[n].name.clone()));
    assert_eq!(simulator.received_devices(), kept);
}
