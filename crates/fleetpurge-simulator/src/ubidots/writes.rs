//! What changes an account otherwise than in bulk: one device is deleted, data is sent.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Map, Value, json};

use super::account::now;
use super::device::UbidotsValue;
use super::errors::{not_found, validation};
use super::keys::{Detail, Key, whole};
use super::query::wrong;
use super::reads::{Segment, text};
use super::token::Credentials;
use crate::exchange::carry_out;
use crate::log::Kind;
use crate::reply::Reply;
use crate::request::Entry;
use crate::service::Service;
use crate::state::Shared;

/// `DELETE /api/v2.0/devices/{key}/`: the device is gone when the reply comes.
pub(crate) async fn delete(State(shared): State<Arc<Shared>>, key: Segment, request: Request) -> Response {
    let key = text(key);
    let label = shared.ubidots.device(&key).map(|device| device.label.clone());
    let device = Entry {
        uid: Cow::Borrowed(&*key),
        name: Cow::Owned(label.unwrap_or_default()),
    };
    let answer = |shared: &Shared, parts: &Parts, _: &[u8]| {
        let ubidots = &shared.ubidots;
        Credentials::of(parts, &ubidots.tokens).refusal().unwrap_or_else(|| {
            let removed = Key::parse(&key).and_then(|key| ubidots.account.remove(&key));
            removed.map_or_else(not_found, |_| Reply::empty(StatusCode::NO_CONTENT))
        })
    };
    carry_out(shared, request, Service::Ubidots, Kind::Write, &[device], answer).await
}

/// `POST /api/v1.6/devices/{label}`: data for the device of this label, which comes into being where there is none.
pub(crate) async fn send_data(State(shared): State<Arc<Shared>>, label: Segment, request: Request) -> Response {
    let label = text(label);
    let answer = |shared: &Shared, parts: &Parts, body: &[u8]| {
        let ubidots = &shared.ubidots;
        if let Some(refusal) = Credentials::of(parts, &ubidots.tokens).refusal() {
            return refusal;
        }
        let data = match data(body, now()) {
            Ok(data) => data,
            Err(wrong) => return validation(&wrong),
        };
        // One status for each value of each variable.
        let reply: Map<String, Value> = data
            .iter()
            .map(|(variable, values)| (variable.clone(), json!(vec![json!({"status_code": 201}); values.len()])))
            .collect();
        ubidots.account.send(&label, data);
        Reply::json(StatusCode::OK, &reply, 128)
    };
    carry_out(shared, request, Service::Ubidots, Kind::Write, &[], answer).await
}

/// Values by variable: a number, `{"value", "timestamp", "context"}`, or a list of either. Pure.
fn data(body: &[u8], now: i64) -> Result<Vec<(String, Vec<UbidotsValue>)>, Detail> {
    let variables: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| whole(&format!("JSON parse error - {error}")))?;
    variables
        .into_iter()
        .map(|(variable, sent)| {
            let all = match sent {
                Value::Array(all) => all,
                one => vec![one],
            };
            let values = all.iter().map(|one| value(one, now)).collect::<Option<_>>();
            match values {
                Some(values) => Ok((variable, values)),
                None => Err(wrong(&variable, "Not a valid value.")),
            }
        })
        .collect()
}

fn value(sent: &Value, now: i64) -> Option<UbidotsValue> {
    let Value::Object(fields) = sent else {
        return Some(UbidotsValue::new(now, sent.as_f64()?));
    };
    let timestamp = match fields.get("timestamp") {
        None => now,
        Some(timestamp) => timestamp.as_i64()?,
    };
    let mut value = UbidotsValue::new(timestamp, fields.get("value")?.as_f64()?);
    match fields.get("context") {
        None => {}
        Some(Value::Object(context)) => value.context = context.clone(),
        Some(_) => return None,
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_numbers_objects_and_lists_of_them() {
        let body = br#"{"a":5,"b":{"value":1.5,"timestamp":7,"context":{"x":1}},"c":[1,{"value":2}]}"#;
        let mut sent = data(body, 9).unwrap();
        sent.sort_by(|one, other| one.0.cmp(&other.0));
        let mut b = UbidotsValue::new(7, 1.5);
        b.context.insert("x".to_owned(), json!(1));
        let expected = [
            ("a".to_owned(), vec![UbidotsValue::new(9, 5.0)]),
            ("b".to_owned(), vec![b]),
            (
                "c".to_owned(),
                vec![UbidotsValue::new(9, 1.0), UbidotsValue::new(9, 2.0)],
            ),
        ];
        assert_eq!(sent, expected);
        for wrong in [
            "",
            "[]",
            "5",
            r#"{"a":"5"}"#,
            r#"{"a":{}}"#,
            r#"{"a":{"value":1,"timestamp":"now"}}"#,
            r#"{"a":[1,null]}"#,
        ] {
            assert!(data(wrong.as_bytes(), 9).is_err(), "{wrong}");
        }
    }
}
