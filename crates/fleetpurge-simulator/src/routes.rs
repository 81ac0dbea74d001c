//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;

use crate::state::Shared;
use crate::{nexthink, ubidots};

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .merge(nexthink::routes())
        .merge(ubidots::routes())
        .route("/_simulator/requests", get(requests))
        .route("/_simulator/counts", get(counts))
        .route("/_simulator/inventory", get(inventory))
        .route("/_simulator/account", get(account))
        .with_state(shared)
}

async fn requests(State(shared): State<Arc<Shared>>) -> Response {
    ([(CONTENT_TYPE, "application/x-ndjson")], shared.log.ndjson()).into_response()
}

async fn counts(State(shared): State<Arc<Shared>>) -> Response {
    axum::Json(shared.counts()).into_response()
}

async fn inventory(State(shared): State<Arc<Shared>>) -> Response {
    axum::Json(shared.nexthink.inventory.as_ref().map(|inventory| inventory.snapshot())).into_response()
}

async fn account(State(shared): State<Arc<Shared>>) -> Response {
    let devices = shared.ubidots.account.snapshot();
    let pairs: Vec<_> = devices.iter().map(|device| (&device.id, &device.label)).collect();
    axum::Json(pairs).into_response()
}
