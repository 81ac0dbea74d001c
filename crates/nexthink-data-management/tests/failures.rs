//! What each failure means: the table of the design's section 2, row by row, over a socket.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use nexthink_data_management::{Applied, Client, Credentials, Error, ErrorKind, OutcomeKind, StopReason};
use serde_json::{Value, json};
use support::*;
use uuid::Uuid;

/// What an answer means for the three devices of one `delete_devices`.
enum Single {
    /// Sent again by itself, and then accepted.
    Accepted,
    Refused(ErrorKind, Applied),
}

/// What it means for the second batch of a run over 250 devices, one request at a time.
struct Row {
    then: Value,
    single: Single,
    status: Option<u16>,
    code: Option<&'static str>,
    outcomes: &'static str,
    /// Which devices each request named.
    named: &'static str,
    stopped: bool,
}

const ALL: &str = "0..250 scheduled";
const STOPPED: &str = "0..100 scheduled, 100..250 pending";
const LOST: &str = "0..100 scheduled, 100..200 unknown, 200..250 scheduled";
const LOST_AND_STOPPED: &str = "0..100 scheduled, 100..200 unknown, 200..250 pending";
const AGAIN: &str = "0..100, 100..200, 100..200, 200..250";
const ONCE: &str = "0..100, 100..200";
/// After an answer that leaves it open, one device goes alone.
const PROBED: &str = "0..100, 100..200, 200..201, 201..250";

fn reply(then: Value) -> Value {
    json!({"reply": then})
}

fn coded(status: u16, code: &str) -> Value {
    reply(json!({"status": status, "error_code": code}))
}

fn row(then: Value, single: Single, status: u16, code: Option<&'static str>) -> Row {
    Row {
        then,
        single,
        status: Some(status),
        code,
        outcomes: ALL,
        named: AGAIN,
        stopped: false,
    }
}

/// Surely not applied, and sent again.
fn again(kind: ErrorKind, status: u16, then: Value) -> Row {
    row(then, Single::Refused(kind, Applied::No), status, None)
}

/// Surely not applied, and the run stops.
fn stops(status: u16, code: Option<&'static str>, then: Value) -> Row {
    Row {
        outcomes: STOPPED,
        named: ONCE,
        stopped: true,
        ..row(then, Single::Refused(ErrorKind::Refused, Applied::No), status, code)
    }
}

/// Nobody knows whether it was applied: sent once, and the run goes on carefully.
fn open(kind: ErrorKind, status: u16, code: Option<&'static str>, then: Value) -> Row {
    Row {
        outcomes: LOST,
        named: PROBED,
        ..row(then, Single::Refused(kind, Applied::Maybe), status, code)
    }
}

fn open_and_stops(status: u16, then: Value) -> Row {
    Row {
        outcomes: LOST_AND_STOPPED,
        named: ONCE,
        stopped: true,
        ..open(ErrorKind::AmbiguousReply, status, None, then)
    }
}

/// As [`open`], and no reply came at all.
fn lost(then: Value) -> Row {
    Row {
        status: None,
        ..open(ErrorKind::NoReply, 0, None, then)
    }
}

fn split(kind: ErrorKind, status: u16, code: Option<&'static str>, then: Value, named: &'static str) -> Row {
    Row {
        named,
        ..row(then, Single::Refused(kind, Applied::No), status, code)
    }
}

