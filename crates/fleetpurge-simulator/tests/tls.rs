//! The same service over TLS.

#![cfg(feature = "tls")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::Arc;

use fleetpurge_simulator::{ErrorKind, Simulator};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

async fn connect(simulator: &Simulator, certificate: &str, protocol: &[u8]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap())
        .unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

#[tokio::test]
async fn both_protocols_are_offered_under_the_given_certificate() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.pem();
    let simulator = start(Simulator::builder().tls(&certificate, made.signing_key.serialize_pem())).await;
    assert_eq!(simulator.url(), format!("https://127.0.0.1:{}", simulator.port()));

    let mut stream = connect(&simulator, &certificate, b"http/1.1").await;
    let close = request(
        "POST",
        DELETIONS,
        &[BEARER, JSON, ("Connection", "close")],
        &batch(&[(A, "pc")]),
    );
    stream.write_all(&close).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 202 "), "{reply}");

    let stream = connect(&simulator, &certificate, b"h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (send, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let get = http::Request::get("https://localhost/_simulator/counts")
        .body(())
        .unwrap();
    let (response, _) = send.ready().await.unwrap().send_request(get, true).unwrap();
    assert_eq!(response.await.unwrap().status(), 200);
    assert_eq!(simulator.requests().len(), 1);
}

#[tokio::test]
async fn a_certificate_of_no_use_is_an_error_at_the_start() {
    for (certificate, key) in [("", ""), ("nonsense", "nonsense")] {
        let error = Simulator::builder().tls(certificate, key).start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls);
    }
}
