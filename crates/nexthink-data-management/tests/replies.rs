//! Replies that are odd, wrong or no replies at all: each device gets what was plainly said of it, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use base64::Engine as _;
use nexthink_data_management::AnomalyKind::{
    self, DisagreeingEntries, ForeignEntry, MissingEntry, OtherName, OtherOverallStatus, RepeatedEntry, RespelledEntry,
    UnheardOfStatus, WrongCount,
};
use nexthink_data_management::{Applied, Client, ErrorKind};
use serde_json::{Value, json};
use support::*;
use uuid::Uuid;

const FINE: &str = "0..3 scheduled";
const FIRST_OPEN: &str = "0..1 unknown, 1..3 scheduled";
const OPEN: &str = "0..3 unknown";

/// One faithful reply to three devices, told wrongly: what becomes of each device, and what is recorded.
#[tokio::test(flavor = "multi_thread")]
async fn each_device_gets_what_was_plainly_said_of_it() {
    let stranger = device(99);
    let add = json!({"add": {"uid": stranger.uid, "name": stranger.name, "status": "SCHEDULED"}});
    let status = |word: Value| json!([{"set_status": {"of": 0, "status": word}}]);
    let name = |name: &str| json!([{"rename": {"of": 0, "name": name}}]);
    let double = |status: &str| json!([{"duplicate": {"of": 0, "status": status}}]);
    let table: Vec<(Value, &str, &[AnomalyKind])> = vec![
        (json!([]), FINE, &[]),
        (json!([{"reorder": "reverse"}]), FINE, &[]),
        (json!([{"reorder": "shuffle"}]), FINE, &[]),
        (json!([{"omit": {"of": 0}}]), FIRST_OPEN, &[MissingEntry]),
        (json!([{"omit": {"of": "all"}}]), OPEN, &[MissingEntry; 3]),
        (json!([add.clone()]), FINE, &[ForeignEntry]),
        (
            json!([{"omit": {"of": 0}}, add]),
            FIRST_OPEN,
            &[ForeignEntry, MissingEntry],
        ),
        (
            json!([{"rename": {"of": 0, "uid": stranger.uid}}]),
            FIRST_OPEN,
            &[ForeignEntry, MissingEntry],
        ),
        (double("SCHEDULED"), FINE, &[RepeatedEntry]),
        (double("FAILED"), FIRST_OPEN, &[DisagreeingEntries]),
        (double("QUEUED"), FIRST_OPEN, &[DisagreeingEntries]),
        (name("quite another"), FIRST_OPEN, &[OtherName]),
        (name("pc-0"), FINE, &[RespelledEntry]),
        (name(" PC-0\t"), FINE, &[RespelledEntry]),
        (json!([{"upper_case_uid": {"of": "all"}}]), FINE, &[RespelledEntry; 3]),
        (json!([{"unset": {"of": 0, "fields": "name"}}]), FINE, &[]),
        (
            json!([{"unset": {"of": 0, "fields": "uid"}}]),
            FIRST_OPEN,
            &[ForeignEntry, MissingEntry],
        ),
        (
            json!([{"set": {"of": "all", "fields": {"reason": [1, null]}}}]),
            FINE,
            &[],
        ),
        (json!([{"set_reply": {"unheard": {"of": "field"}}}]), FINE, &[]),
        (status(json!("QUEUED")), FIRST_OPEN, &[UnheardOfStatus]),
        (status(json!("scheduled")), FIRST_OPEN, &[UnheardOfStatus]),
        (status(json!("")), FIRST_OPEN, &[UnheardOfStatus]),
        (status(json!(null)), FIRST_OPEN, &[UnheardOfStatus]),
        (json!([{"remove_status": {"of": 0}}]), FIRST_OPEN, &[UnheardOfStatus]),
        (json!([{"scheduled_count": 1000}]), FINE, &[WrongCount]),
        (json!([{"scheduled_count": -1}]), FINE, &[WrongCount]),
        (json!([{"scheduled_count": null}]), FINE, &[WrongCount]),
        (json!([{"unset_reply": "scheduledCount"}]), FINE, &[WrongCount]),
        (json!([{"overall_status": "PARTIAL"}]), FINE, &[OtherOverallStatus]),
        (json!([{"overall_status": null}]), FINE, &[OtherOverallStatus]),
        (json!([{"unset_reply": "status"}]), FINE, &[OtherOverallStatus]),
    ];
    for (steps, expected, anomalies) in table {
        let simulator = faulty(json!([{"then": {"edit": steps.clone()}}])).await;
        let three = devices(3);
        let receipt = client(&simulator).delete_devices(&three).await.unwrap();
        let kinds = receipt.outcomes().iter().map(|of| of.kind.as_str());
        assert_eq!(stretches(kinds), expected, "{steps}");
        let mut found: Vec<_> = receipt.anomalies().iter().map(|anomaly| anomaly.kind).collect();
        found.retain(|kind| anomalies.contains(kind) || *kind != WrongCount);
        assert_eq!(found, anomalies, "{steps}");
        assert_eq!(simulator.requests().len(), 1, "{steps}");

        let report = run(&client(&simulator), 3).await;
        assert_eq!(outcomes(&report), expected, "{steps}");
        assert_eq!(simulator.requests().len(), 2, "{steps}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_word_is_kept_for_what_is_not_documented() {
    let simulator = faulty(json!([{"then": {"edit": [
        {"set_status": {"of": 0, "status": "QUEUED"}},
        {"rename": {"of": 1, "name": "other"}},
        {"set_status": {"of": 2, "status": "INVALID"}},
    ]}}]))
    .await;
    let id = Uuid::new_v4();
    let three = devices(3);
    let receipt = client(&simulator).delete_devices(&three).request_id(id).await.unwrap();
    let codes: Vec<_> = receipt.outcomes().iter().map(|of| of.code.as_deref()).collect();
    assert_eq!(codes, [Some("QUEUED"), Some("SCHEDULED"), Some("INVALID")]);
    assert_eq!(receipt.request_id(), Some(&*id.to_string()));
    assert_eq!(receipt.trace_id(), Some(&*id.to_string()));
}

/// What cannot be decoded as the documented 202: nobody knows whether the service has acted.
fn undecodable() -> Vec<(Value, &'static str)> {
    let invalid = |bytes: &[u8]| json!({"base64": base64::prelude::BASE64_STANDARD.encode(bytes)});
    let entry = |entry: Value| json!({"json": {"status": "ACCEPTED", "scheduledCount": 1, "devices": [entry]}});
    let mut table = vec![
        (json!({}), ""),
        (json!({"text": ""}), ""),
        (json!({"html": "<h1>Accepted</h1>"}), "<h1>Accepted</h1>"),
        (
            json!({"text": "{\"status\": \"ACCEPTED\", \"dev"}),
            "{\"status\": \"ACCEPTED\", \"dev",
        ),
        (json!({"text": "null"}), "null"),
        (json!({"text": "[]"}), "[]"),
        (json!({"text": "{} {}"}), "{} {}"),
        (
            invalid(b"{\"devices\":[{\"uid\":\"\xff\xfe\"}]}"),
            "{\"devices\":[{\"uid\":\"\u{fffd}\u{fffd}\"}]}",
        ),
        (json!({"json": {"devices": null}}), "{\"devices\":null}"),
        (json!({"json": {"devices": "all"}}), "{\"devices\":\"all\"}"),
    ];
    for wrong in [
        json!({"uid": 5}),
        json!({"uid": "x", "status": 1}),
        json!("x"),
        json!(null),
    ] {
        table.push((entry(wrong), "{\""));
    }
    let count = json!({"json": {"status": "ACCEPTED", "scheduledCount": "3", "devices": []}});
    table.push((count, "{\""));
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn a_202_that_cannot_be_decoded_leaves_all_of_its_batch_open_and_its_head_is_kept() {
    for (body, head) in undecodable() {
        let mut reply = body;
        reply["status"] = json!(202);
        let said = reply.to_string();
        let simulator = faulty(json!([{"then": {"applied": true, "reply": reply}}])).await;
        let error = open(&client(&simulator), 202, &said).await;
        assert_eq!(error.kind(), ErrorKind::AmbiguousReply, "{said}");
        assert!(
            error.body_head().unwrap_or_default().starts_with(head),
            "{said}: {:?}",
            error.body_head()
        );
        assert_eq!(error.body_head().is_none(), head.is_empty(), "{said}");
        assert_eq!(simulator.requests().len(), 1, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_202_without_devices_names_none_of_them() {
    for steps in [
        json!([{"unset_reply": "devices"}]),
        json!([{"set_reply": {"devices": []}}]),
    ] {
        let simulator = faulty(json!([{"then": {"edit": steps.clone()}}])).await;
        let three = devices(3);
        match client(&simulator).delete_devices(&three).await {
            Ok(receipt) => {
                let kinds = receipt.outcomes().iter().map(|of| of.kind.as_str());
                assert_eq!(stretches(kinds), OPEN, "{steps}");
            }
            Err(error) => assert_eq!(error.applied(), Applied::Maybe, "{steps}"),
        }
        assert_eq!(outcomes(&run(&client(&simulator), 3).await), OPEN, "{steps}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_success_than_202_says_nothing_even_with_a_perfect_body() {
    let entries: Vec<Value> = devices(3)
        .iter()
        .map(|device| json!({"uid": device.uid, "name": device.name, "status": "SCHEDULED"}))
        .collect();
    let perfect = json!({"status": "ACCEPTED", "scheduledCount": 3, "devices": entries});
    for status in [200, 201, 203, 206, 303] {
        let reply = json!({"status": status, "json": perfect});
        let simulator = faulty(json!([{"then": {"reply": reply}}])).await;
        let error = open(&client(&simulator), status, "perfect").await;
        assert!(error.body_head().unwrap().starts_with('{'), "{status}");
        assert_eq!(simulator.requests().len(), 1, "{status}");
    }
    let simulator = faulty(json!([{"then": {"reply": {"status": 204}}}])).await;
    assert_eq!(open(&client(&simulator), 204, "empty").await.body_head(), None);
}

/// The error of one deletion that may have been applied, its ids kept.
async fn open(client: &Client, status: u16, said: &str) -> nexthink_data_management::Error {
    let (three, id) = (devices(3), Uuid::new_v4());
    let error = client.delete_devices(&three).request_id(id).await.unwrap_err();
    assert_eq!(
        (error.applied(), error.status()),
        (Applied::Maybe, Some(status)),
        "{said}"
    );
    assert_eq!(error.request_id(), Some(&*id.to_string()), "{said}");
    assert_eq!(error.trace_id(), Some(&*id.to_string()), "{said}");
    error
}

/// The most memory this process has had, in KiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn padding_of_64_mb_is_not_read_into_memory() {
    let entry = json!({"uid": device(0).uid, "name": "PC-0", "status": "SCHEDULED"});
    let prefix = format!("{{\"status\":\"ACCEPTED\",\"scheduledCount\":1,\"devices\":[{entry}");
    let pad = |status: u16, text: &str| json!({"status": status, "repeat": {"prefix": prefix, "text": text, "times": (64 << 20) / text.len(), "suffix": "]}"}});
    // Everything that a first request needs is there before the measuring starts.
    let simulator = faulty(json!([{"when": {"request": 1}, "then": {"reply": {"status": 202}}}])).await;
    open(&client(&simulator), 202, "first").await;
    let before = peak();
    for reply in [pad(202, " "), pad(202, "\u{00e9}"), pad(500, "x"), pad(200, " ")] {
        let status = u16::try_from(reply["status"].as_u64().unwrap()).unwrap();
        let simulator = faulty(json!([{"then": {"reply": reply}}])).await;
        let error = open(&client(&simulator), status, "padding").await;
        let head = error.body_head().unwrap();
        assert!(
            head.len() <= 1024 + 2 && head.starts_with("{\"status\""),
            "{}",
            head.len()
        );
    }
    let grown = peak() - before;
    assert!(grown < 40 * 1024, "{grown} KiB");
}
