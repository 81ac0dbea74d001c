//! What the generated operations send over a real socket, and what they make of replies.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::num::NonZeroU64;
use std::sync::Arc;

use fleetpurge_http::settings::Settings;
use reqwest::header::HeaderName;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use ubidots_devices_raw::generated::{ClientInfo, Error};
use ubidots_devices_raw::hooks::{API_KEY, AUTH_TOKEN};
use ubidots_devices_raw::types::{BulkOperation, DeviceKeyList};
use ubidots_devices_raw::{AttemptContext, Client, Exchange};

const ID: &str = "6e309da44fc8455a9cceb5aa";
const SECRET: &str = "BBFF-the-secret";

/// A service that answers one request, and a client of it.
struct Service {
    client: Client,
    request: JoinHandle<String>,
}

impl Service {
    /// Answers whoever has a token.
    async fn answering(status: &str, body: &str) -> Self {
        Self::authorized_by(AUTH_TOKEN, SECRET, status, body).await
    }

    async fn authorized_by(header: HeaderName, secret: &str, status: &str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let length = body.len();
        let reply = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        let request = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !is_whole(&request) {
                let read = socket.read_buf(&mut request).await.unwrap();
                assert_ne!(read, 0, "closed within a request");
            }
            socket.write_all(reply.as_bytes()).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        let connection = Settings::default().connect("test", &[&url]).unwrap();
        let context = AttemptContext::header(&connection, header, secret.into(), 64 * 1024);
        Self {
            client: Client::new_with_client(&url, connection.requests().clone(), context),
            request,
        }
    }

    fn exchange(&self) -> Arc<Exchange> {
        self.client.inner().exchange()
    }

    /// The request line; the headers in alphabetical order, but those that name the two ends; the body.
    async fn received(self) -> String {
        let request = self.request.await.unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (line, headers) = head.split_once("\r\n").unwrap();
        let mut headers: Vec<String> = headers
            .lines()
            .map(|header| header.split_once(": ").unwrap())
            .map(|(name, value)| format!("{}: {value}\n", name.to_lowercase()))
            .filter(|header| !header.starts_with("host: ") && !header.starts_with("user-agent: "))
            .collect();
        headers.sort();
        format!("{line}\n{}{body}", headers.concat())
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let lengths = head.lines().filter_map(|line| line.split_once(": "));
    let length = lengths
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.parse().unwrap())
        .next();
    body.len() >= length.unwrap_or(0)
}

/// The request of an operation that only reads.
fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\naccept: application/json\nx-auth-token: {SECRET}\n")
}

fn keys(keys: &Value) -> DeviceKeyList {
    serde_json::from_value(keys.clone()).unwrap()
}

fn number(number: u64) -> NonZeroU64 {
    NonZeroU64::new(number).unwrap()
}

