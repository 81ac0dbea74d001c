//! The deletion endpoint as documented.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::{RateLimit, RetryAfter, Simulator};
use serde_json::json;
use support::*;

#[tokio::test]
async fn every_device_is_answered_in_the_order_of_the_request() {
    let simulator = simulator().await;
    let devices = [(B, "pc-b"), ("no-uuid", "pc-x"), (A, "pc-a\u{0}\"ü")];
    let reply = delete(&simulator, &devices).await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let expected = json!({"scheduledCount": 2, "status": "ACCEPTED", "devices": [
        {"uid": B, "name": "pc-b", "status": "SCHEDULED"},
        {"uid": "no-uuid", "name": "pc-x", "status": "INVALID"},
        {"uid": A, "name": "pc-a\u{0}\"ü", "status": "SCHEDULED"},
    ]});
    assert_eq!(reply.json(), expected);
    assert_eq!(simulator.received_devices(), owned(&devices));
    assert_eq!(simulator.scheduled_devices(), owned(&[devices[0], devices[2]]));
}

#[tokio::test]
async fn a_batch_of_malformed_uids_is_accepted_all_the_same() {
    let simulator = simulator().await;
    let upper = A.to_uppercase();
    for (uid, status) in [
        (upper.as_str(), "SCHEDULED"),
        ("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "INVALID"),
        ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "INVALID"),
        ("6ba7b8109dad11d180b400c04fd430c8", "INVALID"),
        (" 6ba7b810-9dad-11d1-80b4-00c04fd430c8", "INVALID"),
    ] {
        let reply = delete(&simulator, &[(uid, "pc")]).await;
        let count = u8::from(status == "SCHEDULED");
        assert_eq!(reply.status, 202, "{uid}");
        let entry = json!([{"uid": uid, "name": "pc", "status": status}]);
        assert_eq!(
            reply.json(),
            json!({"scheduledCount": count, "status": "ACCEPTED", "devices": entry})
        );
    }
}

/// What is wrong, headers and body, and the status and code it gets.
type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, String, u16, &'a str);

#[tokio::test]
async fn each_documented_error_has_its_status_and_code() {
    let simulator = simulator().await;
    let many = |count| batch(&vec![(A, "pc"); count]);
    let blank_name = batch(&[(A, "pc"), (B, " \t")]);
    let good = batch(&[(A, "pc")]);
    let text = ("Content-Type", "text/plain");
    let charset = ("Content-Type", "Application/JSON; charset=utf-8");
    let bad_id = ("x-request-id", "nonsense");
    #[rustfmt::skip]
    let table: Vec<Case<'_>> = vec![
        ("no content type", vec![BEARER], good.clone(), 415, "INVALID_REQUEST"),
        ("another content type", vec![BEARER, text], good.clone(), 415, "INVALID_REQUEST"),
        ("no body", vec![BEARER], String::new(), 400, "INVALID_REQUEST"),
        ("an empty body", vec![BEARER, JSON], String::new(), 400, "INVALID_REQUEST"),
        ("no JSON", vec![BEARER, JSON], "{".into(), 400, "INVALID_REQUEST"),
        ("a list", vec![BEARER, JSON], "[]".into(), 400, "INVALID_REQUEST"),
        ("a number for a uid", vec![BEARER, JSON], json!({"devices": [{"uid": 1, "name": "n"}]}).to_string(), 400, "INVALID_REQUEST"),
        ("a missing name", vec![BEARER, JSON], json!({"devices": [{"uid": A}]}).to_string(), 400, "INVALID_REQUEST"),
        ("a list for a device", vec![BEARER, JSON], json!({"devices": [[A, "n"]]}).to_string(), 400, "INVALID_REQUEST"),
        ("missing devices", vec![BEARER, JSON], "{}".into(), 400, "EMPTY_REQUEST"),
        ("devices null", vec![BEARER, JSON], r#"{"devices":null}"#.into(), 400, "EMPTY_REQUEST"),
        ("no devices", vec![BEARER, JSON], r#"{"devices":[]}"#.into(), 400, "EMPTY_REQUEST"),
        ("101 devices", vec![BEARER, JSON], many(101), 400, "BATCH_SIZE_EXCEEDED"),
        ("a blank uid", vec![BEARER, JSON], batch(&[("", "pc")]), 400, "INVALID_REQUEST"),
        ("a blank name", vec![BEARER, JSON], blank_name, 400, "INVALID_REQUEST"),
        ("an x-request-id that is none", vec![BEARER, JSON, bad_id], good.clone(), 400, "INVALID_REQUEST"),
        ("100 devices", vec![BEARER, JSON], many(100), 202, ""),
        ("a charset", vec![BEARER, charset], good.clone(), 202, ""),
        ("fields unheard of", vec![BEARER, JSON], json!({"devices": [{"uid": A, "name": "n", "x": 1}], "y": []}).to_string(), 202, ""),
    ];
    for (case, headers, body, status, code) in table {
        let reply = ask(&simulator, &request("POST", DELETIONS, &headers, &body)).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{case}");
        assert!(reply.status == 202 || reply.json()["message"].is_string(), "{case}");
    }
}

#[tokio::test]
async fn a_missing_or_unknown_token_gets_401_without_a_body() {
    let simulator = simulator().await;
    for headers in [
        vec![JSON],
        vec![JSON, ("Authorization", "Bearer wrong")],
        vec![JSON, ("Authorization", "test")],
        vec![JSON, ("Authorization", "Basic test")],
    ] {
        let reply = ask(&simulator, &request("POST", DELETIONS, &headers, "nonsense")).await;
        assert_eq!((reply.status, reply.body.len()), (401, 0), "{headers:?}");
        assert!(reply.header("x-request-id").is_some());
    }
    assert!(simulator.scheduled_devices().is_empty());
}

#[tokio::test]
async fn a_tenant_without_the_feature_gets_403_and_one_that_is_not_resolved_400() {
    let disabled = start(Simulator::builder().feature_disabled()).await;
    let reply = delete(&disabled, &[(A, "pc")]).await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "FEATURE_NOT_ENABLED"));
    let unresolved = start(Simulator::builder().tenant_unresolved()).await;
    let reply = delete(&unresolved, &[(A, "pc")]).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "EMPTY_TENANT"));
}

