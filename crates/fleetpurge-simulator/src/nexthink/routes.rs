//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{handler, nql};
use crate::state::Shared;

const TOKEN_PATH: &str = "/oauth2/default/v1/token";
const DELETIONS_PATH: &str = "/api/v1/data-management/device/deletions";
const EXPORT_PATH: &str = "/api/v1/nql/export";
const STATUS_PATH: &str = "/api/v1/nql/status/{export_id}";

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route(DELETIONS_PATH, post(handler::deletions))
        .route(EXPORT_PATH, post(nql::export_post).get(nql::export_get))
        .route(STATUS_PATH, get(nql::status))
        .route(TOKEN_PATH, post(handler::token))
}
