//! Faults in what a 202 says of its devices, and batches refused for one of them.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use serde_json::{Value, json};
use support::*;

const DEVICES: [(&str, &str); 3] = [(A, "a"), (B, "b"), (C, "c")];

fn entry(uid: &str, name: &str, status: &str) -> Value {
    json!({"uid": uid, "name": name, "status": status})
}

/// The reply to `DEVICES` with these edits.
async fn edited(steps: Value) -> Value {
    let simulator = faulty(json!([{"then": {"edit": steps}}])).await;
    let reply = delete(&simulator, &DEVICES).await;
    assert_eq!(reply.status, 202);
    assert_eq!(
        simulator.scheduled_devices(),
        owned(&DEVICES),
        "an edit is a lie, not a deed"
    );
    reply.json()
}

#[tokio::test]
async fn entries_are_changed_as_the_script_says() {
    let [a, b, c] = [
        entry(A, "a", "SCHEDULED"),
        entry(B, "b", "SCHEDULED"),
        entry(C, "c", "SCHEDULED"),
    ];
    let odd = entry(B, "b", "ODD");
    let upper = A.to_uppercase();
    #[rustfmt::skip]
    let table = [
        (json!([]), 3, json!([a, b, c])),
        (json!([{"set_status": {"of": B, "status": "ODD"}}]), 2, json!([a, odd, c])),
        (json!([{"set_status": {"of": "b", "status": "ODD"}}]), 2, json!([a, odd, c])),
        (json!([{"set_status": {"of": 1, "status": null}}]), 2, json!([a, {"uid": B, "name": "b", "status": null}, c])),
        (json!([{"set_status": {"of": "all", "status": "FAILED"}}]), 0, json!([entry(A, "a", "FAILED"), entry(B, "b", "FAILED"), entry(C, "c", "FAILED")])),
        (json!([{"remove_status": {"of": [0, "b"]}}]), 1, json!([{"uid": A, "name": "a"}, {"uid": B, "name": "b"}, c])),
        (json!([{"omit": {"of": B}}]), 2, json!([a, c])),
        (json!([{"omit": {"of": "all"}}]), 0, json!([])),
        (json!([{"duplicate": {"of": B}}]), 4, json!([a, b, b, c])),
        (json!([{"duplicate": {"of": B, "status": "ODD"}}]), 3, json!([a, b, odd, c])),
        (json!([{"add": {"uid": "x", "name": "y", "status": "SCHEDULED"}}]), 4, json!([a, b, c, entry("x", "y", "SCHEDULED")])),
        (json!([{"add": 7}]), 3, json!([a, b, c, 7])),
        (json!([{"rename": {"of": A, "name": "z"}}]), 3, json!([entry(A, "z", "SCHEDULED"), b, c])),
        (json!([{"rename": {"of": "a", "uid": "u", "name": "z"}}]), 3, json!([entry("u", "z", "SCHEDULED"), b, c])),
        (json!([{"upper_case_uid": {"of": A}}]), 3, json!([entry(&upper, "a", "SCHEDULED"), b, c])),
        (json!([{"reorder": "reverse"}]), 3, json!([c, b, a])),
        (json!([{"set": {"of": 2, "fields": {"uid": 5, "new": []}}}]), 3, json!([a, b, {"uid": 5, "name": "c", "status": "SCHEDULED", "new": []}])),
        (json!([{"unset": {"of": 2, "fields": ["name", "uid"]}}]), 3, json!([a, b, {"status": "SCHEDULED"}])),
        (json!([{"reorder": "reverse"}, {"omit": {"of": 0}}]), 2, json!([c, b])),
    ];
    for (steps, count, devices) in table {
        let reply = edited(steps.clone()).await;
        let expected = json!({"scheduledCount": count, "status": "ACCEPTED", "devices": devices});
        assert_eq!(reply, expected, "{steps}");
    }
}

#[tokio::test]
async fn the_reply_as_a_whole_is_changed_as_the_script_says() {
    let faithful = edited(json!([])).await;
    for (steps, change) in [
        (json!([{"scheduled_count": 99}]), json!({"scheduledCount": 99})),
        (json!([{"scheduled_count": "3"}]), json!({"scheduledCount": "3"})),
        (json!([{"overall_status": "REJECTED"}]), json!({"status": "REJECTED"})),
        (
            json!([{"set_reply": {"devices": "none", "new": 1}}]),
            json!({"devices": "none", "new": 1}),
        ),
    ] {
        let mut expected = faithful.clone();
        expected
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        assert_eq!(edited(steps.clone()).await, expected, "{steps}");
    }
    let reply = edited(json!([{"unset_reply": ["devices", "status"]}])).await;
    assert_eq!(reply, json!({"scheduledCount": 3}));
}

