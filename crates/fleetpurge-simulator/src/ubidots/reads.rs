//! The reads of an account: devices, their variables, and the values of those.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::device::{UbidotsDevice, UbidotsValue};
use super::errors::{detail, not_found, validation};
use super::filter::filters;
use super::keys::Key;
use super::page::{Page, cut, envelope};
use super::query::Query;
use super::render;
use super::state::Ubidots;
use super::token::Credentials;
use super::traps::PageTraps;
use crate::exchange::carry_out;
use crate::log::Kind;
use crate::reply::Reply;
use crate::service::Service;
use crate::state::Shared;

/// Devices on a page, unless asked for otherwise.
const DEVICES: u64 = 50;
const VARIABLES: u64 = 200;
const VALUES: u64 = 100;

/// A segment of a path. An error if it is not UTF-8.
pub(super) type Segment = Result<Path<String>, PathRejection>;

pub(super) fn text(segment: Segment) -> String {
    segment.map(|Path(text)| text).unwrap_or_default()
}

/// `GET /api/v2.0/devices/`
pub(crate) async fn list(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    read(shared, request, |ubidots, query, traps| {
        let filters = match filters(query) {
            Ok(filters) => filters,
            Err(wrong) => return validation(&wrong),
        };
        let mut devices = ubidots.account.snapshot();
        devices.retain(|device| filters.iter().all(|filter| filter(device)));
        sort(&mut devices, query.get("sort_by").unwrap_or_default());
        let count = json!(traps.count(devices.len() as u64));
        let size = traps.clamp(query.page_size(DEVICES));
        if let (true, Ok(at)) = (traps.on_two_pages(), usize::try_from(size))
            && at < devices.len()
        {
            devices[at] = Arc::clone(&devices[at - 1]);
        }
        let reply = paged(
            &devices,
            query,
            size,
            traps,
            "/api/v2.0/devices/",
            &count,
            |device, fields| render::device(device, &traps.links, fields),
        );
        if let (Some(first), Ok(page)) = (devices.first(), query.page())
            && ubidots.shifts(page)
        {
            ubidots.account.remove(&Key::Id(first.id.clone()));
        }
        reply
    })
    .await
}

/// `GET /api/v2.0/devices/{key}/`
pub(crate) async fn device(State(shared): State<Arc<Shared>>, key: Segment, request: Request) -> Response {
    let key = text(key);
    read(shared, request, move |ubidots, query, traps| {
        ubidots.device(&key).map_or_else(not_found, |device| {
            let device = render::device(&device, &traps.links, &query.fields());
            Reply::json(StatusCode::OK, &device, 512)
        })
    })
    .await
}

/// `GET /api/v2.0/devices/{key}/variables/`
pub(crate) async fn variables(State(shared): State<Arc<Shared>>, key: Segment, request: Request) -> Response {
    let key = text(key);
    read(shared, request, move |ubidots, query, traps| {
        let Some(device) = ubidots.device(&key) else {
            return not_found();
        };
        let size = traps.clamp(query.page_size(VARIABLES));
        let path = format!("/api/v2.0/devices/{}/variables/", device.id);
        let count = json!(device.variables.len());
        paged(
            &device.variables,
            query,
            size,
            traps,
            &path,
            &count,
            |variable, fields| render::variable(variable, &device, &traps.links, fields),
        )
    })
    .await
}

/// `GET /api/v1.6/variables/{id}/values`
pub(crate) async fn values(State(shared): State<Arc<Shared>>, id: Segment, request: Request) -> Response {
    let id = text(id);
    read(shared, request, move |ubidots, query, traps| {
        let Some(values) = ubidots.account.values(&id) else {
            return not_found();
        };
        let (start, end) = match (query.integer("start"), query.integer("end")) {
            (Ok(start), Ok(end)) => (start, end),
            (Err(wrong), _) | (_, Err(wrong)) => return validation(&wrong),
        };
        let values = newest_first(values, start, end);
        let size = traps.clamp(query.page_size(VALUES));
        let path = format!("/api/v1.6/variables/{id}/values");
        // The documentation shows `true` where other lists have a number.
        paged(&values, query, size, traps, &path, &json!(true), render::value)
    })
    .await
}

/// The values between both, which count as between; the last 100 where neither is given, on however many pages.
fn newest_first(mut values: Vec<UbidotsValue>, start: Option<i64>, end: Option<i64>) -> Vec<UbidotsValue> {
    values.retain(|value| {
        start.is_none_or(|start| start <= value.timestamp) && end.is_none_or(|end| value.timestamp <= end)
    });
    values.sort_by_key(|value| std::cmp::Reverse(value.timestamp));
    if (start, end) == (None, None) {
        values.truncate(100);
    }
    values
}

/// `label`, `name` or `created_at`, `-` before it for the other way round. Any other key is ignored.
fn sort(devices: &mut [Arc<UbidotsDevice>], key: &str) {
    let (key, descending) = key.strip_prefix('-').map_or((key, false), |key| (key, true));
    match key {
        "label" => devices.sort_by(|one, other| one.label.cmp(&other.label)),
        "name" => devices.sort_by(|one, other| one.name.cmp(&other.name)),
        "created_at" => devices.sort_by_key(|device| device.created_at),
        _ => return,
    }
    if descending {
        devices.reverse();
    }
}

fn paged<T>(
    all: &[T],
    query: &Query,
    size: u64,
    traps: &PageTraps,
    path: &str,
    count: &Value,
    shown: impl Fn(&T, &[&str]) -> Box<RawValue>,
) -> Reply {
    let page = query
        .page()
        .and_then(|number| cut(all, number, size, traps.empty_beyond_end));
    let Ok(page @ Page { items, .. }) = &page else {
        return detail(StatusCode::NOT_FOUND, "Invalid page.");
    };
    let fields = query.fields();
    let results: Vec<_> = items.iter().map(|item| shown(item, &fields)).collect();
    let page = &Page {
        last: page.last || traps.no_next,
        ..*page
    };
    let body = envelope(page, count, &format!("{}{path}", traps.links), query, &results);
    Reply::json(StatusCode::OK, &body, 256 + 512 * items.len())
}

/// One request that reads: recorded, let in, answered, and broken where the script says so.
async fn read(
    shared: Arc<Shared>,
    request: Request,
    answer: impl FnOnce(&Ubidots, &Query, &PageTraps) -> Reply + Send,
) -> Response {
    // Good or not when it arrives, however long the request takes.
    let (parts, body) = request.into_parts();
    let credentials = Credentials::of(&parts, &shared.ubidots.tokens);
    let request = Request::from_parts(parts, body);
    let answer = |shared: &Shared, parts: &Parts, _: &[u8]| {
        credentials.refusal().unwrap_or_else(|| {
            let ubidots = &shared.ubidots;
            let traps = ubidots.traps();
            answer(ubidots, &traps.heed(Query::of(&parts.uri)), &traps)
        })
    };
    carry_out(shared, request, Service::Ubidots, Kind::Read, &[], answer).await
}
