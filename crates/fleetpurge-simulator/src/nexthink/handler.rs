//! The two endpoints: noted, judged, and broken where the script says so.

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;

use super::batch::Batch;
use super::deletions::{self, Asked, FAILED, SCHEDULED, Verdict, judge};
use super::errors;
use super::token;
use crate::device::Device;
use crate::exchange::{Exchange, applies, carry_out, pause};
use crate::faults::{Action, ActiveScript, Fired, Stage, edit};
use crate::log::Kind;
use crate::reply::Reply;
use crate::request::Entry;
use crate::service::Service;
use crate::state::Shared;

/// `POST /api/v1/data-management/device/deletions`
pub(crate) async fn deletions(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::begin(shared, parts, Service::Nexthink, Kind::Deletion);
    // A token is good or not when it arrives, however long the request takes.
    let authorized = token::accepts(&exchange.shared.nexthink.tokens, &exchange.parts.headers);
    let script = Arc::clone(&exchange.script);
    if let Some(response) = exchange.upon_head(&script).await {
        return response;
    }
    let bytes = match exchange.read(body).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let batch = Batch::parse(&bytes);
    let devices = batch
        .as_ref()
        .ok()
        .and_then(|batch| batch.devices.as_deref())
        .unwrap_or_default();
    exchange
        .ticket
        .received(&bytes, devices.iter().map(|device| (&*device.uid, &*device.name)));
    pause(exchange.shared.latency()).await;
    if let Err(throttled) = exchange.shared.admit() {
        return exchange.send(errors::throttled(throttled.header(SystemTime::now()).as_deref()), None);
    }
    let fired = script.judge(Stage::Body, &exchange.seen(devices));
    if let Some(fired) = fired {
        pause(fired.plan.delay).await;
    }
    let asked = Asked {
        authorized,
        headers: &exchange.parts.headers,
        correlation: &exchange.correlation,
        body: &bytes,
        batch: &batch,
    };
    let (verdict, edited) = overlaid(&asked, devices, &exchange.shared, &script, fired);
    let plan = fired.map(|fired| fired.plan);
    if let Verdict::Accepted(statuses) = &verdict
        && plan.is_none_or(applies)
    {
        let scheduled: Vec<_> = devices
            .iter()
            .zip(statuses)
            .filter(|(_, status)| **status == SCHEDULED)
            .map(|(device, _)| (device.uid.to_string(), device.name.to_string()))
            .collect();
        schedule(&exchange.shared, scheduled);
    }
    let reply = match (&verdict, edited) {
        (Verdict::Accepted(_), Some(edited)) => Reply::json(StatusCode::ACCEPTED, &edited, bytes.len() * 2),
        (Verdict::Accepted(statuses), None) => deletions::accepted(devices, statuses),
        (Verdict::Refused(status, code, message), _) => errors::refused(*status, code, message),
        (Verdict::Unauthorized, _) => errors::unauthorized(),
    };
    exchange.conclude(reply, plan).await
}

/// `POST /oauth2/default/v1/token`
pub(crate) async fn token(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let answer = |shared: &Shared, parts: &Parts, body: &[u8]| {
        let tenant = &shared.nexthink;
        let credentials = tenant.credentials.as_ref();
        token::answer(
            &tenant.tokens,
            &tenant.settings.permissions,
            credentials,
            &parts.headers,
            body,
        )
    };
    carry_out(shared, request, Service::Nexthink, Kind::Token, &[], answer).await
}

/// The verdict with the changes of the script, and the kind of 202 for it if that is not the faithful one.
fn overlaid(
    asked: &Asked<'_>,
    devices: &[Entry<'_>],
    shared: &Shared,
    script: &ActiveScript,
    fired: Option<Fired<'_>>,
) -> (Verdict, Option<serde_json::Value>) {
    let settings = &shared.nexthink.settings;
    let action = fired.map(|fired| &fired.plan.action);
    let limit = match action {
        Some(Action::BatchLimit(limit)) => *limit,
        _ => settings.batch_limit,
    };
    let verdict = judge(asked, settings, limit);
    let (Verdict::Accepted(statuses), Some(fired)) = (&verdict, fired) else {
        return (verdict, None);
    };
    let refused = |message: &str| Verdict::Refused(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message.to_owned());
    match &fired.plan.action {
        Action::Poison(_) => (refused("schema validation failed"), None),
        Action::RefuseEverything => (refused("everything is refused"), None),
        Action::Failed(failed) => {
            let failing = script.fail(fired, failed, devices);
            let word =
                |(status, fails): (&&'static str, bool)| if fails && *status == SCHEDULED { FAILED } else { *status };
            (
                Verdict::Accepted(statuses.iter().zip(failing).map(word).collect()),
                None,
            )
        }
        Action::Edit(steps) => {
            let edited = edit(statuses, devices, steps, fired.mix);
            (verdict, Some(edited))
        }
        _ => (verdict, None),
    }
}

fn schedule(shared: &Shared, devices: Vec<Device>) {
    match &shared.nexthink.inventory {
        None => shared.note_scheduled(devices.into_iter()),
        Some(inventory) => {
            shared.note_scheduled(devices.iter().cloned());
            if !devices.is_empty() {
                inventory.schedule(devices);
            }
        }
    }
}
