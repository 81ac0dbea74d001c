//! Transports, token providers and the raw client of this facade: the same seams as its sibling's, and the same safety.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use support::*;
use ubidots_devices::transport::{Bytes, Request, Response, Sent, SharedTransport, Transport, TransportError};
use ubidots_devices::{
    AccessToken, Account, Applied, Client, Credentials, DeviceKey, ErrorKind, ProviderError, Rate, TokenProvider,
};

/// Sends a deletion, and says that it failed.
struct Forgetful(SharedTransport);

impl Transport for Forgetful {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        self.0.send(request, sent).await?;
        Err(TransportError::connect("forgotten"))
    }
}

/// Loses every request before it is sent.
struct Careful;

impl Transport for Careful {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        drop(sent.guard(request));
        Err(TransportError::connect("not connected"))
    }
}

fn key(n: usize) -> DeviceKey {
    id(n).into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_that_forgets_its_replies_leaves_devices_unknown_and_repeats_nothing() {
    let simulator = faulty(json!([])).await;
    let client = with_token(simulator.url()).wrap_transport(Forgetful).build().unwrap();
    let error = client.delete_devices(&[key(0)]).await.unwrap_err();
    assert_eq!((error.kind(), error.applied()), (ErrorKind::NoReply, Applied::Maybe));
    let report = client.delete_all((1..3).map(id), &options(1)).await;
    assert_eq!((report.unknown(), report.devices.len()), (2, 2));
    assert_eq!(simulator.counts().deletion_requests, 2);
}

#[tokio::test]
async fn a_transport_that_proves_that_nothing_left_is_tried_again() {
    let builder = Client::builder(Account::industrial(), Credentials::token(TOKEN)).transport(Careful);
    let client = builder.build().unwrap();
    let error = client.delete_devices(&[key(0)]).await.unwrap_err();
    assert_eq!((error.kind(), error.applied()), (ErrorKind::Unreachable, Applied::No));
    assert!(error.is_safe_to_retry());
    let report = client.delete_all([id(0)], &options(1)).await;
    assert_eq!((report.pending(), report.devices[0].attempts), (1, 5));
}

struct Tokens(Arc<AtomicUsize>);

impl TokenProvider for Tokens {
    async fn token(&self) -> Result<AccessToken, ProviderError> {
        let n = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(AccessToken::new(if n == 0 { "revoked" } else { TOKEN }))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_s_token_reads_and_deletes_and_is_replaced_once_it_is_refused() {
    let simulator = faulty(json!([])).await;
    let supplied = Arc::new(AtomicUsize::new(0));
    let credentials = Credentials::provider(Tokens(Arc::clone(&supplied)));
    let client = Client::builder(Account::at(simulator.url()).unwrap(), credentials)
        .read_rate(Rate::MOST)
        .build()
        .unwrap();
    client.delete_devices(&[key(0)]).await.unwrap();
    client
        .devices(ubidots_devices::Filter::all())
        .next_page()
        .await
        .unwrap();
    assert_eq!(supplied.load(Ordering::SeqCst), 2);
    assert_eq!(simulator.counts().token_requests, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_raw_client_uses_the_same_login() {
    let simulator = faulty(json!([])).await;
    let client = with_token(simulator.url()).build().unwrap();
    let raw = client.raw();
    for _ in 0..2 {
        let reply = raw.list_devices().fields("id").send().await;
        assert!(reply.unwrap().into_inner().results.is_empty());
    }
    assert_eq!(simulator.reads().len(), 2);
}
