//! What the engine needs of the client.

use std::num::NonZeroUsize;

use fleetpurge_engine::{Attempt, DeletionService, Receipt, SubmitError};

use crate::client::Client;
use crate::device::Device;
use fleetpurge_http::error::Error;

impl DeletionService for Client {
    type Device = Device;

    fn batch_limit(&self) -> NonZeroUsize {
        Self::batch_limit(self)
    }

    async fn submit(&self, batch: &[&Device], attempt: &Attempt) -> Result<Receipt, SubmitError> {
        self.submit_unless(batch, attempt, std::future::pending()).await
    }

    async fn submit_unless(
        &self,
        batch: &[&Device],
        attempt: &Attempt,
        called_off: impl Future<Output = ()> + Send,
    ) -> Result<Receipt, SubmitError> {
        let answer = self.attempt(batch, attempt, called_off).await;
        answer.map_err(|undone| Error::from(undone).into_submit_error())
    }
}
