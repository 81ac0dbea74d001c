//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;

use super::handler;
use crate::state::Shared;

const TOKEN_PATH: &str = "/api/v1.6/auth/token";
/// The `_` stands for the whole of the collection.
const BULK_DELETE_PATH: &str = "/api/v2.0/devices/_/bulk/delete/";

pub(crate) fn routes() -> Router<Arc<Shared>> {
    let only_post = |method| handler::method_not_allowed(method, "POST");
    Router::new()
        .route(TOKEN_PATH, post(handler::token).fallback(only_post))
        .route(BULK_DELETE_PATH, post(handler::bulk_delete).fallback(only_post))
}
