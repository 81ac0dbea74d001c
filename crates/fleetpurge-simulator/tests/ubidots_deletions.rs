//! Ubidots' bulk deletion as documented, and what is left open by the documentation as it is set.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::{Duration, Instant};

use fleetpurge_simulator::{LogLevel, RateLimit, Simulator, UbidotsDevice};
use http::{Method, Version};
use serde_json::{Value, json};
use support::ubidots::*;
use support::*;

#[tokio::test]
async fn keys_of_all_three_kinds_are_accepted_as_one_task() {
    let simulator = start(Simulator::builder().ubidots_devices([device(X, "first"), device(Y, "second")])).await;
    let body = json!([X, "~second", {"id": Z}, "~nobody"]);
    let reply = bulk_delete(&simulator, &body).await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (202, Some("application/json"))
    );
    let task = reply.json()["task"]["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.json(), json!({"task": {"id": task}}));
    assert_ne!(bulk_delete(&simulator, &body).await.json()["task"]["id"], json!(task));
    let recorded = owned(&[(X, "first"), ("~second", "second"), (Z, ""), ("~nobody", "nobody")]);
    assert_eq!(simulator.requests()[0].devices, recorded);
    assert_eq!(simulator.scheduled_devices()[..4], recorded);
    assert!(reply.header("x-request-id").is_none(), "not a header of Ubidots");
}

#[tokio::test]
async fn the_status_of_success_is_what_it_is_set_to() {
    let simulator = start(Simulator::builder().ubidots_accepted_status(200)).await;
    assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 200);
    let error = Simulator::builder()
        .ubidots_accepted_status(404)
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), fleetpurge_simulator::ErrorKind::Setting);
}

#[tokio::test]
async fn each_documented_error_body_is_sent_word_for_word() {
    let simulator = simulator().await;
    let wrong = ("x-auth-token", "wrong");
    let missing = "Authentication credentials were not provided.";
    let missing = json!({"code": 401_001, "message": missing, "detail": missing});
    let incorrect = "Incorrect authentication credentials.";
    let incorrect = json!({"code": 401_002, "message": incorrect, "detail": incorrect});
    let header = json!({"detail": "Header `X-BULK-OPERATION` should be provided for bulk operation."});
    for (headers, body, status, expected) in [
        (vec![BULK, JSON], "[]", 401, &missing),
        (vec![BULK, JSON, ("X-Auth-Token", "")], "[]", 401, &missing),
        (vec![BULK, JSON, BEARER], "[]", 401, &missing),
        (vec![BULK, JSON, wrong], "[]", 401, &incorrect),
        (vec![JSON, AUTH], "[]", 400, &header),
    ] {
        let reply = ask(&simulator, &request("POST", BULK_DELETE, &headers, body)).await;
        assert_eq!((reply.status, &reply.json()), (status, expected));
    }
    let reply = bulk_delete(&simulator, &json!([X, "no key"])).await;
    let detail = json!({"1": ["Not a valid device key."]});
    assert_eq!(reply.status, 400);
    assert_eq!(
        reply.json(),
        json!({"code": 400_001, "message": "Validation Error.", "detail": detail})
    );
    assert!(simulator.scheduled_devices().is_empty());
}

/// What is wrong, headers and body, the status, and the code (0 for a body with `detail` alone).
type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, String, u16, u64);