#[tokio::test]
async fn a_deployment_may_allow_fewer_devices() {
    let simulator = start(Simulator::builder().batch_limit(2)).await;
    assert_eq!(delete(&simulator, &[(A, "a"), (B, "b")]).await.status, 202);
    let reply = delete(&simulator, &[(A, "a"), (B, "b"), (C, "c")]).await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "BATCH_SIZE_EXCEEDED"));
}

#[tokio::test]
async fn the_request_id_is_echoed_or_made_up_on_every_reply() {
    let simulator = simulator().await;
    let given = "0AF76519-16cd-43dd-8448-eb211c80319c";
    for (method, path, status) in [
        ("POST", DELETIONS, 202),
        ("GET", DELETIONS, 405),
        ("POST", "/nowhere", 404),
        ("POST", TOKEN, 401),
    ] {
        for (headers, echoed) in [
            (vec![BEARER, JSON, ("X-Request-ID", given)], true),
            (vec![BEARER, JSON], false),
        ] {
            let reply = ask(&simulator, &request(method, path, &headers, &batch(&[(A, "pc")]))).await;
            assert_eq!(reply.status, status, "{path}");
            let id = reply.header("x-request-id").unwrap().to_owned();
            assert_eq!(id == given, echoed, "{path}");
            assert_eq!(uuid::Uuid::parse_str(&id).map(|_| id.len()), Ok(36), "{path}");
            assert_eq!(reply.header("x-trace-id"), Some(id.as_str()), "{path}");
        }
    }
}

#[tokio::test]
async fn the_trace_id_is_that_of_the_traceparent() {
    let simulator = simulator().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    for path in [DELETIONS, "/nowhere"] {
        let headers = [BEARER, JSON, ("traceparent", parent.as_str())];
        let reply = ask(&simulator, &request("POST", path, &headers, &batch(&[(A, "pc")]))).await;
        assert_eq!(reply.header("x-trace-id"), Some(trace));
        assert_ne!(reply.header("x-request-id"), Some(trace));
    }
}

#[tokio::test]
async fn a_rate_above_the_limit_gets_429_until_the_limit_is_lifted() {
    let simulator = simulator().await;
    for (retry_after, written) in [
        (RetryAfter::Seconds, Some("10")),
        (RetryAfter::HttpDate, Some("GMT")),
        (RetryAfter::None, None),
    ] {
        simulator.set_rate(Some(RateLimit::new(0.1, 1).retry_after(retry_after)));
        assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202);
        let reply = delete(&simulator, &[(A, "pc")]).await;
        assert_eq!((reply.status, reply.code().as_str()), (429, "TOO_MANY_REQUESTS"));
        match (reply.header("retry-after"), written) {
            (Some(value), Some(expected)) => assert!(value.ends_with(expected), "{value}"),
            (value, expected) => assert_eq!(value, expected),
        }
    }
    simulator.set_rate(None);
    assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202);
    assert_eq!(
        (simulator.counts().throttled, simulator.scheduled_devices().len()),
        (3, 4)
    );
}
