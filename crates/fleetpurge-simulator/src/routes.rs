//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;

use crate::nexthink;
use crate::state::Shared;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .merge(nexthink::routes())
        .route("/_simulator/requests", get(requests))
        .route("/_simulator/counts", get(counts))
        .route("/_simulator/inventory", get(inventory))
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
