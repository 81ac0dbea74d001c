//! Which path is answered by whom.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use super::{handler, reads, writes};
use crate::state::Shared;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/api/v1.6/auth/token", only("POST", post(handler::token)))
        // The `_` stands for the whole of the collection.
        .route(
            "/api/v2.0/devices/_/bulk/delete/",
            only("POST", post(handler::bulk_delete)),
        )
        .route("/api/v2.0/devices/", only("GET", get(reads::list)))
        .route(
            "/api/v2.0/devices/{key}/",
            only("GET, DELETE", get(reads::device).delete(writes::delete)),
        )
        .route("/api/v2.0/devices/{key}/variables/", only("GET", get(reads::variables)))
        .route("/api/v1.6/variables/{id}/values", only("GET", get(reads::values)))
        .route("/api/v1.6/devices/{label}", only("POST", post(writes::send_data)))
}

/// With the 405 of a path that knows these methods only.
fn only(methods: &'static str, answered: MethodRouter<Arc<Shared>>) -> MethodRouter<Arc<Shared>> {
    answered.fallback(move |method| handler::method_not_allowed(method, methods))
}