fn table() -> Vec<Row> {
    use ErrorKind::{AmbiguousReply, BatchTooLarge, InvalidRequest, ServerError, Throttled};
    let halved = "0..100, 100..200, 100..150, 150..200, 200..250";
    let mut rows = vec![
        row(json!({"unauthorized": true}), Single::Accepted, 401, None),
        again(Throttled, 408, reply(json!({"status": 408}))),
        again(Throttled, 429, reply(json!({"status": 429}))),
        again(Throttled, 429, reply(json!({"status": 429, "retry_after": 0}))),
        again(
            Throttled,
            503,
            reply(json!({"status": 503, "retry_after": 0, "html": "busy"})),
        ),
        split(
            BatchTooLarge,
            400,
            Some("BATCH_SIZE_EXCEEDED"),
            coded(400, "BATCH_SIZE_EXCEEDED"),
            halved,
        ),
        split(
            BatchTooLarge,
            413,
            None,
            reply(json!({"status": 413, "html": "too large"})),
            halved,
        ),
        split(
            InvalidRequest,
            400,
            Some("INVALID_REQUEST"),
            coded(400, "INVALID_REQUEST"),
            halved,
        ),
        stops(400, Some("EMPTY_REQUEST"), coded(400, "EMPTY_REQUEST")),
        stops(400, Some("EMPTY_TENANT"), coded(400, "EMPTY_TENANT")),
        stops(400, Some("SOMETHING_NEW"), coded(400, "SOMETHING_NEW")),
        stops(400, None, reply(json!({"status": 400, "html": "<h1>Bad Request</h1>"}))),
        stops(400, None, reply(json!({"status": 400, "json": {"code": null}}))),
        stops(400, Some("1001"), reply(json!({"status": 400, "json": {"code": 1001}}))),
        stops(403, Some("FEATURE_NOT_ENABLED"), coded(403, "FEATURE_NOT_ENABLED")),
        open(ServerError, 500, Some("INTERNAL_ERROR"), coded(500, "INTERNAL_ERROR")),
        open(ServerError, 503, None, reply(json!({"status": 503}))),
        open(
            ServerError,
            503,
            None,
            reply(json!({"status": 503, "retry_after": "soon"})),
        ),
        open(ServerError, 500, None, reply(json!({"status": 500, "retry_after": 0}))),
        open(AmbiguousReply, 202, None, json!({"cut_body_after": 20})),
        lost(json!({"close_after_read": true})),
        lost(json!({"close_after_read": true, "applied": true})),
        lost(json!({"reset": "after_read"})),
        lost(json!({"reset": "after_read", "applied": true})),
        lost(json!({"hang": true})),
    ];
    for status in [
        402, 404, 405, 406, 409, 410, 411, 415, 417, 421, 422, 425, 426, 428, 431, 451, 499,
    ] {
        rows.push(stops(status, None, reply(json!({"status": status}))));
    }
    for status in [301, 302, 307, 308] {
        let elsewhere = json!({"status": status, "headers": {"Location": "/elsewhere"}});
        rows.push(stops(status, None, reply(elsewhere)));
    }
    for status in [300, 303, 304, 305, 399] {
        let elsewhere = json!({"status": status, "headers": {"Location": "/elsewhere"}});
        rows.push(open_and_stops(status, reply(elsewhere)));
    }
    for status in [501, 502, 504, 505, 599] {
        let then = json!({"applied": true, "reply": {"status": status, "html": "<h1>Oops</h1>"}});
        rows.push(open(ServerError, status, None, then));
    }
    for status in [200, 201, 203, 204, 206, 600, 999] {
        rows.push(open(AmbiguousReply, status, None, reply(json!({"status": status}))));
    }
    rows
}

