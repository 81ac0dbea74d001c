//! What the generated client does around a request: [`AttemptContext`] is its inner type and does it all.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Request, Response};

pub use fleetpurge_http::exchange::{AttemptContext, Exchange};

use super::generated::Client;

impl ClientHooks<AttemptContext> for Client {
    async fn pre<E>(&self, _: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        self.inner().prepare().await.map_err(Error::InvalidRequest)
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner().execute(request).await
    }
}
