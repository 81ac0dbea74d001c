//! Connections that break, seen byte by byte over HTTP/1.1.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use serde_json::json;
use support::*;
use tokio::io::AsyncReadExt;

/// The head of a request whose body is still to come.
fn head_only() -> Vec<u8> {
    format!("POST {DELETIONS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nAuthorization: Bearer test\r\n\r\n")
        .into_bytes()
}

#[tokio::test]
async fn a_connection_ends_before_the_body_is_read() {
    for (then, ended) in [
        (json!({"close_before_read": true}), Ended::Closed),
        (json!({"reset": "before_read"}), Ended::Reset),
    ] {
        let simulator = faulty(json!([{"then": then}])).await;
        let mut raw = Raw::connect(&simulator).await;
        raw.send(&head_only()).await;
        assert_eq!(raw.rest().await, (String::new(), ended), "{then}");
        let request = &simulator.requests()[0];
        assert_eq!((request.fully_read, request.status), (false, None));
        simulator.wait_for_requests(1).await;
    }
}

#[tokio::test]
async fn a_connection_ends_after_the_body_is_read_and_the_service_may_have_acted() {
    for (action, value, ended) in [
        ("close_after_read", json!(true), Ended::Closed),
        ("reset", json!("after_read"), Ended::Reset),
    ] {
        for applied in [false, true] {
            let simulator = faulty(json!([{"times": 1, "then": {action: value, "applied": applied}}])).await;
            let mut raw = Raw::connect(&simulator).await;
            raw.send(&deletion(&[(A, "pc")])).await;
            assert_eq!(
                raw.rest().await,
                (
                    String::new(),
                    if ended == Ended::Reset {
                        Ended::Reset
                    } else {
                        Ended::Closed
                    }
                )
            );
            let request = &simulator.requests()[0];
            assert_eq!((request.fully_read, request.status), (true, None), "{action}");
            assert_eq!(simulator.received_devices(), owned(&[(A, "pc")]));
            assert_eq!(simulator.scheduled_devices().len(), usize::from(applied), "{action}");
            assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202, "others are served");
        }
    }
}

#[tokio::test]
async fn a_body_is_cut_after_so_many_bytes_of_its_full_length() {
    let whole = delete(&simulator().await, &[(A, "pc")]).await.body;
    for cut in [0, 1, 20, whole.len() - 1] {
        let simulator = faulty(json!([{"then": {"cut_body_after": cut}}])).await;
        let mut raw = Raw::connect(&simulator).await;
        raw.send(&deletion(&[(A, "pc")])).await;
        let (text, ended) = raw.rest().await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 202 "), "{head}");
        assert!(head.contains(&format!("content-length: {}", whole.len())), "{head}");
        assert_eq!((body.as_bytes(), ended), (&whole[..cut], Ended::Closed));
        assert_eq!(simulator.requests()[0].status, Some(202));
        assert_eq!(simulator.scheduled_devices().len(), 1);
    }
    let uncut = faulty(json!([{"then": {"cut_body_after": whole.len()}}])).await;
    assert_eq!(delete(&uncut, &[(A, "pc")]).await.body.len(), whole.len());
}

#[tokio::test]
async fn a_made_up_reply_is_cut_too_however_long_it_is() {
    let repeat = json!({"text": " ", "times": 1_000_000});
    let simulator =
        faulty(json!([{"then": {"reply": {"status": 500, "repeat": repeat}, "cut_body_after": 600_001}}])).await;
    let mut raw = Raw::connect(&simulator).await;
    raw.send(&deletion(&[(A, "pc")])).await;
    let (text, _) = raw.rest().await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 1000000"), "{head}");
    assert_eq!(body.len(), 600_001);
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_a_word() {
    for then in [
        json!({"close_idle": true}),
        json!({"close_idle": true, "reply": {"status": 503}}),
        json!({"close_idle": true, "reply": {"status": 503, "repeat": {"text": "x", "times": 500_000}}}),
    ] {
        let simulator = faulty(json!([{"when": {"request": 2}, "then": then}])).await;
        let mut raw = Raw::connect(&simulator).await;
        assert_eq!(raw.ask(&deletion(&[(A, "pc")])).await.status, 202);
        let reply = raw.ask(&deletion(&[(A, "pc")])).await;
        assert_eq!(reply.header("connection"), None);
        assert_eq!(
            raw.rest().await,
            (String::new(), Ended::Closed),
            "after all of the reply, {then}"
        );
    }
}

#[tokio::test]
async fn a_request_that_hangs_is_never_answered() {
    let simulator = faulty(json!([{"when": {"request": 1}, "then": {"hang": true, "applied": true}}])).await;
    let mut raw = Raw::connect(&simulator).await;
    raw.send(&deletion(&[(A, "pc")])).await;
    simulator.wait_for_requests(1).await;
    assert_eq!(
        delete(&simulator, &[(B, "pc")]).await.status,
        202,
        "others are served meanwhile"
    );
    assert_eq!(simulator.requests()[0].status, None);
    assert_eq!(
        raw.stream.try_read(&mut [0; 1]).unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock
    );
    assert_eq!(simulator.scheduled_devices(), owned(&[(A, "pc"), (B, "pc")]));
    simulator.shutdown().await;
    assert_eq!(raw.stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn http2_faults_leave_http1_alone() {
    let simulator = faulty(json!([
        {"then": {"h2_refused_stream": true}},
        {"then": {"h2_goaway": {"last_stream": "below"}}}
    ]))
    .await;
    assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202);
    assert_eq!(simulator.faults_fired(), [0, 0]);
}
