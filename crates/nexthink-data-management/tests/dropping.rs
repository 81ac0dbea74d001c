//! A future or stream that is dropped: no request is cut off or repeated, and every answer is in the log.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::log::Log;
use futures_util::StreamExt;
use nexthink_data_management::Endpoints;
use serde_json::{Value, json};
use support::*;
use tokio::net::{TcpListener, TcpStream};

fn token(then: Value) -> Value {
    json!({"when": {"endpoint": "token"}, "then": then})
}

#[tokio::test]
async fn a_request_whose_future_is_dropped_is_seen_through_and_its_answer_is_logged() {
    for (then, words) in [
        (
            json!({"delay_reply_ms": 100}),
            "accepted after its caller had gone away",
        ),
        (
            json!({"delay_reply_ms": 100, "reply": {"status": 500}}),
            "failed after its caller had gone away",
        ),
        // No second attempt either.
        (json!({"delay_reply_ms": 100, "unauthorized": true}), ""),
    ] {
        let simulator = faulty(json!([{"then": then.clone()}])).await;
        let client = with_login(&simulator).build().unwrap();
        client.authenticate().await.unwrap();
        let (log, _guard) = Log::warnings_of_this_thread();
        let three = devices(3);
        let received = tokio::select! {
            biased;
            _ = async { client.delete_devices(&three).await } => panic!("{then}: it was answered"),
            () = simulator.wait_for_requests(1) => simulator.requests().len(),
        };
        assert_eq!(received, 1, "{then}");
        if words.is_empty() {
            while simulator.requests()[0].status.is_none() {
                tokio::task::yield_now().await;
            }
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
        } else {
            log.says(words).await;
            let text = log.text();
            assert!(three.iter().all(|device| text.contains(&device.uid)), "{text}");
            assert!(text.contains(&simulator.requests()[0].request_id), "{text}");
        }
        let requests = simulator.requests();
        assert_eq!(requests.len(), 1, "{then}: not made a second time");
        assert!(requests[0].fully_read, "{then}: no half a request");
        let scheduled = if words.starts_with("accepted") { 3 } else { 0 };
        assert_eq!(simulator.scheduled_devices().len(), scheduled, "{then}");
    }
}

#[tokio::test]
async fn a_future_dropped_before_its_request_leaves_sends_nothing() {
    let simulator = faulty(json!([token(json!({"delay_reply_ms": 50}))])).await;
    let client = with_login(&simulator).build().unwrap();
    let one = devices(1);
    tokio::select! {
        biased;
        _ = async { client.delete_devices(&one).await } => panic!("it was answered"),
        () = async { while simulator.counts().token_requests == 0 { tokio::task::yield_now().await } } => {}
    }
    // The token comes, to whoever asks next; what was called off is not sent by that.
    client.authenticate().await.unwrap();
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(simulator.requests().len(), 0);
    // One that was never polled is none either.
    drop(client.delete_devices(&one));
    client.delete_devices(&devices(2)).await.unwrap();
    assert_eq!(named(&simulator), "0..2");
}

#[tokio::test]
async fn what_is_dropped_while_it_connects_sends_nothing_once_it_is_connected() {
    for way in ["future", "stream", "report"] {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let simulator = start(Simulator::builder().tls(made.cert.pem(), made.signing_key.serialize_pem())).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let client = with_token(Endpoints::at(&url, None).unwrap()).root_certificate(made.cert.der().to_vec());
        let client = client.build().unwrap();
        let one = devices(1);
        let deleting = async {
            match way {
                "future" => drop(client.delete_devices(&one).await),
                "stream" => drop(
                    client
                        .delete_stream(futures_util::stream::iter(devices(1)), &options(1))
                        .next()
                        .await,
                ),
                _ => drop(client.delete_all(devices(1), &options(1)).await),
            }
        };
        // The connection is there, and its TLS handshake waits.
        let mut held = tokio::select! {
            biased;
            () = deleting => panic!("{way}: it came to its end"),
            accepted = listener.accept() => accepted.unwrap().0,
        };
        drop(client);
        let mut onward = TcpStream::connect(simulator.url().trim_start_matches("https://"))
            .await
            .unwrap();
        // Ends once the client has closed its connection. That it is cut off may be an error.
        let _ = tokio::io::copy_bidirectional(&mut held, &mut onward).await;
        assert_eq!(simulator.requests().len(), 0, "{way}");
        assert_eq!(simulator.counts().deletion_requests, 0, "{way}");
    }
}

#[tokio::test]
async fn a_stream_or_report_dropped_while_it_waits_for_a_token_sends_nothing() {
    for as_report in [false, true] {
        let simulator = faulty(json!([token(json!({"delay_reply_ms": 50}))])).await;
        let client = with_login(&simulator).build().unwrap();
        let deleting = async {
            if as_report {
                drop(client.delete_all(devices(1), &options(1)).await);
            } else {
                drop(
                    client
                        .delete_stream(futures_util::stream::iter(devices(1)), &options(1))
                        .next()
                        .await,
                );
            }
        };
        tokio::select! {
            biased;
            () = deleting => panic!("it came to its end"),
            () = async { while simulator.counts().token_requests == 0 { tokio::task::yield_now().await } } => {}
        }
        // The token comes, to whoever asks next; what was called off is not sent by that.
        client.authenticate().await.unwrap();
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(simulator.requests().len(), 0, "as a report: {as_report}");
    }
}

#[tokio::test]
async fn a_dropped_stream_or_report_finishes_what_is_in_flight_and_starts_nothing() {
    for as_report in [false, true] {
        let simulator = faulty(json!([{"when": {"request": "3-"}, "then": {"delay_reply_ms": 100}}])).await;
        let client = client(&simulator);
        let options = options(2);
        let (log, _guard) = Log::warnings_of_this_thread();
        if as_report {
            tokio::select! {
                biased;
                _ = client.delete_all(devices(1_000), &options) => panic!("it came to its end"),
                () = simulator.wait_for_requests(4) => {}
            }
        } else {
            let mut stream = client.delete_stream(futures_util::stream::iter(devices(1_000)), &options);
            stream.next().await.unwrap();
            simulator.wait_for_requests(4).await;
            drop(stream);
        }
        while simulator.scheduled_devices().len() < 400 {
            tokio::task::yield_now().await;
        }
        while log.text().matches("after the caller had dropped its run").count() < 2 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        let requests = simulator.requests();
        assert_eq!(requests.len(), 4, "as a report: {as_report}");
        assert!(
            requests
                .iter()
                .all(|request| request.fully_read && request.status == Some(202))
        );
        assert_eq!(simulator.counts().duplicates, 0);
        for request in &requests[2..] {
            assert!(log.text().contains(&request.request_id), "{}", log.text());
        }
    }
    drop(Simulator::builder());
}
