//! The error bodies. Those with a code, and the one of the missing header, are documented word by word; their statuses
//! follow from the codes. The others are what Django's REST framework says, which Ubidots is built on.

use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::keys::Detail;
use crate::reply::Reply;

/// 401: there is no token.
pub(crate) fn no_credentials() -> Reply {
    unauthorized(401_001, "Authentication credentials were not provided.")
}

/// 401: there is one, and it is not or no longer good.
pub(crate) fn incorrect_credentials() -> Reply {
    unauthorized(401_002, "Incorrect authentication credentials.")
}

fn unauthorized(code: u32, message: &str) -> Reply {
    let body = json!({"code": code, "message": message, "detail": message});
    // RFC 9110 asks for it; the documentation shows no headers.
    Reply::json(StatusCode::UNAUTHORIZED, &body, 160).with(WWW_AUTHENTICATE, HeaderValue::from_static("Token"))
}

/// 400: the body, or a filter, is not as it has to be.
pub(crate) fn validation(detail: &Detail) -> Reply {
    let body = json!({"code": 400_001, "message": "Validation Error.", "detail": detail});
    Reply::json(StatusCode::BAD_REQUEST, &body, 128)
}

/// 400: a bulk operation that is not said to be one.
pub(crate) fn no_bulk_header() -> Reply {
    detail(
        StatusCode::BAD_REQUEST,
        "Header `X-BULK-OPERATION` should be provided for bulk operation.",
    )
}

/// Any other refusal.
pub(crate) fn detail(status: StatusCode, detail: &str) -> Reply {
    Reply::json(status, &json!({"detail": detail}), 64 + detail.len())
}

/// 404: there is no such device, or variable.
pub(crate) fn not_found() -> Reply {
    detail(StatusCode::NOT_FOUND, "Not found.")
}

/// 405, with what is allowed.
pub(crate) fn method_not_allowed(method: &str, allowed: &'static str) -> Reply {
    detail(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("Method \"{method}\" not allowed."),
    )
    .with(ALLOW, HeaderValue::from_static(allowed))
}

/// 429. Ubidots lists the status and no header with it.
pub(crate) fn throttled(retry_after: Option<&str>) -> Reply {
    let reply = detail(StatusCode::TOO_MANY_REQUESTS, "Request was throttled.");
    match retry_after.and_then(|value| HeaderValue::from_str(value).ok()) {
        Some(value) => reply.with(RETRY_AFTER, value),
        None => reply,
    }
}