#[tokio::test]
async fn a_shuffle_is_the_same_in_every_run_and_loses_nothing() {
    let many: Vec<_> = (0..20).map(|number| (A, format!("pc-{number}"))).collect();
    let many: Vec<_> = many.iter().map(|(uid, name)| (*uid, name.as_str())).collect();
    let names = async || {
        let simulator = faulty(json!([{"then": {"edit": [{"reorder": "shuffle"}]}}])).await;
        let reply = delete(&simulator, &many).await.json();
        let devices = reply["devices"].as_array().unwrap().clone();
        devices
            .iter()
            .map(|device| device["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (first, asked) = (
        names().await,
        many.iter().map(|(_, name)| (*name).to_owned()).collect::<Vec<_>>(),
    );
    assert_eq!(first, names().await);
    assert_ne!(first, asked);
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(sorted(first), sorted(asked));
}

#[tokio::test]
async fn a_device_fails_for_its_first_rounds_and_is_not_scheduled_in_them() {
    let simulator = faulty(json!([{"then": {"failed": {"devices": [B, "c"], "rounds": 2}}}])).await;
    let words = async |devices: &[(&str, &str)]| {
        let reply = delete(&simulator, devices).await.json();
        let words: Vec<_> = reply["devices"]
            .as_array()
            .unwrap()
            .iter()
            .map(|device| device["status"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            reply["scheduledCount"],
            words.iter().filter(|word| *word == "SCHEDULED").count()
        );
        words
    };
    assert_eq!(words(&DEVICES).await, ["SCHEDULED", "FAILED", "FAILED"]);
    assert_eq!(words(&[(B, "b")]).await, ["FAILED"]);
    assert_eq!(words(&[(B, "b"), (C, "c")]).await, ["SCHEDULED", "FAILED"]);
    assert_eq!(words(&[(C, "c")]).await, ["SCHEDULED"]);
    assert_eq!(simulator.faults_fired(), [3]);
    assert_eq!(simulator.scheduled_devices(), owned(&[(A, "a"), (B, "b"), (C, "c")]));
}

#[tokio::test]
async fn a_malformed_uid_stays_invalid_where_the_others_fail() {
    let simulator = faulty(json!([{"then": {"failed": {"devices": "all"}}}])).await;
    for _ in 0..3 {
        let reply = delete(&simulator, &[(A, "a"), ("nonsense", "b")]).await.json();
        assert_eq!(
            (&reply["devices"][0]["status"], &reply["devices"][1]["status"]),
            (&json!("FAILED"), &json!("INVALID"))
        );
    }
}

#[tokio::test]
async fn a_poisoned_device_refuses_every_batch_it_is_in() {
    let simulator = faulty(json!([{"then": {"poison": [B, "c"]}}])).await;
    for (devices, status) in [
        (&DEVICES[..], 400),
        (&DEVICES[..2], 400),
        (&DEVICES[2..], 400),
        (&DEVICES[..1], 202),
    ] {
        let reply = delete(&simulator, devices).await;
        assert_eq!(reply.status, status);
        assert!(status == 202 || reply.code() == "INVALID_REQUEST");
    }
    assert_eq!(simulator.scheduled_devices(), owned(&DEVICES[..1]));
    let unauthorized = ask(&simulator, &request("POST", DELETIONS, &[JSON], &batch(&DEVICES))).await;
    assert_eq!(unauthorized.status, 401, "the poison is found after the token");
}

#[tokio::test]
async fn the_batch_limit_changes_and_everything_is_refused() {
    let simulator = faulty(json!([
        {"when": {"request": "1-2"}, "then": {"batch_limit": 2}},
        {"when": {"request": 3}, "then": {"refuse_everything": true}},
        {"when": {"request": 4}, "then": {"unauthorized": true}}
    ]))
    .await;
    for (devices, status, code) in [
        (&DEVICES[..], 400, "BATCH_SIZE_EXCEEDED"),
        (&DEVICES[..2], 202, ""),
        (&DEVICES[..1], 400, "INVALID_REQUEST"),
    ] {
        let reply = delete(&simulator, devices).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
    }
    let reply = delete(&simulator, &DEVICES).await;
    assert_eq!((reply.status, reply.body.len()), (401, 0));
    assert_eq!(delete(&simulator, &DEVICES).await.status, 202);
}
