//! HTTP/2 with prior knowledge, and what can go wrong with it alone.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use bytes::Bytes;
use fleetpurge_simulator::Simulator;
use h2::client::SendRequest;
use h2::{Error, Reason};
use serde_json::json;
use support::*;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

struct Client {
    send: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), Error>>,
}

impl Client {
    async fn connect(simulator: &Simulator) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap();
        let (send, connection) = h2::client::handshake(stream).await.unwrap();
        Self {
            send,
            connection: tokio::spawn(connection),
        }
    }

    /// Sends a deletion request; the reply is awaited by whoever wants it.
    async fn begin(&mut self, body: &str) -> h2::client::ResponseFuture {
        self.post(DELETIONS, &[BEARER, JSON], body).await
    }

    async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &str) -> h2::client::ResponseFuture {
        let mut request = http::Request::post(format!("http://localhost{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        let ready = self.send.clone().ready().await.unwrap();
        self.send = ready;
        let (response, mut stream) = self.send.send_request(request, false).unwrap();
        stream.send_data(Bytes::copy_from_slice(body.as_bytes()), true).unwrap();
        response
    }

    async fn delete(&mut self, devices: &[(&str, &str)]) -> Result<(u16, Vec<u8>), Error> {
        let response = soon(self.begin(&batch(devices)).await).await?;
        read(response).await
    }
}

async fn read(response: http::Response<h2::RecvStream>) -> Result<(u16, Vec<u8>), Error> {
    let (status, mut body, mut bytes) = (response.status().as_u16(), response.into_body(), Vec::new());
    while let Some(data) = soon(body.data()).await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend(data);
    }
    Ok((status, bytes))
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let mut replies = Vec::new();
    for _ in 0..50 {
        replies.push(client.begin(&batch(&[(A, "pc")])).await);
    }
    for reply in replies {
        let (status, body) = read(reply.await.unwrap()).await.unwrap();
        assert_eq!(status, 202);
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(&body).unwrap()["scheduledCount"],
            1
        );
    }
    let requests = simulator.requests();
    assert_eq!((requests.len(), simulator.counts().connections), (50, 1));
    assert!(
        requests
            .iter()
            .all(|request| request.version == http::Version::HTTP_2 && request.connection == 1)
    );
}

#[tokio::test]
async fn a_stream_is_refused_and_the_next_one_served() {
    for (when, fully_read) in [(json!({"request": 1}), None), (json!({"device_uid": A}), Some(true))] {
        let simulator = faulty(json!([{"when": when, "times": 1, "then": {"h2_refused_stream": true}}])).await;
        let mut client = Client::connect(&simulator).await;
        let error = client.delete(&[(A, "pc")]).await.unwrap_err();
        assert!(
            error.is_reset() && error.is_remote() && error.reason() == Some(Reason::REFUSED_STREAM),
            "{error}"
        );
        assert_eq!(simulator.requests()[0].status, None);
        assert!(fully_read.is_none_or(|read| read == simulator.requests()[0].fully_read));
        assert_eq!(client.delete(&[(A, "pc")]).await.unwrap().0, 202);
        assert_eq!(
            (simulator.counts().connections, simulator.scheduled_devices().len()),
            (1, 1)
        );
    }
}

#[tokio::test]
async fn a_goaway_below_the_stream_leaves_the_earlier_streams_alone() {
    let simulator = faulty(json!([
        {"when": {"request": 1}, "then": {"delay_ms": 30}},
        {"when": {"request": 2}, "then": {"h2_goaway": {"last_stream": "below"}}}
    ]))
    .await;
    let mut client = Client::connect(&simulator).await;
    let first = client.begin(&batch(&[(A, "a")])).await;
    let second = client.begin(&batch(&[(B, "b")])).await;
    let error = soon(second).await.unwrap_err();
    assert!(
        error.is_go_away() && error.is_remote() && error.reason() == Some(Reason::NO_ERROR),
        "{error:?}"
    );
    assert_eq!(soon(first).await.unwrap().status(), 202);
    assert_eq!(simulator.scheduled_devices(), owned(&[(A, "a")]));
    assert_eq!(simulator.requests()[1].status, None);
}

