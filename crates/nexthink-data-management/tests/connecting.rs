//! How a client connects: proxy, certificates, headers; and settings that cannot be used.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::Arc;

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::raw::{Raw, read_request, write};
use nexthink_data_management::transport::{Bytes, Request, Response, Sent, Transport, TransportError};
use nexthink_data_management::{Client, ClientBuilder, Credentials, Endpoints, ErrorKind, Instance, Region};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use support::*;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

const PROXY_PASSWORD: &str = "pr0xy-passw0rd";

/// A client of an instance that nobody serves.
fn nowhere() -> ClientBuilder {
    let endpoints = Endpoints::of(Instance::new("acme").unwrap(), Region::Eu);
    Client::builder(endpoints, Credentials::token(TOKEN))
}

fn refused(builder: ClientBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_and_the_ca_that_its_administrators_made_carry_a_deletion() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let simulator = start(Simulator::builder().tls(made.cert.pem(), made.signing_key.serialize_pem())).await;
    let host = simulator.url().trim_start_matches("https://").to_owned();

    let proxy = Raw::bind().await;
    let address = proxy.url.trim_start_matches("http://").to_owned();
    let target = host.clone();
    let tunnel = tokio::spawn(async move {
        let mut near = proxy.accept().await;
        let request = read_request(&mut near).await.unwrap();
        write(&mut near, "HTTP/1.1 200 OK\r\n\r\n").await;
        let mut far = TcpStream::connect(target).await.unwrap();
        // It ends as the client closes the connection.
        let _ = copy_bidirectional(&mut near, &mut far).await;
        request.head
    });
    let client = with_token(endpoints(&simulator))
        .proxy(format!("http://user:{PROXY_PASSWORD}@{address}"))
        .root_certificates_pem(made.cert.pem())
        .build()
        .unwrap();
    client.delete_devices(&devices(2)).await.unwrap();
    assert_eq!(named(&simulator), "0..2");
    drop(client);
    let head = tunnel.await.unwrap();
    assert!(head.starts_with(&format!("CONNECT {host} ")), "{head}");
    assert!(head.to_lowercase().contains("proxy-authorization: basic "), "{head}");
    assert!(!head.contains(TOKEN), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_asks_for_a_certificate_gets_the_client_s() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let own = rcgen::generate_simple_self_signed(["client.example".to_owned()]).unwrap();
    let mut known = RootCertStore::empty();
    known.add(own.cert.der().clone()).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(known), Arc::clone(&ring));
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let tls = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let raw = Raw::bind().await;
    let url = raw.url.replace("http:", "https:");
    let builder = || with_token(Endpoints::at(&url, None).unwrap()).root_certificates_pem(made.cert.pem());

    let served = tokio::spawn(async move {
        let stranger = acceptor.accept(raw.accept().await).await;
        assert!(stranger.is_err(), "without a certificate");
        let mut stream = acceptor.accept(raw.accept().await).await.unwrap();
        let request = read_request(&mut stream).await.unwrap();
        write(&mut stream, &request.accepted()).await;
    });
    let error = builder()
        .build()
        .unwrap()
        .delete_devices(&devices(1))
        .await
        .unwrap_err();
    assert_ne!(error.kind(), ErrorKind::Configuration, "{error:?}");
    let identity = own.cert.pem() + &own.signing_key.serialize_pem();
    let client = builder().client_identity_pem(identity).build().unwrap();
    client.delete_devices(&devices(1)).await.unwrap();
    served.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_program_go_with_every_request_and_its_name_with_the_user_agent() {
    let simulator = start(Simulator::builder()).await;
    let client = with_login(&simulator)
        .header("X-Gateway-Key", "k3y")
        .user_agent_suffix("fleet-cleanup/2.1")
        .build()
        .unwrap();
    client.delete_devices(&devices(1)).await.unwrap();
    let agent = concat!(
        "nexthink-data-management/",
        env!("CARGO_PKG_VERSION"),
        " fleet-cleanup/2.1"
    );
    let deletion = &simulator.requests()[0];
    let login = &simulator.token_requests()[0];
    for (key, sent) in [
        (deletion.header("x-gateway-key"), deletion.header("user-agent")),
        (login.header("x-gateway-key"), login.header("user-agent")),
    ] {
        assert_eq!((key, sent), (Some("k3y"), Some(agent)));
    }
}

#[test]
fn headers_that_the_client_sets_itself_are_refused() {
    for name in [
        "Authorization",
        "AUTHORIZATION",
        "Proxy-Authorization",
        "Content-Length",
        "Content-Type",
        "Transfer-Encoding",
        "Host",
        "X-Request-Id",
        "X-Auth-Token",
        "User-Agent",
    ] {
        let why = refused(nowhere().header(name, "s3cret-value"));
        assert!(why.contains(&name.to_lowercase()) && !why.contains("s3cret"), "{why}");
    }
    for (name, value) in [("not a name", "x"), ("", "x"), ("x-key", "s3cret\r\nx-other: y")] {
        let why = refused(nowhere().header(name, value));
        assert!(why.starts_with("`header`") && !why.contains("s3cret"), "{why}");
    }
}

#[test]
fn a_setting_that_would_protect_nothing_is_refused() {
    struct Nothing;
    impl Transport for Nothing {
        async fn send(&self, _: Request<Bytes>, _: Sent) -> Result<Response<Bytes>, TransportError> {
            Err(TransportError::new("nothing"))
        }
    }
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    for (builder, what) in [
        (
            nowhere().root_certificates_pem(""),
            "`root_certificates_pem`: the text contains no certificate",
        ),
        (
            nowhere().root_certificates_pem(key.clone()),
            "`root_certificates_pem`: the text contains no certificate",
        ),
        (
            nowhere().root_certificates_pem("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"),
            "`root_certificates_pem`: the text is not valid PEM",
        ),
        (
            nowhere().client_identity_pem(key.clone()),
            "`client_identity_pem`: the text contains no certificate",
        ),
        (
            nowhere().client_identity_pem(made.cert.pem()),
            "`client_identity_pem`: the text contains no private key",
        ),
        (nowhere().proxy("acme.example:3128"), "`proxy` is not"),
        (nowhere().proxy("socks5://user:pw@acme.example"), "`proxy` is not"),
        (nowhere().proxy(""), "`proxy` is not"),
        (nowhere().user_agent_suffix(" "), "`user_agent_suffix` is empty"),
        (nowhere().user_agent_suffix("a\nb"), "`user_agent_suffix` contains"),
        (
            nowhere().transport(Nothing).root_certificates_pem(made.cert.pem()),
            "root certificates would have no effect",
        ),
        (
            nowhere().transport(Nothing).no_proxy(),
            "`proxy` or `no_proxy` would have no effect",
        ),
        (
            nowhere().transport(Nothing).client_identity_pem(key + &made.cert.pem()),
            "`client_identity_pem` would have no effect",
        ),
    ] {
        let why = refused(builder);
        assert!(why.starts_with(what), "{why}");
        assert!(!why.contains("pw"), "{why}");
    }
}

#[test]
fn no_setting_shows_a_secret() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let builder = nowhere()
        .proxy(format!("http://user:{PROXY_PASSWORD}@acme.example:3128"))
        .header("X-Gateway-Key", "k3y-of-the-gateway")
        .client_identity_pem(made.cert.pem() + &made.signing_key.serialize_pem());
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    for secret in [PROXY_PASSWORD, "k3y-of-the-gateway", "PRIVATE", TOKEN] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