fn impatient(builder: nexthink_data_management::ClientBuilder, row: &Row) -> Client {
    let timeout = if row.then.get("hang").is_some() { 150 } else { 30_000 };
    builder.timeout(Duration::from_millis(timeout)).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_says_what_each_failure_means_and_what_the_service_called_it() {
    for row in table() {
        let said = row.then.to_string();
        let simulator = faulty(json!([{"when": {"request": 1}, "then": row.then.clone()}])).await;
        let client = impatient(with_login(&simulator), &row);
        let (three, id) = (devices(3), Uuid::new_v4());
        let answer = client.delete_devices(&three).request_id(id).await;
        let requests = simulator.requests();
        let sent = requests.iter().map(named_by).collect::<Vec<_>>();
        match (&row.single, answer) {
            (Single::Accepted, Ok(receipt)) => {
                assert_eq!(sent, ["0..3", "0..3"], "{said}");
                assert!(
                    receipt.outcomes().iter().all(|of| of.kind == OutcomeKind::Scheduled),
                    "{said}"
                );
            }
            (Single::Refused(kind, applied), Err(error)) => {
                assert_eq!(sent, ["0..3"], "{said}");
                assert_eq!((error.kind(), error.applied()), (*kind, *applied), "{said}");
                assert_eq!((error.status(), error.code()), (row.status, row.code), "{said}");
                let id = row.status.map(|_| id.to_string());
                assert_eq!(error.request_id(), id.as_deref(), "{said}");
                assert_eq!(error.trace_id(), id.as_deref(), "{said}");
                check_words(&error, &said);
            }
            (_, answer) => panic!("{said}: {answer:?}"),
        }
    }
}

/// One lowercase sentence, and nothing of the service's own.
fn check_words(error: &Error, said: &str) {
    let words = error.to_string();
    assert!(
        words.starts_with(char::is_lowercase) && !words.contains(['\n', '<']),
        "{said}: {words}"
    );
    assert!(!words.contains(TOKEN) && !words.contains("Oops"), "{said}: {words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_with_each_failure_what_the_table_says() {
    for row in table() {
        let said = row.then.to_string();
        let simulator = faulty(json!([{"when": {"request": 2}, "then": row.then.clone()}])).await;
        let client = impatient(with_login(&simulator), &row);
        let report = run(&client, 250).await;
        assert_eq!(outcomes(&report), row.outcomes, "{said}");
        assert_eq!(named(&simulator), row.named, "{said}");
        assert_eq!(report.stopped.is_some(), row.stopped, "{said}: {:?}", report.stopped);
        check_run(&simulator, &report);
        let troubled = &report.devices[100];
        if troubled.outcome.kind != OutcomeKind::Scheduled {
            assert_eq!(troubled.outcome.code.as_deref(), row.code, "{said}");
            assert!(troubled.outcome.detail.is_some(), "{said}");
            let trace = row.status.and(troubled.request_id.clone());
            assert_eq!(troubled.trace_id, trace, "{said}");
        }
        if let Some(reason) = &report.stopped {
            let StopReason::Refused { trail, .. } = reason else {
                panic!("{said}: {reason:?}");
            };
            assert_eq!((trail.status, trail.code.as_deref()), (row.status, row.code), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stops_at_a_second_401_in_a_row_and_leaves_the_rest_pending() {
    let simulator = faulty(json!([{"when": {"request": "2-"}, "then": {"unauthorized": true}}])).await;
    let report = run(&with_login(&simulator).build().unwrap(), 250).await;
    assert_eq!(outcomes(&report), STOPPED);
    assert_eq!(named(&simulator), "0..100, 100..200, 100..200");
    assert_eq!(simulator.token_requests().len(), 2);
    assert!(matches!(&report.stopped, Some(StopReason::Refused { trail, .. }) if trail.status == Some(401)));
    check_run(&simulator, &report);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_given_up_after_five_tries_before_its_first_reply() {
    // Nobody listens there any more.
    let url = fleetpurge_testing::raw::Raw::bind().await.url;
    let endpoints = nexthink_data_management::Endpoints::at(&url, None).unwrap();
    let credentials = Credentials::token(TOKEN);
    let client = Client::builder(endpoints, credentials).build().unwrap();
    let report = run(&client, 150).await;
    assert_eq!(outcomes(&report), "0..150 pending");
    assert!(
        matches!(report.stopped, Some(StopReason::Unreachable { .. })),
        "{:?}",
        report.stopped
    );
    let attempts: Vec<u32> = report.devices.iter().map(|of| of.attempts).collect();
    assert_eq!(attempts, [[5].repeat(100), [0].repeat(50)].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_one_reply_go_their_own_ways() {
    let simulator = faulty(json!([{"when": {"request": 1}, "then": {"edit": [
        {"set_status": {"of": 1, "status": "INVALID"}},
        {"set_status": {"of": 2, "status": "QUEUED"}},
        {"omit": {"of": 3}},
        {"set_status": {"of": 4, "status": "FAILED"}},
    ]}}]))
    .await;
    let client = client(&simulator);
    let six = devices(6);
    let receipt = client.delete_devices(&six).await.unwrap();
    let kinds = receipt.outcomes().iter().map(|of| of.kind.as_str());
    assert_eq!(
        stretches(kinds),
        "0..1 scheduled, 1..2 invalid, 2..4 unknown, 4..5 failed, 5..6 scheduled"
    );
    assert_eq!(receipt.outcomes()[2].code.as_deref(), Some("QUEUED"));
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_applied_is_sent_again_only_because_a_policy_says_so() {
    let lost = json!([{"when": {"request": 2}, "then": {"close_after_read": true, "applied": true}}]);
    for (rounds, expected, attempts) in [(0, LOST, 1), (1, ALL, 2)] {
        let simulator = faulty(lost.clone()).await;
        let mut options = options(1);
        options.policy.resend_unknown = rounds;
        let report = client(&simulator).delete_all(devices(250), &options).await;
        assert_eq!(outcomes(&report), expected, "{rounds}");
        assert!(
            report.devices[100..200].iter().all(|of| of.attempts == attempts),
            "{rounds}"
        );
        assert_eq!(simulator.counts().duplicates, u64::from(rounds) * 100);
    }
}
