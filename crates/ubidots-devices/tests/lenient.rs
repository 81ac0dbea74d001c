//! Unusual replies: readable parts are used, and an error names the fault of the others.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::io::Write as _;

use base64::Engine as _;
use serde_json::{Value, json};
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use ubidots_devices::{Account, AnomalyKind, Applied, Client, Credentials, ErrorKind, Filter};

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bytes(status: u16, headers: &Value, body: &[u8]) -> Value {
    let body = base64::prelude::BASE64_STANDARD.encode(body);
    json!({"reply": {"status": status, "headers": headers, "base64": body}})
}

/// The bodies that mean this text.
fn ways(text: &str) -> Vec<(Value, Vec<u8>)> {
    let marked = format!("\u{feff}{text}");
    vec![
        (json!({}), marked.clone().into_bytes()),
        (json!({"content-encoding": "gzip"}), gzip(text.as_bytes())),
        (json!({}), gzip(marked.as_bytes())),
        (
            json!({"content-encoding": "br", "content-type": "text/plain"}),
            text.as_bytes().to_vec(),
        ),
        (json!({}), marked.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_id_is_read_in_whatever_way_it_comes() {
    let odd: &[AnomalyKind] = &[AnomalyKind::RepeatedKey, AnomalyKind::OddValue];
    for (text, id, anomalies) in [
        (r#"{"task":{"id":"t1"}}"#, "t1", &[][..]),
        (r#"{"task":{"id":123,"id":123}}"#, "123", odd),
    ] {
        for (headers, body) in ways(text) {
            let simulator = faulty(json!([{"then": bytes(202, &headers, &body)}])).await;
            let receipt = client(&simulator).delete_devices(&keys(0..2)).await.unwrap();
            assert_eq!(receipt.task_id(), id, "{headers} {text}");
            let kinds: Vec<_> = receipt.anomalies().iter().map(|anomaly| anomaly.kind).collect();
            assert_eq!(kinds, anomalies, "{headers} {text}");
            let report = run(&client(&simulator), 2).await;
            assert_eq!(outcomes(&report), "0..2 scheduled", "{headers} {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_refusal_is_read_in_whatever_way_it_comes() {
    for (code, kind) in [
        ("400001", ErrorKind::InvalidRequest),
        ("401001", ErrorKind::Unauthorized),
    ] {
        let text = format!(r#"{{"code":{code},"message":"No.","detail":{{"0":["no"]}},"code":{code}}}"#);
        for (headers, body) in ways(&text) {
            let simulator = faulty(json!([{"then": bytes(400, &headers, &body)}])).await;
            let error = client(&simulator).delete_devices(&keys(0..2)).await.unwrap_err();
            assert_sure(&error, kind, &headers.to_string());
            assert_eq!(error.code(), Some(code));
            assert_eq!(error.message(), Some(r#"No. {"0":["no"]}"#));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_in_an_encoding_that_is_not_known_leaves_the_batch_open_and_says_so() {
    let then = bytes(202, &json!({"content-encoding": "zstd"}), &[0x28, 0xb5, 0x2f, 0xfd, 0]);
    let simulator = faulty(json!([{"then": then}])).await;
    let error = client(&simulator).delete_devices(&keys(0..2)).await.unwrap_err();
    assert_open(&error, ErrorKind::AmbiguousReply, "zstd");
    assert!(error.to_string().contains("Content-Encoding \"zstd\""), "{error}");
}

/// Lists are read in whatever way they come, and never in part.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_whole_or_not_at_all() {
    let device =
        |n: usize| json!({"id": id(n).as_str(), "label": format!("lab-{n}"), "name": "x", "tags": []}).to_string();
    let page = |devices: &str, count: &str| format!(r#"{{"count":{count},"next":null,"results":[{devices}]}}"#);
    let two = format!("{},{}", device(0), device(1));
    for (headers, body) in ways(&page(&two, "2")) {
        let simulator = faulty(json!([reads(json!("1-"), bytes(200, &headers, &body))])).await;
        let mut listing = client(&simulator).devices(Filter::all());
        assert_eq!(listing.next_page().await.unwrap().unwrap().len(), 2, "{headers}");
    }
    for body in [
        page(&format!("{two},null"), "3"),
        page(&format!("{two},{{\"id\":7}}"), "3"),
        page(&format!("{two},7"), "2"),
        page(&two, "\"2\""),
        page(&two, "2,\"results\":[]"),
        format!("{} {}", page(&two, "2"), page(&two, "2")),
        page(&format!("{two},"), "2"),
    ] {
        let simulator = faulty(json!([reads(json!("1-"), bytes(200, &json!({}), body.as_bytes()))])).await;
        let mut listing = client(&simulator).devices(Filter::all());
        let error = listing.next_page().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::AmbiguousReply, Applied::No),
            "{body}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_read_in_whatever_way_it_comes() {
    for (headers, body) in ways(&format!(r#"{{"token":"{TOKEN}","x":"\ud800"}}"#)) {
        let simulator = faulty(json!([tokens(json!("1-"), bytes(200, &headers, &body))])).await;
        with_key(&simulator).delete_devices(&keys(0..2)).await.unwrap();
        assert_eq!(named(&simulator), "0..2", "{headers}");
    }
    let told = format!("No key {KEY} here.");
    let body = json!({"code": 401_001, "message": told}).to_string();
    let simulator = faulty(json!([tokens(json!("1-"), bytes(401, &json!({}), body.as_bytes()))])).await;
    let error = with_key(&simulator).authenticate().await.unwrap_err();
    assert_eq!(error.message(), Some("No key [secret] here."));
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "it says \"No key [secret] here.\""
    );
}

/// A service that answers each connection once with this.
async fn answering(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::new();
                let is_whole = |request: &[u8]| {
                    let text = String::from_utf8_lossy(request).into_owned();
                    text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        head.starts_with("GET ") || head.contains("apikey") || body.ends_with(']')
                    })
                };
                while !is_whole(&request) {
                    if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                stream.write_all(reply.as_bytes()).await.unwrap();
                let _ = stream.read_buf(&mut request).await;
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_what_was_wrong_with_a_reply_that_is_not_http() {
    for (reply, words) in [
        (
            "HTTP/1.1 202 Accepted\r\nX-A: 1\r\n  folded\r\n\r\n",
            "folded over two lines",
        ),
        ("HTTP/1.1 abc Accepted\r\n\r\n", "a status line that is not valid HTTP"),
        ("hello\r\n", "not HTTP/1.1"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
            "a Content-Length that is not a number",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "a chunk that is not valid HTTP",
        ),
    ] {
        let url = answering(reply).await;
        let client = with_token(&url).build().unwrap();
        let error = client.delete_devices(&keys(0..2)).await.unwrap_err();
        assert_open(&error, ErrorKind::AmbiguousReply, reply);
        assert!(error.to_string().contains(words), "{reply}: {error}");

        let account = Account::at(&url).unwrap();
        let login = Client::builder(account, Credentials::api_key(KEY)).build().unwrap();
        let error = login.authenticate().await.unwrap_err();
        assert_sure(&error, ErrorKind::Unreachable, reply);
        assert!(error.to_string().contains(words), "{reply}: {error}");
    }
    let client = with_token(&answering("hello\r\n").await).build().unwrap();
    let error = client.device(&key(id(0).as_str())).await.unwrap_err();
    assert_sure(&error, ErrorKind::AmbiguousReply, "a read");
    assert!(error.to_string().contains("not HTTP/1.1"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_in_place_of_an_object_is_no_reply() {
    for body in [r#"{"task":["queued"]}"#, r#"[["error"]]"#, r#"[{"id":"t1"}]"#] {
        let simulator = faulty(json!([{"then": bytes(202, &json!({}), body.as_bytes())}])).await;
        let error = client(&simulator).delete_devices(&keys(0..2)).await.unwrap_err();
        assert_open(&error, ErrorKind::AmbiguousReply, body);
        let report = run(&client(&simulator), 2).await;
        assert_eq!(outcomes(&report), "0..2 unknown", "{body}");
    }
    for body in ["[0,null,[]]", "[null,null,[]]"] {
        let simulator = faulty(json!([reads(json!("1-"), bytes(200, &json!({}), body.as_bytes()))])).await;
        let error = client(&simulator).devices(Filter::all()).next_page().await.unwrap_err();
        assert_sure(&error, ErrorKind::AmbiguousReply, body);
    }
    for body in [format!(r#"["{TOKEN}"]"#), format!(r#"[["{TOKEN}"]]"#)] {
        let simulator = faulty(json!([tokens(json!("1-"), bytes(200, &json!({}), body.as_bytes()))])).await;
        let error = with_key(&simulator).authenticate().await.unwrap_err();
        assert_sure(&error, ErrorKind::LoginRefused, &body);
        assert_eq!(error.message(), None, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_or_key_in_a_reply_is_taken_out_however_it_is_written() {
    let secret = "BBUS-topsecret-0123456789";
    let escaped: String = secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    for spelling in [secret, &escaped] {
        let account = |url: &str| Account::at(url).unwrap();
        let body = format!(r#"{{"task":{{"id":"{spelling}"}},"x":"@"}}"#);
        // In Latin-1, too.
        let odd = body
            .bytes()
            .map(|byte| if byte == b'@' { 0xe9 } else { byte })
            .collect();
        for body in [body.into_bytes(), odd] {
            let rules = json!([{"then": bytes(202, &json!({}), &body)}]);
            let simulator = fleetpurge_simulator::Simulator::builder()
                .static_token(secret)
                .faults(script(rules));
            let simulator = simulator.start().await.unwrap();
            let client = Client::builder(account(simulator.url()), Credentials::token(secret))
                .build()
                .unwrap();
            let receipt = client.delete_devices(&keys(0..2)).await.unwrap();
            assert_eq!(receipt.task_id(), "[token]", "{spelling}");
        }
        let body = format!(r#"{{"message":"No.","detail":{{"key":"{spelling}"}}}}"#);
        let simulator = faulty(json!([tokens(json!("1-"), bytes(401, &json!({}), body.as_bytes()))])).await;
        let client = Client::builder(account(simulator.url()), Credentials::api_key(secret))
            .build()
            .unwrap();
        let error = client.authenticate().await.unwrap_err();
        assert_eq!(error.message(), Some(r#"No. {"key":"[secret]"}"#));
        let body = format!(r#"{{"message":"{spelling}","detail":{{"token":"issued"}}}}"#);
        for status in [200, 201, 204, 299] {
            let simulator = faulty(json!([tokens(json!("1-"), bytes(status, &json!({}), body.as_bytes()))])).await;
            let error = with_key(&simulator).authenticate().await.unwrap_err();
            assert_eq!((error.message(), error.code()), (None, None), "{status}");
        }
    }
}