#[tokio::test]
async fn what_is_not_in_order_is_refused_and_deletes_nothing() {
    let simulator = start(Simulator::builder().ubidots_limits(Some(3), Some(100))).await;
    let good = json!([X]).to_string();
    let text = ("Content-Type", "text/plain");
    let all = || vec![AUTH, BULK, JSON];
    #[rustfmt::skip]
    let table: Vec<Case<'_>> = vec![
        ("no content type", vec![AUTH, BULK], good.clone(), 415, 0),
        ("another content type", vec![AUTH, BULK, text], good.clone(), 415, 0),
        ("no body", vec![AUTH, BULK], String::new(), 400, 400_001),
        ("an empty body", all(), String::new(), 400, 400_001),
        ("no JSON", all(), "[".into(), 400, 400_001),
        ("an object", all(), json!({"devices": [X]}).to_string(), 400, 400_001),
        ("an empty array", all(), "[]".into(), 400, 400_001),
        ("a label without ~", all(), json!(["first"]).to_string(), 400, 400_001),
        ("an id cut short", all(), json!([&X[1..]]).to_string(), 400, 400_001),
        ("a label in an object", all(), json!([{"id": "~first"}]).to_string(), 400, 400_001),
        ("too many keys", all(), json!(["~a", "~b", "~c", "~d"]).to_string(), 413, 0),
        ("too many bytes", all(), json!(["~".to_owned() + &"a".repeat(96)]).to_string(), 413, 0),
        ("as many keys as may be", all(), json!(["~a", "~b", "~c"]).to_string(), 202, 0),
        ("as many bytes as may be", all(), json!(["~".to_owned() + &"a".repeat(95)]).to_string(), 202, 0),
        // Its presence is what counts.
        ("a bulk operation that is none", vec![AUTH, JSON, ("X-Bulk-Operation", "False")], good.clone(), 202, 0),
    ];
    for (case, headers, body, status, code) in table {
        let before = simulator.scheduled_devices().len();
        let reply = ask(&simulator, &request("POST", BULK_DELETE, &headers, &body)).await;
        let json = reply.json();
        assert_eq!(
            (reply.status, json["code"].as_u64().unwrap_or(0)),
            (status, code),
            "{case}"
        );
        assert_eq!(status == 202, simulator.scheduled_devices().len() > before, "{case}");
        assert!(status == 202 || !json["detail"].is_null(), "{case}");
        assert_eq!(json["detail"].is_object(), code == 400_001, "{case}");
    }
    assert_eq!(simulator.counts().empty_deletions, 1);
}

#[tokio::test]
async fn ten_thousand_bytes_are_the_most_by_default() {
    let simulator = simulator().await;
    // `["` … `"]` and 27 bytes an id.
    for (keys, status) in [(370, 202), (371, 413)] {
        assert_eq!(bulk_delete(&simulator, &json!(vec![X; keys])).await.status, status);
    }
}

#[tokio::test]
async fn an_empty_array_is_counted_whoever_sends_it() {
    let simulator = start(Simulator::builder().log(LogLevel::CountsOnly)).await;
    ask(&simulator, &request("POST", BULK_DELETE, &[], " [ ] ")).await;
    bulk_delete(&simulator, &json!([])).await;
    bulk_delete(&simulator, &json!([X])).await;
    assert_eq!(simulator.counts().empty_deletions, 2);
}

#[tokio::test]
async fn only_post_deletes_in_bulk() {
    let simulator = simulator().await;
    for method in ["DELETE", "GET", "PUT", "PATCH"] {
        let body = json!([X]).to_string();
        let reply = ask(&simulator, &request(method, BULK_DELETE, &[AUTH, BULK, JSON], &body)).await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")), "{method}");
        assert_eq!(
            reply.json(),
            json!({"detail": format!("Method \"{method}\" not allowed.")})
        );
    }
    assert_eq!(simulator.counts().deletion_requests, 0);
}

#[tokio::test]
async fn a_deleted_device_leaves_the_account_later() {
    let delay = Duration::from_millis(30);
    let devices = [device(X, "first"), device(Y, "second"), device(Z, "third")];
    let simulator = start(Simulator::builder().ubidots_devices(devices).removal_delay(delay)).await;
    let before = Instant::now();
    bulk_delete(&simulator, &json!([X.to_uppercase(), "~second", "~nobody"])).await;
    soon(simulator.wait_until_ubidots_removed(X)).await;
    assert!(before.elapsed() >= delay);
    soon(simulator.wait_until_ubidots_left(1)).await;
    assert_eq!(simulator.ubidots_devices(), [device(Z, "third")]);
    let account = ask(&simulator, &request("GET", "/_simulator/account", &[], "")).await;
    assert_eq!(account.json(), json!([[Z, "third"]]));
}

