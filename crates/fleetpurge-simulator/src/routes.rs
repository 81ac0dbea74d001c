//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::CONTENT_TYPE;

use crate::handler;
use crate::state::Shared;

pub(crate) const TOKEN_PATH: &str = "/oauth2/default/v1/token";
pub(crate) const DELETIONS_PATH: &str = "/api/v1/data-management/device/deletions";

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(DELETIONS_PATH, post(handler::deletions))
        .route(TOKEN_PATH, post(handler::token))
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
    axum::Json(shared.inventory.as_ref().map(|inventory| inventory.snapshot())).into_response()
}
