//! The replies of errors.

use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::reply::Reply;

#[derive(Serialize)]
struct Refused<'a> {
    code: &'a str,
    message: &'a str,
}

/// The documented error body.
pub(crate) fn refused(status: StatusCode, code: &str, message: &str) -> Reply {
    Reply::json(status, &Refused { code, message }, 64 + message.len())
}

/// The 401, which has no body.
pub(crate) fn unauthorized() -> Reply {
    Reply::empty(StatusCode::UNAUTHORIZED).with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The 429. It is not documented for this endpoint; its body has the shape of the other errors.
pub(crate) fn throttled(retry_after: Option<&str>) -> Reply {
    let reply = refused(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "too many requests");
    match retry_after.and_then(|value| HeaderValue::from_str(value).ok()) {
        Some(value) => reply.with(RETRY_AFTER, value),
        None => reply,
    }
}
