//! The operations: noted, judged, and broken where the script says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde_json::json;

use super::exports::{Packing, Status};
use crate::exchange::carry_out;
use crate::log::Kind;
use crate::nexthink::{token, unauthorized};
use crate::reply::Reply;
use crate::request::says_json;
use crate::service::Service;
use crate::state::Shared;

/// What an export is asked for with.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(rename = "queryId")]
    query: String,
    #[serde(default)]
    parameters: Option<BTreeMap<String, String>>,
    #[serde(default)]
    compression: Option<String>,
}

/// `POST /api/v1/nql/export`
pub(crate) async fn export_post(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let answer = |shared: &Shared, parts: &Parts, body: &[u8]| {
        guarded(shared, parts).unwrap_or_else(|| {
            if says_json(&parts.headers) != Some(true) {
                return error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
            }
            match serde_json::from_slice::<Asked>(body) {
                Ok(asked) => export(shared, asked),
                // Not documented: the page has no 400.
                Err(problem) => error(StatusCode::BAD_REQUEST, &format!("the body is no request: {problem}")),
            }
        })
    };
    carry_out(shared, request, Service::Nexthink, Kind::Read, &[], answer).await
}

/// `GET /api/v1/nql/export`: the parameters of the query stand beside its id.
pub(crate) async fn export_get(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let answer = |shared: &Shared, parts: &Parts, _: &[u8]| {
        guarded(shared, parts).unwrap_or_else(|| {
            let mut asked = Asked::default();
            let mut parameters = BTreeMap::new();
            for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
                match &*name {
                    "queryId" => asked.query = value.into_owned(),
                    "compression" => asked.compression = Some(value.into_owned()),
                    _ => drop(parameters.insert(name.into_owned(), value.into_owned())),
                }
            }
            asked.parameters = Some(parameters);
            export(shared, asked)
        })
    };
    carry_out(shared, request, Service::Nexthink, Kind::Read, &[], answer).await
}

/// `GET /api/v1/nql/status/{exportId}`
pub(crate) async fn status(State(shared): State<Arc<Shared>>, Path(id): Path<String>, request: Request) -> Response {
    let answer = move |shared: &Shared, parts: &Parts, _: &[u8]| {
        guarded(shared, parts).unwrap_or_else(|| {
            let Some((status, is_truncated)) = shared.nexthink.exports.status(&id) else {
                return Reply::empty(StatusCode::NOT_FOUND);
            };
            let code = if is_truncated {
                StatusCode::PARTIAL_CONTENT
            } else {
                StatusCode::OK
            };
            let body = match status {
                Status::Word(word) => json!({"status": word}),
                Status::Failed(why) => json!({"status": "ERROR", "errorDescription": why}),
                Status::Completed(url) => json!({"status": "COMPLETED", "resultsFileUrl": url}),
            };
            Reply::json(code, &body, 256)
        })
    };
    carry_out(shared, request, Service::Nexthink, Kind::Read, &[], answer).await
}

/// The reply to a request that is not let in.
fn guarded(shared: &Shared, parts: &Parts) -> Option<Reply> {
    let tenant = &shared.nexthink;
    if !token::accepts(&tenant.tokens, &parts.headers) {
        return Some(unauthorized());
    }
    (!tenant.exports.is_permitted()).then(|| error(StatusCode::FORBIDDEN, "Not authorized to execute queries"))
}

fn export(shared: &Shared, asked: Asked) -> Reply {
    let packing = match asked.compression.as_deref() {
        None | Some("NONE") => Packing::None,
        Some("GZIP") => Packing::Gzip,
        Some("ZSTD") => Packing::Zstd,
        // Not documented: the page has no 400.
        Some(other) => return error(StatusCode::BAD_REQUEST, &format!("unknown compression {other}")),
    };
    let tenant = &shared.nexthink;
    let devices = tenant.inventory.as_ref().map(|inventory| inventory.snapshot());
    let devices = devices.unwrap_or_default();
    let parameters = asked.parameters.unwrap_or_default();
    match tenant.exports.begin(&asked.query, &parameters, packing, &devices) {
        Some(id) => Reply::json(StatusCode::OK, &json!({"exportId": id}), 64),
        None => Reply::empty(StatusCode::NOT_FOUND),
    }
}

/// The documented error body. Its codes are not documented.
fn error(status: StatusCode, message: &str) -> Reply {
    let body = json!({"message": message, "code": status.as_u16(), "source": "nql"});
    Reply::json(status, &body, 128)
}
