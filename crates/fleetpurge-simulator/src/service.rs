//! The two services, and how each words the replies that any request may get.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::log::Kind;
use crate::reply::Reply;
use crate::{nexthink, ubidots};

/// What stands in a reply that a fault script made up.
const BY_SCRIPT: &str = "so the fault script has it";

/// Which service a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Nexthink,
    Ubidots,
}

impl Service {
    /// The 401 of credentials that are refused.
    pub(crate) fn unauthorized(self, kind: Kind) -> Reply {
        match (self, kind) {
            (Self::Nexthink, Kind::Token) => nexthink::refusal(StatusCode::UNAUTHORIZED, "invalid_client", BY_SCRIPT),
            (Self::Nexthink, _) => nexthink::unauthorized(),
            (Self::Ubidots, _) => ubidots::incorrect_credentials(),
        }
    }

    /// A body that ended before its length.
    pub(crate) fn cut_short(self) -> Reply {
        match self {
            Self::Nexthink => nexthink::refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "body cut short"),
            Self::Ubidots => ubidots::detail(StatusCode::BAD_REQUEST, "body cut short"),
        }
    }

    /// A body that no machine would take.
    pub(crate) fn too_large(self) -> Reply {
        const WHY: &str = "the body is too large";
        match self {
            Self::Nexthink => nexthink::refused(StatusCode::PAYLOAD_TOO_LARGE, "INVALID_REQUEST", WHY),
            Self::Ubidots => ubidots::detail(StatusCode::PAYLOAD_TOO_LARGE, WHY),
        }
    }

    /// The body of an error with this code, as the service writes errors. The codes of Ubidots are numbers.
    pub(crate) fn error_body(self, code: &str) -> Bytes {
        let body = match (self, code.parse::<u64>()) {
            (Self::Ubidots, Ok(code)) => json!({"code": code, "message": BY_SCRIPT, "detail": BY_SCRIPT}),
            _ => json!({"code": code, "message": BY_SCRIPT}),
        };
        body.to_string().into()
    }
}
