//! The bytes of the replies.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::request::What;
use super::state::Counts;
use crate::made_up;

/// How many devices are on a page.
pub(super) const PAGE: u64 = 200;

/// Writes a reply whose head has these lines.
fn write(out: &mut Vec<u8>, status: &str, lines: &[u8], body: &[u8]) {
    // Writing to memory does not fail.
    let _ = write!(
        out,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    out.extend_from_slice(lines);
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

/// Accepts what a request names but for the devices that fail, and returns how many devices that is.
pub(super) fn accept(
    out: &mut Vec<u8>,
    what: What,
    id: Option<&[u8]>,
    request: &[u8],
    scratch: &mut Vec<u8>,
    mut fails: impl FnMut() -> bool,
) -> u64 {
    scratch.clear();
    if what == What::Ubidots {
        write(out, "200 OK", b"", br#"{"task":{"id":"6748a1b2c3d4e5f601234567"}}"#);
        return memchr::memchr_iter(b',', request).count() as u64 + 1;
    }
    // `{"devices":[{..},{..}]}`: each device comes back as it was sent, with a status word before its last brace.
    let list = memchr::memchr(b'[', request).map_or(0, |at| at + 1);
    let end = memchr::memrchr(b']', request).unwrap_or(request.len());
    let devices = memchr::memchr_iter(b'}', &request[list..end]);
    let (mut scheduled, mut from) = (0, list);
    scratch.extend_from_slice(br#"{"status":"ACCEPTED","devices":["#);
    for brace in devices {
        scratch.extend_from_slice(&request[from..list + brace]);
        if fails() {
            scratch.extend_from_slice(br#","status":"FAILED"}"#);
        } else {
            scheduled += 1;
            scratch.extend_from_slice(br#","status":"SCHEDULED"}"#);
        }
        from = list + brace + 1;
    }
    let _ = write!(scratch, r#"],"scheduledCount":{scheduled}}}"#);
    let mut lines = Vec::with_capacity(64);
    if let Some(id) = id {
        lines.extend_from_slice(b"x-request-id: ");
        lines.extend_from_slice(id);
        lines.extend_from_slice(b"\r\n");
    }
    write(out, "202 Accepted", &lines, scratch);
    scheduled
}

/// A page of a list of `all` devices.
pub(super) fn page(out: &mut Vec<u8>, page: u64, all: u64, scratch: &mut Vec<u8>) {
    scratch.clear();
    let (from, end) = ((page.saturating_sub(1) * PAGE).min(all), (page * PAGE).min(all));
    let _ = write!(scratch, r#"{{"count":{all},"next":"#);
    let _ = if end < all {
        write!(scratch, r#""http://127.0.0.1/api/v2.0/devices/?page={}""#, page + 1)
    } else {
        write!(scratch, "null")
    };
    let _ = write!(scratch, r#","previous":null,"results":["#);
    for n in from..end {
        let comma = if n == from { "" } else { "," };
        let _ = write!(
            scratch,
            r#"{comma}{{"id":"{}","label":"pump-{n:09}","name":"Pump {n}","tags":["hall-{}"],"lastActivity":1760000000000}}"#,
            made_up::id(n),
            n % 10
        );
    }
    scratch.extend_from_slice(b"]}");
    write(out, "200 OK", b"", scratch);
}

/// The service wants fewer requests.
pub(super) fn refuse(out: &mut Vec<u8>) {
    write(out, "429 Too Many Requests", b"", b"{}");
}

pub(super) fn token(out: &mut Vec<u8>) {
    let body = br#"{"token_type":"Bearer","expires_in":900,"access_token":"bench","scope":"service:integration"}"#;
    write(out, "200 OK", b"", body);
}

pub(super) fn counts(out: &mut Vec<u8>, counts: &Counts) {
    let seconds = |at: Option<SystemTime>| at?.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs_f64());
    let body = serde_json::json!({
        "connections": counts.connections,
        "deletions": counts.deletions,
        "refused": counts.refused,
        "devices": counts.devices,
        "first": seconds(counts.first),
        "last": seconds(counts.last),
    });
    write(out, "200 OK", b"", body.to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_a_list_hold_each_device_once() {
        let mut ids = Vec::new();
        for number in 1..=3 {
            let mut out = Vec::new();
            page(&mut out, number, 450, &mut Vec::new());
            let text = String::from_utf8(out).unwrap();
            let (_, body) = text.split_once("\r\n\r\n").unwrap();
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["count"], 450);
            assert_eq!(body["next"].is_null(), number == 3);
            ids.extend(
                body["results"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|device| device["id"].clone()),
            );
        }
        let expected: Vec<_> = (0..450).map(|n| serde_json::Value::from(made_up::id(n))).collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn a_reply_names_what_the_request_named() {
        let mut out = Vec::new();
        let request = br#"{"devices":[{"uid":"1","name":"a"},{"uid":"2","name":"b"}]}"#;
        assert_eq!(
            accept(&mut out, What::Nexthink, Some(b"x"), request, &mut Vec::new(), || false),
            2
        );
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())) && head.contains("x-request-id: x"));
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["scheduledCount"], 2);
        assert_eq!(
            body["devices"][1],
            serde_json::json!({"uid": "2", "name": "b", "status": "SCHEDULED"})
        );
    }
}
