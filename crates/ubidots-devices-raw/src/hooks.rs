//! What the generated client does around a request: [`AttemptContext`] is its inner type and does it all.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::HeaderName;
use reqwest::{Request, Response};

pub use fleetpurge_http::exchange::{AttemptContext, Exchange};

use super::generated::Client;

/// The header of a token, which every operation wants but the one that makes tokens.
pub const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
/// The header of an API key, which `create_token` wants.
pub const API_KEY: HeaderName = HeaderName::from_static("x-ubidots-apikey");

impl ClientHooks<AttemptContext> for Client {
    async fn pre<E>(&self, _: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        self.inner().prepare().await.map_err(Error::InvalidRequest)
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner().execute(request).await
    }
}
