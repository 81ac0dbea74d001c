//! What the service makes of a deletion request. Pure: nothing here waits or remembers.

use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::batch::Batch;
use super::state::Settings;
use crate::reply::Reply;
use crate::request::{Correlation, Entry, is_uuid, says_json};

/// The status words of a device.
pub(crate) const SCHEDULED: &str = "SCHEDULED";
pub(crate) const INVALID: &str = "INVALID";
pub(crate) const FAILED: &str = "FAILED";

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unauthorized,
    Refused(StatusCode, &'static str, String),
    /// The status word of each device, in the order of the request.
    Accepted(Vec<&'static str>),
}

/// What is judged.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) authorized: bool,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) correlation: &'a Correlation,
    pub(crate) body: &'a [u8],
    pub(crate) batch: &'a Result<Batch<'a>, serde_json::Error>,
}

/// Judges a request. The documented errors come in this order: 401; 403; 415; `INVALID_REQUEST` for the
/// `x-request-id` and for the shape of the body; `EMPTY_REQUEST`; `BATCH_SIZE_EXCEEDED`; `INVALID_REQUEST` for a blank
/// uid or name; `EMPTY_TENANT`.
pub(crate) fn judge(asked: &Asked<'_>, settings: &Settings, batch_limit: usize) -> Verdict {
    let refused = |code, message: &str| Verdict::Refused(StatusCode::BAD_REQUEST, code, message.to_owned());
    if !asked.authorized {
        return Verdict::Unauthorized;
    }
    if !settings.feature_enabled {
        let message = "the Data Management API is not enabled for this tenant".to_owned();
        return Verdict::Refused(StatusCode::FORBIDDEN, "FEATURE_NOT_ENABLED", message);
    }
    match says_json(asked.headers) {
        Some(true) => {}
        // A request without a body has no type of it either.
        None if asked.body.is_empty() => return refused("INVALID_REQUEST", "the body is missing"),
        _ => {
            let message = "the body must be application/json".to_owned();
            return Verdict::Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID_REQUEST", message);
        }
    }
    if asked.correlation.malformed {
        return refused("INVALID_REQUEST", "x-request-id is not a UUID");
    }
    let batch = match asked.batch {
        Ok(batch) => batch,
        Err(error) => {
            return refused(
                "INVALID_REQUEST",
                &format!("the body is not a deletion request: {error}"),
            );
        }
    };
    let devices = batch.devices.as_deref().unwrap_or_default();
    if devices.is_empty() {
        return refused("EMPTY_REQUEST", "devices is missing or empty");
    }
    if devices.len() > batch_limit {
        let message = format!("{} devices, at most {batch_limit} are allowed", devices.len());
        return refused("BATCH_SIZE_EXCEEDED", &message);
    }
    for (position, device) in devices.iter().enumerate() {
        for (field, text) in [("uid", &device.uid), ("name", &device.name)] {
            if text.trim().is_empty() {
                return refused(
                    "INVALID_REQUEST",
                    &format!("devices[{position}].{field} must not be blank"),
                );
            }
        }
    }
    if !settings.tenant_resolved {
        return refused("EMPTY_TENANT", "no tenant in the claims of the token");
    }
    Verdict::Accepted(
        devices
            .iter()
            .map(|device| if is_uuid(&device.uid) { SCHEDULED } else { INVALID })
            .collect(),
    )
}

#[derive(Serialize)]
struct Accepted<'a> {
    #[serde(rename = "scheduledCount")]
    scheduled_count: usize,
    status: &'static str,
    devices: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Outcome<'a> {
    uid: &'a str,
    name: &'a str,
    status: &'a str,
}

/// The documented 202.
pub(crate) fn accepted(devices: &[Entry<'_>], statuses: &[&'static str]) -> Reply {
    let outcomes: Vec<_> = devices
        .iter()
        .zip(statuses)
        .map(|(device, status)| Outcome {
            uid: &device.uid,
            name: &device.name,
            status,
        })
        .collect();
    let capacity = outcomes
        .iter()
        .map(|outcome| outcome.uid.len() + outcome.name.len() + 48)
        .sum::<usize>()
        + 64;
    let scheduled_count = statuses.iter().filter(|status| **status == SCHEDULED).count();
    Reply::json(
        StatusCode::ACCEPTED,
        &Accepted {
            scheduled_count,
            status: "ACCEPTED",
            devices: outcomes,
        },
        capacity,
    )
}
