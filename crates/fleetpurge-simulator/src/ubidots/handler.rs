//! Bulk deletion and tokens: noted, judged, and broken where the script says so.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use axum::extract::{Request, State};
use axum::response::Response;
use http::Method;
use http::request::Parts;
use serde_json::Value;

use super::account::new_id;
use super::deletions::{Asked, Limits, accepted, refusal};
use super::errors::{self, throttled, validation};
use super::keys::{self, Key, whole};
use super::state::Ubidots;
use super::token::{self, Credentials};
use crate::exchange::{Exchange, applies, carry_out, pause};
use crate::faults::{Action, Stage, edit_reply};
use crate::log::Kind;
use crate::reply::Reply;
use crate::request::Entry;
use crate::server::unstamped;
use crate::service::Service;
use crate::state::Shared;

/// `POST /api/v2.0/devices/_/bulk/delete/`
pub(crate) async fn bulk_delete(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::begin(shared, parts, Service::Ubidots, Kind::Deletion);
    // A token is good or not when it arrives, however long the request takes.
    let credentials = Credentials::of(&exchange.parts, &exchange.shared.ubidots.tokens);
    let script = Arc::clone(&exchange.script);
    if let Some(response) = exchange.upon_head(&script).await {
        return response;
    }
    let bytes = match exchange.read(body).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let keys = keys::parse(&bytes);
    if keys.as_ref().is_ok_and(Vec::is_empty) {
        exchange.shared.log.tally.empty_deletions.fetch_add(1, Ordering::AcqRel);
    }
    let devices = named(&exchange.shared.ubidots, keys.as_deref().unwrap_or_default());
    exchange
        .ticket
        .received(&bytes, devices.iter().map(|device| (&*device.uid, &*device.name)));
    pause(exchange.shared.latency()).await;
    if let Err(refused) = exchange.shared.admit() {
        return exchange.send(throttled(refused.header(SystemTime::now()).as_deref()), None);
    }
    let fired = script.judge(Stage::Body, &exchange.seen(&devices));
    let plan = fired.map(|fired| fired.plan);
    if let Some(plan) = plan {
        pause(plan.delay).await;
    }
    let asked = Asked {
        credentials,
        headers: &exchange.parts.headers,
        body: &bytes,
        keys: &keys,
    };
    let action = plan.map(|plan| &plan.action);
    let refused = refused(&asked, exchange.shared.ubidots.limits, action);
    let reply = match (refused, keys) {
        (Some(reply), _) => reply,
        // No keys are refused, and so is what is no list of them.
        (None, keys) => {
            if plan.is_none_or(applies) {
                schedule(&exchange.shared, &devices, keys.unwrap_or_default());
            }
            let body = accepted(&new_id());
            let body = match action {
                Some(Action::Edit(steps)) => edit_reply(body, steps),
                _ => Value::Object(body),
            };
            Reply::json(exchange.shared.ubidots.accepted_status, &body, 64)
        }
    };
    exchange.conclude(reply, plan).await
}

/// The refusal of a request, with what the script changes about it.
fn refused(asked: &Asked<'_>, limits: Limits, action: Option<&Action>) -> Option<Reply> {
    let limits = match action {
        Some(Action::BatchLimit(limit)) => Limits {
            keys: Some(*limit),
            ..limits
        },
        _ => limits,
    };
    let by_script = |why| Some(validation(&whole(why)));
    refusal(asked, limits).or_else(|| match action {
        Some(Action::Poison(_)) => by_script("A device key is refused."),
        Some(Action::RefuseEverything) => by_script("Everything is refused."),
        _ => None,
    })
}

/// The devices as they are logged: the key as it was sent, and the label.
fn named(ubidots: &Ubidots, keys: &[Key]) -> Vec<Entry<'static>> {
    let entry = |uid: String, name: String| Entry {
        uid: Cow::Owned(uid),
        name: Cow::Owned(name),
    };
    keys.iter()
        .map(|key| match key {
            Key::Id(id) => {
                let device = ubidots.account.find(key);
                entry(
                    id.clone(),
                    device.map(|device| device.label.clone()).unwrap_or_default(),
                )
            }
            Key::Label(label) => entry(format!("~{label}"), label.clone()),
        })
        .collect()
}

fn schedule(shared: &Shared, devices: &[Entry<'_>], keys: Vec<Key>) {
    shared.note_scheduled(
        devices
            .iter()
            .map(|device| (device.uid.to_string(), device.name.to_string())),
    );
    shared.ubidots.account.schedule(keys);
}

/// `POST /api/v1.6/auth/token`
pub(crate) async fn token(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let answer = |shared: &Shared, parts: &Parts, _: &[u8]| {
        let ubidots = &shared.ubidots;
        token::answer(&ubidots.tokens, ubidots.api_key.as_deref(), &parts.headers)
    };
    carry_out(shared, request, Service::Ubidots, Kind::Token, &[], answer).await
}

/// The 405 of a path that knows only these methods.
pub(crate) async fn method_not_allowed(method: Method, allowed: &'static str) -> Response {
    unstamped(errors::method_not_allowed(method.as_str(), allowed))
}
