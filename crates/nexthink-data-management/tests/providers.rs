//! Tokens that the program supplies, and the raw client with the same login.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fleetpurge_simulator::Simulator;
use nexthink_data_management::raw::types::{DeviceDeletionRequest, DeviceEntry};
use nexthink_data_management::{
    AccessToken, Applied, Client, Credentials, ErrorKind, ProviderError, StopReason, TokenProvider,
};
use serde_json::json;
use support::*;

/// Supplies these tokens one after the other, and the last for ever.
#[derive(Clone)]
struct Tokens {
    texts: &'static [&'static str],
    supplied: Arc<AtomicUsize>,
}

impl TokenProvider for Tokens {
    async fn token(&self) -> Result<AccessToken, ProviderError> {
        // Others come meanwhile.
        tokio::task::yield_now().await;
        let n = self.supplied.fetch_add(1, Ordering::SeqCst);
        match self.texts[n.min(self.texts.len() - 1)] {
            "fails" => Err(std::io::Error::other("the vault is sealed"))?,
            "refuses" => Err(ProviderError::refused("no such role")),
            "hangs" => std::future::pending().await,
            text => Ok(AccessToken::new(text).expires_in(Duration::from_secs(900))),
        }
    }
}

fn client(simulator: &Simulator, texts: &'static [&'static str]) -> (Client, Arc<AtomicUsize>) {
    let supplied = Arc::new(AtomicUsize::new(0));
    let tokens = Tokens {
        texts,
        supplied: Arc::clone(&supplied),
    };
    let builder = Client::builder(endpoints(simulator), Credentials::provider(tokens));
    (builder.timeout(Duration::from_millis(300)).build().unwrap(), supplied)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_ask_the_provider_for_one_token() {
    let simulator = start(Simulator::builder()).await;
    let (client, supplied) = client(&simulator, &[TOKEN]);
    let report = run_at(&client, 3_200, 32).await;
    assert_eq!(outcomes(&report), "0..3200 scheduled");
    assert_eq!(supplied.load(Ordering::SeqCst), 1);
    assert!(simulator.token_requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_replaced_once_and_a_second_refusal_stops_the_run() {
    let simulator = start(Simulator::builder()).await;
    let (good, supplied) = client(&simulator, &["revoked", TOKEN]);
    assert_eq!(outcomes(&run(&good, 250).await), "0..250 scheduled");
    assert_eq!(supplied.load(Ordering::SeqCst), 2);

    let (bad, supplied) = client(&simulator, &["revoked"]);
    let report = run(&bad, 250).await;
    assert_eq!(outcomes(&report), "0..250 pending");
    assert_eq!(supplied.load(Ordering::SeqCst), 2);
    assert_eq!(simulator.scheduled_devices().len(), 250, "of the first run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_a_token_is_asked_again_or_not_as_it_says() {
    let simulator = start(Simulator::builder()).await;
    for (texts, kind) in [
        (&["fails"][..], ErrorKind::Unreachable),
        (&["hangs"], ErrorKind::Unreachable),
        (&["refuses"], ErrorKind::LoginRefused),
        (&["two words"], ErrorKind::LoginRefused),
        (&[""], ErrorKind::LoginRefused),
    ] {
        let (client, _) = client(&simulator, texts);
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (kind, Applied::No),
            "{texts:?}: {error:?}"
        );
    }
    let (patient, supplied) = client(&simulator, &["fails", "fails", TOKEN]);
    assert_eq!(outcomes(&run(&patient, 1).await), "0..1 scheduled");
    assert_eq!(supplied.load(Ordering::SeqCst), 3);

    let (refused, supplied) = client(&simulator, &["refuses"]);
    let report = run(&refused, 1).await;
    assert!(
        matches!(report.stopped, Some(StopReason::Refused { .. })),
        "{:?}",
        report.stopped
    );
    assert_eq!(supplied.load(Ordering::SeqCst), 1);
    assert_eq!(simulator.requests().len(), 1, "of the patient one");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_client_uses_the_same_login_for_any_number_of_calls() {
    let simulator = faulty(json!([{"when": {"request": 2}, "then": {"reply": {"status": 401}}}])).await;
    let client = with_login(&simulator).build().unwrap();
    let raw = client.raw();
    let request = |n| {
        let device = device(n);
        let entry = DeviceEntry {
            uid: device.uid,
            name: device.name.parse().unwrap(),
        };
        DeviceDeletionRequest { devices: vec![entry] }
    };
    let id = uuid::Uuid::from_u128(7);
    let reply = raw
        .delete_devices()
        .x_request_id(id)
        .body(request(0))
        .send()
        .await
        .unwrap()
        .into_inner();
    assert_eq!(reply.scheduled_count, Some(1));
    raw.delete_devices().body(request(1)).send().await.unwrap_err();
    raw.delete_devices().body(request(2)).send().await.unwrap();
    assert_eq!(named(&simulator), "0..1, 1..2, 2..3");
    assert_eq!(simulator.requests()[0].request_id, id.to_string());
    assert_eq!(simulator.token_requests().len(), 2, "another after the refusal");
}
