//! Whatever transport a program plugs in: a deletion that may have been applied is not sent again.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use nexthink_data_management::transport::{
    Bytes, HeldBody, Request, Response, Sent, SharedTransport, Transport, TransportError,
};
use nexthink_data_management::{Applied, Client, Credentials, Endpoints, ErrorKind, Instance, Region, StopReason};
use serde_json::{Value, json};
use support::*;

/// What a transport does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Accepts,
    FailsUnguarded,
    FailsGuarded,
    FailsTaken,
    HangsUnguarded,
    HangsGuarded,
    RepliesUnguarded(u16),
    RepliesTaken(u16),
    RepliesTooLong,
    Panics,
}

/// A service without a socket, which does this with its first request and accepts all others.
#[derive(Clone)]
struct Service {
    first: Does,
    received: Arc<Mutex<Vec<Request<Bytes>>>>,
    /// Kept beyond the call of the transport.
    held: Arc<Mutex<Option<HeldBody>>>,
}

impl Service {
    fn new(first: Does) -> Self {
        Self {
            first,
            received: Arc::default(),
            held: Arc::default(),
        }
    }

    fn client(&self) -> Client {
        let endpoints = Endpoints::of(Instance::new("acme").unwrap(), Region::Eu);
        Client::builder(endpoints, Credentials::token(TOKEN))
            .transport(self.clone())
            .timeout(Duration::from_millis(200))
            .build()
            .unwrap()
    }

    /// Which devices each request named.
    fn named(&self) -> Vec<usize> {
        let received = self.received.lock().unwrap();
        let count = |request: &Request<Bytes>| {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            body["devices"].as_array().unwrap().len()
        };
        received.iter().map(count).collect()
    }
}

fn reply(status: u16, body: Bytes) -> Response<Bytes> {
    Response::builder().status(status).body(body).unwrap()
}

fn accepted(request: &Bytes) -> Bytes {
    let asked: Value = serde_json::from_slice(request).unwrap();
    let entry = |device: &Value| json!({"uid": device["uid"], "name": device["name"], "status": "SCHEDULED"});
    let devices: Vec<Value> = asked["devices"].as_array().unwrap().iter().map(entry).collect();
    json!({"status": "ACCEPTED", "scheduledCount": devices.len(), "devices": devices})
        .to_string()
        .into()
}

impl Transport for Service {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        let does = {
            let mut received = self.received.lock().unwrap();
            received.push(request.clone());
            if received.len() == 1 { self.first } else { Does::Accepts }
        };
        let lost = || TransportError::new("the line is dead");
        match does {
            Does::Accepts => Ok(reply(202, accepted(&sent.guard(request).into_body().take().unwrap()))),
            Does::FailsUnguarded => Err(lost()),
            Does::FailsGuarded => {
                drop(sent.guard(request));
                Err(TransportError::connect("the line is dead"))
            }
            Does::FailsTaken => {
                sent.guard(request).into_body().take().unwrap();
                Err(lost())
            }
            Does::HangsUnguarded => std::future::pending().await,
            Does::HangsGuarded => {
                *self.held.lock().unwrap() = Some(sent.guard(request).into_body());
                std::future::pending().await
            }
            Does::RepliesUnguarded(status) => Ok(reply(status, Bytes::new())),
            Does::RepliesTaken(status) => {
                sent.guard(request).into_body().take().unwrap();
                Ok(reply(status, Bytes::new()))
            }
            Does::RepliesTooLong => Ok(reply(202, vec![b' '; sent.reply_limit() + 1].into())),
            Does::Panics => panic!("a mistake in the transport"),
        }
    }
}

#[tokio::test]
async fn a_request_and_its_reply_are_what_the_transport_carries() {
    let service = Service::new(Does::Accepts);
    let receipt = service.client().delete_devices(&devices(3)).await.unwrap();
    assert_eq!(
        stretches(receipt.outcomes().iter().map(|of| of.kind.as_str())),
        "0..3 scheduled"
    );
    let received = service.received.lock().unwrap();
    let [request] = &received[..] else {
        panic!("{received:?}")
    };
    assert_eq!(
        (request.method().as_str(), request.uri().to_string()),
        (
            "POST",
            "https://acme.api.eu.nexthink.cloud/api/v1/data-management/device/deletions".to_owned()
        )
    );
    assert_eq!(request.headers()["authorization"], format!("Bearer {TOKEN}"));
    assert!(request.headers()["authorization"].is_sensitive());
    assert!(
        request.headers()["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("nexthink-data-management/")
    );
}

#[tokio::test]
async fn whether_the_service_may_have_acted_depends_on_what_the_transport_proves() {
    use Applied::{Maybe, No};
    for (does, kind, applied) in [
        (Does::FailsUnguarded, ErrorKind::NoReply, Maybe),
        (Does::FailsGuarded, ErrorKind::Unreachable, No),
        (Does::FailsTaken, ErrorKind::NoReply, Maybe),
        (Does::HangsUnguarded, ErrorKind::NoReply, Maybe),
        (Does::HangsGuarded, ErrorKind::Unreachable, No),
        (Does::RepliesUnguarded(500), ErrorKind::ServerError, Maybe),
        (Does::RepliesTaken(500), ErrorKind::ServerError, Maybe),
        (Does::RepliesUnguarded(204), ErrorKind::AmbiguousReply, Maybe),
        (Does::RepliesTooLong, ErrorKind::AmbiguousReply, Maybe),
    ] {
        let service = Service::new(does);
        let error = service.client().delete_devices(&devices(2)).await.unwrap_err();
        assert_eq!((error.kind(), error.applied()), (kind, applied), "{does:?}: {error:?}");
        assert_eq!(service.named(), [2], "{does:?}");
    }
}

#[tokio::test]
async fn a_run_sends_again_only_what_was_certainly_not_sent() {
    for (does, outcome) in [
        (Does::FailsGuarded, "0..2 scheduled"),
        (Does::HangsGuarded, "0..2 scheduled"),
        (Does::RepliesUnguarded(429), "0..2 scheduled"),
        (Does::FailsUnguarded, "0..2 unknown"),
        (Does::FailsTaken, "0..2 unknown"),
        (Does::HangsUnguarded, "0..2 unknown"),
        (Does::RepliesTaken(500), "0..2 unknown"),
        (Does::RepliesTooLong, "0..2 unknown"),
    ] {
        let service = Service::new(does);
        let report = run(&service.client(), 2).await;
        assert_eq!(outcomes(&report), outcome, "{does:?}");
        let requests = if outcome.contains("scheduled") { 2 } else { 1 };
        assert_eq!(service.named(), vec![2; requests], "{does:?}");
    }
}

#[tokio::test]
async fn a_transport_that_panics_stops_the_run_and_its_devices_are_unknown() {
    let service = Service::new(Does::Panics);
    let report = run(&service.client(), 250).await;
    assert_eq!(outcomes(&report), "0..100 unknown, 100..250 pending");
    assert_eq!(report.stopped, Some(StopReason::Panicked));
    assert_eq!(service.named(), [100]);
}

/// Sends everything again, whatever came back, as a careless middleware does.
struct Insistent(SharedTransport, Arc<AtomicUsize>);

impl Transport for Insistent {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        let mut last = Err(TransportError::new("never tried"));
        for _ in 0..3 {
            self.1.fetch_add(1, Ordering::Relaxed);
            last = self.0.send(request.clone(), sent.clone()).await;
        }
        last
    }
}

