//! A reply that repeats a token or a secret, however it is written, does not bring it into what is told.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use base64::Engine as _;
use nexthink_data_management::{Client, Credentials, Error};
use serde_json::{Value, json};
use support::*;

const BEARER: &str = "TOPSECRET/token+0123456789==";
const SECRET: &str = "s?>s?>s?>s?>\"secret\\";

/// What JSON may write for a text.
fn spellings(text: &str) -> Vec<String> {
    let units = |write: fn(u16) -> String| text.encode_utf16().map(write).collect::<String>();
    let inner = |text: &str| {
        let quoted = json!(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let plain = inner(text);
    vec![
        plain.replace('/', "\\/"),
        plain.replace('+', "\\u002b").replace('>', "\\u003E"),
        units(|unit| format!("\\u{unit:04x}")),
        units(|unit| format!("\\u{unit:04X}")),
        // JSON within a string of JSON.
        inner(&plain.replace('/', "\\/")),
        plain.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D"),
        plain.replace('+', "&#43;").replace('/', "&#x2F;").replace('>', "&gt;"),
        plain,
    ]
}

fn bytes(endpoint: &str, status: u16, body: &[u8]) -> Value {
    let body = base64::prelude::BASE64_STANDARD.encode(body);
    json!([{"when": {"endpoint": endpoint}, "then": {"reply": {"status": status, "headers": {}, "base64": body}}}])
}

/// Everything that an error tells.
fn told(error: &Error) -> String {
    let mut told = format!(
        "{error:?} {:?} {:?} {:?}",
        error.message(),
        error.code(),
        error.body_head()
    );
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        told += &format!(" {error} {error:?}");
        next = error.source();
    }
    told
}

/// The longest part of a secret that is told, in any case.
fn assert_hidden(told: &str, secret: &str, case: &str) {
    for part in secret.as_bytes().windows(9) {
        let part = std::str::from_utf8(part).unwrap();
        assert!(!told.contains(part), "{part} of {case}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_in_a_reply_is_taken_out_however_it_is_written() {
    let uid = device(0).uid;
    for spelling in spellings(BEARER) {
        let entry = |name: &str| format!(r#"{{"uid":"{uid}","name":"{name}","status":"SCHEDULED"}}"#);
        let accepted = |entry: &str, more: &str| {
            format!(r#"{{"status":"ACCEPTED","scheduledCount":1{more},"devices":[{entry}]}}"#)
        };
        let word = format!(r#"{{"uid":"{uid}","status":"{spelling}"}}"#);
        let foreign = format!(r#"{{"uid":"{spelling}","status":"SCHEDULED"}}"#);
        for (status, body) in [
            (202, accepted(&entry(&format!("via {spelling}")), "")),
            (202, accepted(&entry(&format!("via {spelling}")), ",\"x\":\"@\"")),
            (202, accepted(&word, ",\"x\":\"@\"")),
            (202, accepted(&format!("{},{foreign}", entry("PC-0")), ",\"x\":\"@\"")),
            (
                403,
                format!(r#"{{"code":"{spelling}","message":"{spelling}","detail":{{"{spelling}":"{spelling}"}}}}"#),
            ),
            (500, format!("<html>@ Authorization: Bearer {spelling}")),
        ] {
            let body: Vec<u8> = body
                .bytes()
                .map(|byte| if byte == b'@' { 0xe9 } else { byte })
                .collect();
            let simulator = fleetpurge_simulator::Simulator::builder()
                .static_token(BEARER)
                .faults(script(bytes("deletions", status, &body)));
            let simulator = simulator.start().await.unwrap();
            let client = Client::builder(endpoints(&simulator), Credentials::token(BEARER));
            let answer = client.build().unwrap().delete_devices(&devices(1)).await;
            let told = match &answer {
                Ok(receipt) => format!("{receipt:?}"),
                Err(error) => told(error),
            };
            let case = String::from_utf8_lossy(&body).into_owned();
            assert_hidden(&told, BEARER, &case);
            assert_hidden(&told, &spelling, &case);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_token_endpoint_repeats_no_credentials() {
    let basic = base64::prelude::BASE64_STANDARD.encode(format!("id:{SECRET}"));
    assert!(basic.contains('+') || basic.contains('/'), "{basic}");
    for secret in [SECRET, &basic] {
        for spelling in spellings(secret) {
            for body in [
                format!(r#"{{"message":"Basic {spelling}","error":"{spelling}","detail":{{"a":"Basic {spelling}"}}}}"#),
                format!(r#"{{"error_description":"{spelling}","detail":["{spelling}"],"code":"{spelling}"}}"#),
            ] {
                let simulator = faulty(bytes("token", 401, body.as_bytes())).await;
                let client = Client::builder(endpoints(&simulator), Credentials::client("id", SECRET));
                let error = client.build().unwrap().authenticate().await.unwrap_err();
                let told = told(&error);
                assert_hidden(&told, secret, &body);
                assert_hidden(&told, &spelling, &body);
            }
        }
    }
    // A secret that looks like a word of OAuth.
    let simulator = faulty(bytes("token", 401, br#"{"error":"a_secret_of_letters"}"#)).await;
    let client = Client::builder(endpoints(&simulator), Credentials::client("id", "a_secret_of_letters"));
    let error = client.build().unwrap().authenticate().await.unwrap_err();
    assert_hidden(&told(&error), "a_secret_of_letters", "error");
}

/// It may hold a token under a key that nobody knows.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_success_of_the_token_endpoint_that_is_not_understood_nothing_is_told() {
    for body in [
        r#"{"detail":{"access_token":"issued_token_abcdefgh","expires_in":900}}"#,
        r#"{"message":"issued_token_abcdefgh"}"#,
        r#"{"error":"issued_token_abcdefgh","error_description":"issued_token_abcdefgh"}"#,
        r#"{"access_token":["issued_token_abcdefgh"],"message":"issued_token_abcdefgh"}"#,
        r#"["Bearer",900,"issued_token_abcdefgh"]"#,
        r#"["issued_token_abcdefgh",900,"Bearer"]"#,
    ] {
        for status in [200, 201, 202, 299] {
            let simulator = faulty(bytes("token", status, body.as_bytes())).await;
            let error = with_login(&simulator)
                .build()
                .unwrap()
                .authenticate()
                .await
                .unwrap_err();
            assert_hidden(&told(&error), "issued_token_abcdefgh", body);
            assert_eq!((error.message(), error.code()), (None, None), "{status} {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_repeats_a_header_of_the_program_does_not_show_its_value() {
    const KEY: &str = "gateway-key-of-28-characters";
    for spelling in spellings(KEY) {
        let html = format!("<html>X-Gateway-Key: {spelling}");
        let refusal = format!(r#"{{"code":"{spelling}","message":"{spelling}"}}"#);
        for (status, body) in [(500, html), (403, refusal)] {
            let headers = json!({"x-trace-id": KEY});
            let rules = json!([{"then": {"reply": {"status": status, "text": body, "headers": headers}}}]);
            let simulator = faulty(rules).await;
            let client = with_token(endpoints(&simulator)).header("X-Gateway-Key", KEY);
            let error = client.build().unwrap().delete_devices(&devices(1)).await.unwrap_err();
            let told = told(&error);
            assert_hidden(&told, KEY, &body);
            assert_hidden(&told, &spelling, &body);
        }
    }
    let simulator = faulty(bytes(
        "token",
        401,
        format!(r#"{{"error_description":"{KEY}"}}"#).as_bytes(),
    ))
    .await;
    let client = with_login(&simulator).header("X-Gateway-Key", KEY).build().unwrap();
    let error = client.authenticate().await.unwrap_err();
    assert_hidden(&told(&error), KEY, "the token endpoint");
}