#[tokio::test]
async fn a_bulk_deletion_is_the_documented_post() {
    let service = Service::answering("200 OK", r#"{"task": {"id": "t1"}}"#).await;
    let body = json!([ID, "~second-device", { "id": ID }]);
    let keys = keys(&body);
    let deletion = service
        .client
        .bulk_delete_devices()
        .x_bulk_operation(BulkOperation::True)
        .body(keys)
        .send();
    assert_eq!(deletion.await.unwrap().into_inner().task.id, "t1");
    assert!(
        service.exchange().was_body_handed_out(),
        "that its body has left is noted"
    );
    let body = body.to_string();
    let expected = format!(
        "POST /api/v2.0/devices/_/bulk/delete/ HTTP/1.1\naccept: application/json\ncontent-length: {}\n\
         content-type: application/json\nx-auth-token: {SECRET}\nx-bulk-operation: True\n{body}",
        body.len()
    );
    assert_eq!(service.received().await, expected);
}

#[tokio::test]
async fn devices_are_listed_with_the_documented_parameters() {
    const EMPTY: &str = r#"{"results": []}"#;
    let service = Service::answering("200 OK", EMPTY).await;
    let list = service.client.list_devices().send();
    list.await.unwrap();
    assert_eq!(service.received().await, get("/api/v2.0/devices/"));

    let service = Service::answering("200 OK", EMPTY).await;
    let list = service
        .client
        .list_devices()
        .fields("id,label")
        .label_startswith("caf\u{e9} & co")
        .last_activity_isnull(true)
        .last_activity_lt(-1)
        .page(number(2))
        .page_size(number(500))
        .sort_by("-created_at")
        .tags_contains("old")
        .send();
    list.await.unwrap();
    let query = "fields=id%2Clabel&label__startswith=caf%C3%A9+%26+co&lastActivity__isnull=true\
                 &lastActivity__lt=-1&page=2&page_size=500&sort_by=-created_at&tags__contains=old";
    assert_eq!(service.received().await, get(&format!("/api/v2.0/devices/?{query}")));
}

#[tokio::test]
async fn a_device_its_variables_and_their_values_have_their_documented_paths() {
    let service = Service::answering("200 OK", &json!({ "id": ID }).to_string()).await;
    service
        .client
        .get_device()
        .device_key("~caf\u{e9}")
        .fields("id")
        .send()
        .await
        .unwrap();
    assert!(
        service.exchange().was_body_handed_out(),
        "nothing shows whether a request without a body was sent"
    );
    assert_eq!(service.received().await, get("/api/v2.0/devices/~caf%C3%A9/?fields=id"));

    let service = Service::answering("200 OK", r#"{"results": []}"#).await;
    let list = service
        .client
        .list_device_variables()
        .device_key(ID)
        .page(number(1))
        .send();
    list.await.unwrap();
    let path = format!("/api/v2.0/devices/{ID}/variables/?page=1");
    assert_eq!(service.received().await, get(&path));

    let service = Service::answering("200 OK", r#"{"results": []}"#).await;
    let list = service
        .client
        .list_variable_values()
        .variable_id(ID)
        .end(2)
        .page_size(number(200))
        .start(1)
        .send();
    list.await.unwrap();
    let path = format!("/api/v1.6/variables/{ID}/values?end=2&page_size=200&start=1");
    assert_eq!(service.received().await, get(&path));
}

#[tokio::test]
async fn a_token_is_made_with_the_api_key_and_shown_nowhere() {
    let reply = json!({ "token": SECRET }).to_string();
    let service = Service::authorized_by(API_KEY, "BBFF-the-key", "201 Created", &reply).await;
    let made = service.client.create_token().send().await.unwrap();
    for shown in [format!("{made:?}"), format!("{:?}", service.client)] {
        assert!(!shown.contains(SECRET) && !shown.contains("BBFF-the-key"), "{shown}");
    }
    let made = made.into_inner();
    assert!(serde_json::to_string(&made).is_err(), "nor is it written");
    assert_eq!(SecretString::from(made.token).expose_secret(), SECRET);
    assert_eq!(
        service.received().await,
        "POST /api/v1.6/auth/token HTTP/1.1\naccept: application/json\nx-ubidots-apikey: BBFF-the-key\n"
    );
}

#[tokio::test]
async fn the_three_documented_errors_are_read_and_so_is_any_other() {
    let header = "Header `X-BULK-OPERATION` should be provided for bulk operation.";
    for (status, body) in [
        (
            "400 Bad Request",
            json!({ "code": 400_001, "message": "Validation Error.", "detail": { "id": ["no"] } }),
        ),
        (
            "401 Unauthorized",
            json!({ "code": 401_001, "message": "m", "detail": "d" }),
        ),
        ("400 Bad Request", json!({ "detail": header })),
        ("420 Unassigned", json!({})),
        ("503 Service Unavailable", json!({ "detail": null, "more": [1] })),
    ] {
        let service = Service::answering(status, &body.to_string()).await;
        let keys = keys(&json!([ID]));
        let deletion = service
            .client
            .bulk_delete_devices()
            .x_bulk_operation(BulkOperation::True)
            .body(keys)
            .send();
        let Err(Error::ErrorResponse(error)) = deletion.await else {
            panic!("{status} was not read");
        };
        assert!(status.starts_with(error.status().as_str()));
        let error = error.into_inner();
        assert_eq!(error.code.map(Value::from), body.get("code").cloned());
        assert_eq!(
            error.detail,
            body.get("detail").filter(|detail| !detail.is_null()).cloned()
        );
    }
}

#[tokio::test]
async fn what_nobody_documented_makes_no_reply_unreadable_and_is_kept() {
    let device = json!({
        "id": "an id of another shape", "label": null, "tags": null, "lastActivity": null,
        "variablesNumber": 18_446_744_073_709_551_615_u64, "organization": { "id": 1 }, "isActive": "yes",
    });
    let page = json!({ "count": 1, "next": null, "previous": 7, "results": [device, { "id": ID, "lastActivity": 1 }] });
    let service = Service::answering("200 OK", &page.to_string()).await;
    let list = service.client.list_devices().send();
    let devices = list.await.unwrap().into_inner().results;
    assert_eq!(devices[1].extra["lastActivity"], json!(1));
    // A null is not a missing field: `lastActivity` among them.
    assert!(!devices[1].extra.contains_key("isActive"));
    for field in ["lastActivity", "variablesNumber", "organization", "isActive"] {
        assert_eq!(devices[0].extra[field], device[field]);
    }

    let values = r#"{"count": true, "results": [
        {"timestamp": 1643775074171.5, "value": 1e308, "context": {"lat": 1}},
        {"timestamp": 36893488147419103232, "value": 18446744073709551615, "created_at": null},
        {"value": "text"}, {}
    ]}"#;
    let service = Service::answering("200 OK", values).await;
    let list = service.client.list_variable_values().variable_id(ID).send();
    let page = list.await.unwrap().into_inner();
    assert_eq!(page.results.len(), 4);
    assert_eq!(page.results[0].extra["context"], json!({ "lat": 1 }));
    assert_eq!(page.results[1].value, Some(json!(18_446_744_073_709_551_615_u64)));
}