#[tokio::test]
async fn a_goaway_above_the_stream_is_followed_by_the_end_or_by_the_reply() {
    for (answer, scheduled) in [(false, 0), (true, 1)] {
        let goaway = json!({"last_stream": "above", "answer": answer});
        let simulator = faulty(json!([{"when": {"request": 2}, "then": {"h2_goaway": goaway}}])).await;
        let mut client = Client::connect(&simulator).await;
        assert_eq!(client.delete(&[(A, "a")]).await.unwrap().0, 202);
        let reply = client.delete(&[(B, "b")]).await;
        if answer {
            assert_eq!(reply.unwrap().0, 202);
            // The client, told to go, goes once nothing is open.
            soon(client.connection).await.unwrap().unwrap();
        } else {
            let error = reply.unwrap_err();
            assert!(
                !error.is_go_away() && !error.is_reset(),
                "broken, not refused: {error:?}"
            );
        }
        assert_eq!(simulator.scheduled_devices().len(), 1 + scheduled);
    }
}

#[tokio::test]
async fn a_goaway_carries_its_error_code() {
    let goaway = json!({"last_stream": "below", "error_code": 11});
    let simulator = faulty(json!([{"then": {"h2_goaway": goaway}}])).await;
    let error = Client::connect(&simulator).await.delete(&[(A, "a")]).await.unwrap_err();
    assert_eq!(error.reason(), Some(Reason::ENHANCE_YOUR_CALM));
}

#[tokio::test]
async fn a_body_is_cut_and_its_connection_closed() {
    let simulator = faulty(json!([{"then": {"cut_body_after": 10}}])).await;
    let mut client = Client::connect(&simulator).await;
    let response = client.begin(&batch(&[(A, "pc")])).await.await.unwrap();
    assert_eq!(response.status(), 202);
    let mut body = response.into_body();
    let mut got = Vec::new();
    let error = loop {
        match soon(body.data()).await.expect("cut, not ended") {
            Ok(data) => got.extend(data),
            Err(error) => break error,
        }
    };
    assert_eq!(got.len(), 10);
    assert!(error.is_io(), "{error:?}");
}

#[tokio::test]
async fn connections_end_as_they_do_over_http1() {
    for (then, applied) in [
        (json!({"close_before_read": true}), 0),
        (json!({"close_after_read": true, "applied": true}), 1),
        (json!({"reset": "after_read"}), 0),
    ] {
        let simulator = faulty(json!([{"then": then}])).await;
        let error = Client::connect(&simulator).await.delete(&[(A, "a")]).await.unwrap_err();
        assert!(error.is_io(), "{then}: {error:?}");
        assert_eq!(
            (simulator.requests()[0].status, simulator.scheduled_devices().len()),
            (None, applied),
            "{then}"
        );
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_the_whole_reply() {
    for times in [1, 300_000] {
        let repeat = json!({"text": "x", "times": times});
        let simulator =
            faulty(json!([{"then": {"reply": {"status": 503, "repeat": repeat}, "close_idle": true}}])).await;
        let mut client = Client::connect(&simulator).await;
        let (status, body) = client.delete(&[(A, "a")]).await.unwrap();
        assert_eq!((status, body.len()), (503, times));
        // Closed in between, as a client with a pool would find it.
        let _ = soon(client.connection).await.unwrap();
    }
}

#[tokio::test]
async fn deletions_from_ubidots_are_refused_and_answered_alike() {
    let simulator = faulty(json!([
        {"when": {"request": 1}, "then": {"h2_refused_stream": true}},
        {"when": {"request": 3}, "then": {"h2_goaway": {"last_stream": "above", "answer": true}}}
    ]))
    .await;
    let mut client = Client::connect(&simulator).await;
    let body = json!([ubidots::X]).to_string();
    let headers = [ubidots::AUTH, ubidots::BULK, JSON];
    let refused = soon(client.post(ubidots::BULK_DELETE, &headers, &body).await)
        .await
        .unwrap_err();
    assert_eq!(refused.reason(), Some(Reason::REFUSED_STREAM));
    for _ in 0..2 {
        let reply = soon(client.post(ubidots::BULK_DELETE, &headers, &body).await)
            .await
            .unwrap();
        assert!(reply.headers().get("x-request-id").is_none());
        assert_eq!(read(reply).await.unwrap().0, 202);
    }
    let requests = simulator.requests();
    assert_eq!(
        (requests.len(), requests[1].uri.to_string()),
        (3, ubidots::BULK_DELETE.to_owned())
    );
    assert_eq!(simulator.scheduled_devices().len(), 2);
}
