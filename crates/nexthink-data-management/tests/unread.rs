//! A reply that is not valid HTTP: the error names the fault, and does not report a lost connection.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::Arc;

use fleetpurge_testing::raw::{Raw, read_request, write};
use nexthink_data_management::{Applied, Client, Credentials, Endpoints, ErrorKind};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use support::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

/// What is answered to the one request, and the words of the error.
fn table() -> Vec<(String, &'static str)> {
    let body = "Content-Length: 2\r\n\r\n{}";
    let many: String = (0..150).map(|n| format!("X-{n}: 1\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "x".repeat(600_000));
    vec![
        (
            format!("HTTP/1.1 202 Accepted\r\n{many}{body}"),
            "more than 100 headers",
        ),
        (
            format!("HTTP/1.1 202 Accepted\r\n{long}{body}"),
            "headers that are too long",
        ),
        (
            format!("HTTP/1.1 202 Accepted\r\nX-A: 1\r\n  folded\r\n{body}"),
            "folded over two lines",
        ),
        (
            format!("HTTP/1.1 202 Accepted\r\nno colon\r\n{body}"),
            "a header that is not valid HTTP",
        ),
        (
            format!("HTTP/1.1 202 Accepted\r\nX-A: \u{1}\r\n{body}"),
            "a header that is not valid HTTP",
        ),
        (
            format!("HTTP/1.1 2x2 Accepted\r\n{body}"),
            "a status line that is not valid HTTP",
        ),
        (
            format!("HTTP/1.1 99 Accepted\r\n{body}"),
            "a status line that is not valid HTTP",
        ),
        ("{\"status\":\"ACCEPTED\"}".to_owned(), "not HTTP/1.1"),
        ("<html>HTTP/0.9</html>\r\n".to_owned(), "not HTTP/1.1"),
        (format!("HTTP/3.7 202 Accepted\r\n{body}"), "not HTTP/1.1"),
        (
            "HTTP/1.1 202 Accepted\r\nContent-Length: two\r\n\r\n{}".to_owned(),
            "a Content-Length that is not a number",
        ),
        (
            "HTTP/1.1 202 Accepted\r\nContent-Length: -2\r\n\r\n{}".to_owned(),
            "a Content-Length that is not a number",
        ),
        (
            "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}".to_owned(),
            "a Content-Length that is not a number",
        ),
        (
            "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}".to_owned(),
            "a chunk that is not valid HTTP",
        ),
        (
            "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}zz".to_owned(),
            "a chunk that is not valid HTTP",
        ),
        (
            "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n".to_owned(),
            "a chunk that is not valid HTTP",
        ),
    ]
}

/// A service that answers its first request, and nothing more, with this.
async fn answering(reply: String) -> (String, tokio::task::JoinHandle<String>) {
    let raw = Raw::bind().await;
    let url = raw.url.clone();
    let service = tokio::spawn(async move {
        let mut stream = raw.accept().await;
        let request = read_request(&mut stream).await.unwrap();
        write(&mut stream, &reply).await;
        // Open until the client has made up its mind.
        let _ = read_request(&mut stream).await;
        request.head
    });
    (url, service)
}

fn of(url: &str) -> Client {
    with_token(Endpoints::at(url, None).unwrap()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_what_was_wrong_with_a_reply_that_is_not_http() {
    for (reply, words) in table() {
        let shown: String = reply.chars().take(80).collect();
        let (url, service) = answering(reply).await;
        let error = of(&url).delete_devices(&devices(2)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::AmbiguousReply, Applied::Maybe),
            "{shown}: {error:?}"
        );
        assert!(error.to_string().contains(words), "{shown}: {error}");
        assert!(!error.to_string().contains("lost"), "{shown}: {error}");
        assert!(service.await.unwrap().starts_with("POST "), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_token_endpoint_says_as_much() {
    for (reply, words) in table() {
        let shown: String = reply.chars().take(80).collect();
        let (url, service) = answering(reply).await;
        let credentials = Credentials::client("id", "secret");
        let client = Client::builder(Endpoints::at(&url, None).unwrap(), credentials)
            .build()
            .unwrap();
        let error = client.authenticate().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::Unreachable, Applied::No),
            "{shown}: {error:?}"
        );
        assert!(error.to_string().contains(words), "{shown}: {error}");
        assert!(error.to_string().contains("token endpoint"), "{shown}: {error}");
        assert!(service.await.unwrap().starts_with("POST "), "{shown}");
    }
}

/// Only where it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_lost_is_said_to_be() {
    for reply in ["", "HTTP/1.1 202 Accep", "HTTP/1.1 202 Accepted\r\nX-A: "] {
        let raw = Raw::bind().await;
        let url = raw.url.clone();
        let service = tokio::spawn(async move {
            let mut stream = raw.accept().await;
            read_request(&mut stream).await.unwrap();
            write(&mut stream, reply).await;
        });
        let error = of(&url).delete_devices(&devices(2)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::NoReply, Applied::Maybe),
            "{reply}: {error:?}"
        );
        assert!(error.to_string().contains("connection was lost"), "{reply}: {error}");
        service.await.unwrap();
    }
    let body = "HTTP/1.1 202 Accepted\r\nContent-Length: 20\r\n\r\n{\"status\":";
    let raw = Raw::bind().await;
    let url = raw.url.clone();
    let service = tokio::spawn(async move {
        let mut stream = raw.accept().await;
        read_request(&mut stream).await.unwrap();
        write(&mut stream, body).await;
    });
    let error = of(&url).delete_devices(&devices(2)).await.unwrap_err();
    assert!(error.to_string().contains("is cut short"), "{error}");
    service.await.unwrap();
}

/// Frames that a server may not send.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_that_the_rules_of_http2_were_broken() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let table: [(&str, &'static [u8]); 3] = [
        ("data on stream 0", &[0, 0, 2, 0, 1, 0, 0, 0, 0, b'{', b'}']),
        ("headers that are no headers", &[0, 0, 2, 1, 5, 0, 0, 0, 1, 0xff, 0xff]),
        ("plain text", b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}"),
    ];
    for (case, frames) in table {
        let raw = Raw::bind().await;
        let url = raw.url.replace("http:", "https:");
        let acceptor = acceptor.clone();
        let service = tokio::spawn(async move {
            let mut stream = acceptor.accept(raw.accept().await).await.unwrap();
            stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
            let mut received = Vec::new();
            // The end of the stream may be a frame of its own.
            let has = |received: &[u8], text: &[u8]| received.windows(text.len()).any(|part| part == text);
            while !has(&received, b"{\"devices") || !has(&received, b"]}") {
                assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0);
            }
            stream.write_all(frames).await.unwrap();
            stream.flush().await.unwrap();
            while stream.read_buf(&mut received).await.unwrap_or(0) > 0 {}
        });
        let client = with_token(Endpoints::at(&url, None).unwrap()).root_certificate(made.cert.der().to_vec());
        let client = client.build().unwrap();
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::AmbiguousReply, Applied::Maybe),
            "{case}: {error:?}"
        );
        assert!(error.to_string().contains("the rules of HTTP/2"), "{case}: {error}");
        drop(client);
        service.await.unwrap();
    }
}