#[tokio::test]
async fn a_label_comes_back_with_another_id_when_data_is_sent() {
    let simulator = start(
        Simulator::builder()
            .ubidots_devices([device(X, "first")])
            .removal_delay(Duration::ZERO),
    )
    .await;
    assert_eq!(
        simulator.send_data("first"),
        X,
        "while it is there, it is the same device"
    );
    bulk_delete(&simulator, &json!([X])).await;
    soon(simulator.wait_until_ubidots_removed(X)).await;
    let again = simulator.send_data("first");
    assert_ne!(again, X);
    assert_eq!(simulator.send_data("first"), again);
    let [device] = &simulator.ubidots_devices()[..] else {
        panic!("not one")
    };
    assert_eq!((device.id.as_str(), device.label.as_str()), (again.as_str(), "first"));
    assert!(device.last_activity.is_some());
    // The id is spent: to delete it again harms nobody.
    bulk_delete(&simulator, &json!([X])).await;
    // The label is not: it hits the device that has it now.
    bulk_delete(&simulator, &json!(["~first"])).await;
    soon(simulator.wait_until_ubidots_removed(&again)).await;
}

#[tokio::test]
async fn a_label_is_looked_up_when_the_task_runs_not_when_it_is_asked_for() {
    let simulator = start(Simulator::builder().removal_delay(Duration::from_millis(30))).await;
    bulk_delete(&simulator, &json!(["~first"])).await;
    let created_since = simulator.send_data("first");
    soon(simulator.wait_until_ubidots_removed(&created_since)).await;
}

#[tokio::test]
async fn an_account_with_two_devices_of_one_id_or_label_does_not_start() {
    for devices in [
        [device(X, "a"), device(&X.to_uppercase(), "b")],
        [device(X, "a"), device(Y, "a")],
        [device(X, "a"), device("no id", "b")],
    ] {
        let error = Simulator::builder().ubidots_devices(devices).start().await.unwrap_err();
        assert_eq!(error.kind(), fleetpurge_simulator::ErrorKind::Setting);
    }
}

#[tokio::test]
async fn deletions_of_both_services_are_logged_alike() {
    let simulator = start(Simulator::builder().ubidots_devices([device(X, "first")])).await;
    delete(&simulator, &[(A, "pc")]).await;
    let body = json!([X, "~second"]);
    let path = format!("{BULK_DELETE}?a=b");
    let sent = request("POST", &path, &[AUTH, BULK, JSON, ("X-Odd", "1")], &body.to_string());
    ask(&simulator, &sent).await;
    let [first, second] = &simulator.requests()[..] else {
        panic!("not two")
    };
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!((&first.method, first.uri.path()), (&Method::POST, DELETIONS));
    assert_eq!((&second.method, second.uri.to_string()), (&Method::POST, path));
    assert_eq!(second.body, body.to_string().as_bytes());
    assert_eq!(
        (second.header("x-odd"), second.status, second.version),
        (Some("1"), Some(202), Version::HTTP_11)
    );
    let devices = owned(&[(A, "pc"), (X, "first"), ("~second", "second")]);
    assert_eq!(
        (simulator.received_devices(), simulator.scheduled_devices()),
        (devices.clone(), devices)
    );
    let counts = simulator.counts();
    assert_eq!(
        (
            counts.deletion_requests,
            counts.devices_received,
            counts.devices_scheduled
        ),
        (2, 3, 3)
    );
    let lines = ask(&simulator, &request("GET", "/_simulator/requests", &[], ""))
        .await
        .body;
    let last: Value = serde_json::from_slice(lines.split(|byte| *byte == b'\n').nth(1).unwrap()).unwrap();
    assert_eq!(
        (&last["devices"], &last["status"]),
        (&json!([[X, "first"], ["~second", "second"]]), &json!(202))
    );
}

#[tokio::test]
async fn a_rate_above_the_limit_is_throttled() {
    let simulator = start(Simulator::builder().rate_limit(RateLimit::new(0.1, 1))).await;
    assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 202);
    let reply = bulk_delete(&simulator, &json!([X])).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("10")));
    assert_eq!(reply.json(), json!({"detail": "Request was throttled."}));
}

fn device(id: &str, label: &str) -> UbidotsDevice {
    UbidotsDevice::new(id, label)
}
