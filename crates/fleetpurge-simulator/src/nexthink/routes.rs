//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use super::handler;
use crate::state::Shared;

const TOKEN_PATH: &str = "/oauth2/default/v1/token";
const DELETIONS_PATH: &str = "/api/v1/data-management/device/deletions";

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route(DELETIONS_PATH, post(handler::deletions))
        .route(TOKEN_PATH, post(handler::token))
}