#[tokio::test]
async fn a_wrapper_that_repeats_requests_cannot_repeat_a_deletion() {
    let simulator = faulty(json!([])).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let client = with_token(endpoints(&simulator))
        .wrap_transport(move |inner| Insistent(inner, Arc::clone(&counted)))
        .build()
        .unwrap();
    let report = run(&client, 2).await;
    // Its last answer is an error of its own making, after the service had acted.
    assert_eq!(outcomes(&report), "0..2 unknown");
    assert_eq!(tries.load(Ordering::Relaxed), 3);
    assert_eq!(named(&simulator), "0..2");
}

/// Asks elsewhere if the service asks to wait, and loses the answer, or waits for it for ever.
struct Elsewhere(SharedTransport, bool);

impl Transport for Elsewhere {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        let reply = self.0.send(request, sent).await?;
        if reply.status() != 503 {
            return Ok(reply);
        }
        if self.1 {
            std::future::pending::<()>().await;
        }
        Err(TransportError::new("the other service hung up"))
    }
}

#[tokio::test]
async fn an_earlier_reply_proves_nothing_of_what_a_wrapper_did_after_it() {
    for hangs in [false, true] {
        let reply = json!({"reply": {"status": 503, "retry_after": "0"}});
        let simulator = faulty(json!([{"when": {"request": 1}, "then": reply}])).await;
        let client = with_token(endpoints(&simulator))
            .timeout(Duration::from_millis(500))
            .wrap_transport(move |inner| Elsewhere(inner, hangs))
            .build()
            .unwrap();
        let report = run(&client, 2).await;
        assert_eq!(outcomes(&report), "0..2 unknown", "{hangs}");
        assert_eq!(named(&simulator), "0..2", "{hangs}");
    }
}

/// Replaces every reply.
struct Rewriting(SharedTransport);

impl Transport for Rewriting {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        self.0.send(request, sent).await?;
        Ok(reply(500, Bytes::new()))
    }
}

#[tokio::test]
async fn a_wrapper_s_reply_is_the_one_that_counts() {
    let simulator = faulty(json!([])).await;
    let builder = with_token(endpoints(&simulator)).wrap_transport(Rewriting);
    let error = builder.build().unwrap().delete_devices(&devices(1)).await.unwrap_err();
    assert_eq!((error.status(), error.applied()), (Some(500), Applied::Maybe));
    assert_eq!(named(&simulator), "0..1");
}

#[tokio::test]
async fn tokens_come_by_the_same_transport() {
    let simulator = start(fleetpurge_simulator::Simulator::builder()).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    struct Counting(SharedTransport, Arc<AtomicUsize>);
    impl Transport for Counting {
        async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.send(request, sent).await
        }
    }
    let client = with_login(&simulator)
        .wrap_transport(move |inner| Counting(inner, Arc::clone(&counted)))
        .build()
        .unwrap();
    client.delete_devices(&devices(1)).await.unwrap();
    client.delete_devices(&devices(1)).await.unwrap();
    assert_eq!(tries.load(Ordering::Relaxed), 3, "one token, two deletions");
}

#[tokio::test]
async fn a_caller_that_goes_away_calls_off_what_a_transport_still_holds() {
    let service = Service::new(Does::HangsGuarded);
    let client = service.client();
    let list = devices(1);
    let mut call = Box::pin(client.delete_devices(&list).into_future());
    while service.held.lock().unwrap().is_none() {
        assert!((&mut call).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    drop(call);
    // The task of the call withdraws the body in its next turn, on the one thread of this runtime.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let held = service.held.lock().unwrap().take().unwrap();
    assert_eq!(held.take(), None, "the body can no longer be sent");
}
