//! What the service makes of a bulk deletion. Pure: nothing here waits or remembers.

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::errors::{detail, no_bulk_header, validation};
use super::keys::{Detail, Key, whole};
use super::token::Credentials;
use crate::reply::Reply;
use crate::request::says_json;

/// The most that a request may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) keys: Option<usize>,
    pub(crate) bytes: Option<usize>,
}

/// What is judged.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) credentials: Credentials,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) keys: &'a Result<Vec<Key>, Detail>,
}

/// The refusal of a request, if it is refused: 401; 400 for the missing header; 413 for the bytes; 415; 400 for the
/// body; 413 for the number of keys.
pub(crate) fn refusal(asked: &Asked<'_>, limits: Limits) -> Option<Reply> {
    if let Some(refusal) = asked.credentials.refusal() {
        return Some(refusal);
    }
    // Its presence is what counts (drf-extensions): `False` deletes too.
    if !asked.headers.contains_key("x-bulk-operation") {
        return Some(no_bulk_header());
    }
    let too_large = |why: &str| Some(detail(StatusCode::PAYLOAD_TOO_LARGE, why));
    if limits.bytes.is_some_and(|most| asked.body.len() > most) {
        return too_large("The body is too large.");
    }
    match says_json(asked.headers) {
        Some(true) => {}
        // A request without a body has no type of it either.
        None if asked.body.is_empty() => {}
        _ => {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Some(detail(status, "Unsupported media type in request."));
        }
    }
    match asked.keys {
        Err(wrong) => Some(validation(wrong)),
        // "One or more", says the page. What none would do is not known: everything might be deleted.
        Ok(keys) if keys.is_empty() => Some(validation(&whole("This list may not be empty."))),
        Ok(keys) if limits.keys.is_some_and(|most| keys.len() > most) => too_large("Too many devices."),
        Ok(_) => None,
    }
}

/// The documented reply to a request that was taken.
pub(crate) fn accepted(task: &str) -> Map<String, Value> {
    Map::from_iter([("task".to_owned(), json!({"id": task}))])
}
