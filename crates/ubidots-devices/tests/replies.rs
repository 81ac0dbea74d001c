//! What a reply means: a task id schedules, a documented refusal was not applied, and everything else is unknown.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::raw::{Raw, reply_with};
use serde_json::{Value, json};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use ubidots_devices::{Applied, Error, ErrorKind};

/// The error of one deletion of two devices, of which the service got exactly one request.
async fn error(rules: Value) -> Error {
    let said = rules.to_string();
    let simulator = faulty(rules).await;
    let error = client(&simulator).delete_devices(&keys(0..2)).await.unwrap_err();
    assert_eq!(named(&simulator), "0..2", "{said}");
    error
}

async fn replied(reply: Value) -> Error {
    error(json!([{"then": {"reply": reply}}])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_with_a_task_id_is_a_receipt_whatever_its_status() {
    for status in [200, 201, 202, 299] {
        let simulator = start(Simulator::builder().ubidots_accepted_status(status)).await;
        let receipt = client(&simulator).delete_devices(&keys(0..2)).await.unwrap();
        assert_eq!(receipt.status(), Some(status));
        assert!(!receipt.task_id().is_empty());
        assert_eq!(simulator.requests().len(), 1);
    }
    // As Ubidots' page prints it; with fields that nobody has heard of; with another content type; what cannot stand in a
    // line of a log.
    for (reply, id) in [
        (
            json!({"status": 200, "json": {"task": {"id": "5e309da44fc8455a9cceb5aa123"}}}),
            "5e309da44fc8455a9cceb5aa123",
        ),
        (
            json!({"status": 202, "json": {"task": {"id": "a b", "state": 7}, "count": 2}}),
            "a b",
        ),
        (json!({"status": 200, "text": "{\"task\":{\"id\":\"t\"}}"}), "t"),
        (json!({"status": 200, "json": {"task": {"id": "a\nb"}}}), "ab"),
        (json!({"status": 200, "json": {"task": {"id": 5}}}), "5"),
    ] {
        let simulator = faulty(json!([{"then": {"reply": reply}}])).await;
        let receipt = client(&simulator).delete_devices(&keys(0..2)).await.unwrap();
        assert_eq!(receipt.task_id(), id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_without_a_task_id_leaves_the_batch_open() {
    let table = [
        json!({}),
        json!({"json": {}}),
        json!({"json": []}),
        json!({"json": null}),
        json!({"json": "task"}),
        json!({"json": {"task": null}}),
        json!({"json": {"task": "t1"}}),
        json!({"json": {"task": {}}}),
        json!({"json": {"task": {"id": null}}}),
        json!({"json": {"task": {"id": 5.5}}}),
        json!({"json": {"task": {"id": [5]}}}),
        json!({"json": {"task": {"id": ""}}}),
        json!({"json": {"task": {"id": " \t\n"}}}),
        json!({"json": {"task": {"id": "\u{1}\u{7f}"}}}),
        json!({"json": {"tasks": [{"id": "t1"}]}}),
        json!({"json": {"code": 400_001, "message": "Validation Error.", "detail": {}}}),
        json!({"text": "{\"task\":{\"id\":\"t1\"}"}),
        json!({"text": "{\"task\":{\"id\":\"t1\"}} {}"}),
        json!({"html": "<h1>Accepted</h1>"}),
        json!({"base64": "eyJ0YXNrIjp7ImlkIjoi//4ifX0="}),
    ];
    for mut reply in table {
        for status in [200, 202] {
            reply["status"] = json!(status);
            let said = reply.to_string();
            let error = replied(reply.clone()).await;
            assert_open(&error, ErrorKind::AmbiguousReply, &said);
            assert_eq!(error.status(), Some(status), "{said}");
        }
    }
    assert_open(&replied(json!({"status": 204})).await, ErrorKind::AmbiguousReply, "204");
    let error = replied(json!({"status": 202, "html": "<h1>Accepted</h1>"})).await;
    assert_eq!(error.body_head(), Some("<h1>Accepted</h1>"), "it is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_that_is_cut_or_too_long_leaves_the_batch_open() {
    for after in [0, 1, 20] {
        let error = error(json!([{"then": {"cut_body_after": after}}])).await;
        assert_open(&error, ErrorKind::AmbiguousReply, "cut");
        assert!(error.to_string().contains("is cut short"), "{error}");
    }
    let long = json!({"status": 202, "repeat":
        {"prefix": "{\"task\":{\"id\":\"t1\"},\"x\":\"", "text": "x", "times": 2_000, "suffix": "\"}"}});
    let simulator = faulty(json!([{"then": {"reply": long}}])).await;
    let limited = |bytes| with_token(simulator.url()).reply_limit(bytes).build().unwrap();
    let error = limited(2_000).delete_devices(&keys(0..1)).await.unwrap_err();
    assert_open(&error, ErrorKind::AmbiguousReply, "over the limit");
    assert!(limited(3_000).delete_devices(&keys(0..1)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_is_not_believed_to_be_a_success_leaves_the_batch_open() {
    let simulator = start(Simulator::builder().ubidots_accepted_status(200)).await;
    let client = believing(&simulator, |believed| believed.accepted = 202..=202);
    let error = client.delete_devices(&keys(0..1)).await.unwrap_err();
    assert_open(&error, ErrorKind::AmbiguousReply, "200 is not 202");
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_errors_are_sure_refusals() {
    use ErrorKind::{BatchTooLarge, InvalidRequest, Refused, Unauthorized};
    let header = "Header `X-BULK-OPERATION` should be provided for bulk operation.";
    let coded = |code: u32| json!({"code": code, "message": "m", "detail": {"0": ["no"]}});
    let table = [
        (400, coded(400_001), InvalidRequest, Some("400001")),
        (400, json!({"code": "400001"}), InvalidRequest, Some("400001")),
        (400, coded(400_002), Refused, Some("400002")),
        (400, json!({"detail": header}), Refused, None),
        (401, coded(401_001), Unauthorized, Some("401001")),
        (401, coded(401_002), Unauthorized, Some("401002")),
        (401, json!({}), Unauthorized, None),
        (403, coded(401_001), Unauthorized, Some("401001")),
        (403, coded(403_001), Refused, Some("403001")),
        (402, json!({}), Refused, None),
        (404, json!({"detail": "Not found."}), Refused, None),
        (405, json!({"detail": "Method \"POST\" not allowed."}), Refused, None),
        (413, json!({}), BatchTooLarge, None),
        (415, json!({}), Refused, None),
        (423, json!({}), Refused, None),
    ];
    for (status, body, kind, code) in table {
        let error = replied(json!({"status": status, "json": body})).await;
        assert_sure(&error, kind, &format!("{status} {body}"));
        assert_eq!((error.status(), error.code()), (Some(status), code), "{body}");
    }
    assert_sure(&replied(json!({"status": 400, "html": "<h1>"})).await, Refused, "HTML");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_asks_to_wait_has_not_acted_and_says_how_long() {
    let secs = |n| Some(Duration::from_secs(n));
    let table = [
        (json!({"status": 420}), None),
        (json!({"status": 420, "retry_after": 7}), secs(7)),
        (json!({"status": 429}), None),
        (json!({"status": 429, "retry_after": 7}), secs(7)),
        (json!({"status": 429, "retry_after": "soon"}), None),
        (json!({"status": 503, "retry_after": 7}), secs(7)),
        (json!({"status": 408, "retry_after": 7}), secs(7)),
    ];
    for (reply, wait) in table {
        let error = replied(reply.clone()).await;
        assert_sure(&error, ErrorKind::Throttled, &reply.to_string());
        assert_eq!(error.retry_after(), wait, "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_may_have_acted() {
    for status in [500, 502, 503, 504, 599] {
        let reply = json!({"status": status, "html": format!("<pre>X-Auth-Token: {TOKEN}</pre>")});
        let error = error(json!([{"then": {"applied": true, "reply": reply}}])).await;
        assert_open(&error, ErrorKind::ServerError, "5xx");
        assert_eq!(error.body_head(), Some("<pre>X-Auth-Token: [token]</pre>"));
    }
    // Whatever its body says.
    let error = replied(json!({"status": 500, "json": {"task": {"id": "t1"}}})).await;
    assert_open(&error, ErrorKind::ServerError, "500 with a task");
    let error = replied(json!({"status": 500, "error_code": 400_001})).await;
    assert_open(&error, ErrorKind::ServerError, "500 with a code");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_lost_once_the_body_has_left_leaves_the_batch_open() {
    for then in [json!({"close_after_read": true}), json!({"reset": "after_read"})] {
        let error = error(json!([{"then": then}])).await;
        assert_open(&error, ErrorKind::NoReply, &then.to_string());
        assert!(error.source().is_some());
    }
}

/// In paused time, which moves on when nothing else can.
#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_come_in_time_leaves_the_batch_open() {
    let simulator = faulty(json!([{"then": {"hang": true}}])).await;
    let error = client(&simulator).delete_devices(&keys(0..1)).await.unwrap_err();
    assert_open(&error, ErrorKind::NoReply, "no answer");
    assert_eq!(named(&simulator), "0..1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_has_not_acted() {
    let url = Raw::bind().await.url;
    let error = with_token(&url)
        .build()
        .unwrap()
        .delete_devices(&keys(0..1))
        .await
        .unwrap_err();
    assert_sure(&error, ErrorKind::Unreachable, "refused");
    assert_eq!(error.to_string(), "the service was not reached");
}

/// A reply with this task.
fn accepted(task: &str) -> String {
    let body = json!({"task": {"id": task}}).to_string();
    reply_with("202 Accepted", "application/json", &body)
}

/// Reads until this id has come; false: the client has gone without it.
async fn has_come(stream: &mut TcpStream, id: &str) -> bool {
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains(id) {
        if stream.read_buf(&mut received).await.unwrap_or(0) == 0 {
            return false;
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_comes_before_its_request_schedules_nothing() {
    let raw = Raw::bind().await;
    let url = raw.url.clone();
    let service = tokio::spawn(async move {
        let mut stream = raw.accept().await;
        stream.write_all(accepted("t1").as_bytes()).await.unwrap();
        has_come(&mut stream, id(0).as_str()).await
    });
    let client = with_token(&url).build().unwrap();
    let answer = client.delete_devices(&keys(0..1)).await;
    drop(client);
    let has_come = service.await.unwrap();
    match answer {
        Ok(receipt) => assert!(has_come, "{receipt:?}"),
        Err(error) => assert!(!has_come || error.applied() == Applied::Maybe, "{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_answer_to_one_request_is_not_taken_for_that_to_the_next() {
    let raw = Raw::bind().await;
    let url = raw.url.clone();
    let service = tokio::spawn(async move {
        let mut first = raw.accept().await;
        assert!(has_come(&mut first, id(0).as_str()).await);
        let twice = format!("{}{}", accepted("t1"), accepted("again"));
        first.write_all(twice.as_bytes()).await.unwrap();
        let mut second = raw.accept().await;
        assert!(has_come(&mut second, id(1).as_str()).await);
        second.write_all(accepted("t2").as_bytes()).await.unwrap();
        assert!(!has_come(&mut first, id(1).as_str()).await);
    });
    let client = with_token(&url).build().unwrap();
    let mut tasks = Vec::new();
    for n in [0, 1] {
        tasks.push(
            client
                .delete_devices(&keys(n..n + 1))
                .await
                .unwrap()
                .task_id()
                .to_owned(),
        );
    }
    assert_eq!(tasks, ["t1", "t2"]);
    drop(client);
    service.await.unwrap();
}
