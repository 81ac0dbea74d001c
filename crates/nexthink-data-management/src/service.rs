//! What the engine needs of the client.

use std::num::NonZeroUsize;

use fleetpurge_engine::{Attempt, DeletionService, Receipt, SubmitError};

use crate::client::Client;
use crate::device::Device;
use crate::error::Error;

impl DeletionService for Client {
    type Device = Device;

    fn batch_limit(&self) -> NonZeroUsize {
        Self::batch_limit(self)
    }

    async fn submit(&self, batch: &[&Device], attempt: &Attempt) -> Result<Receipt, SubmitError> {
        self.attempt(batch, attempt).await.map_err(Error::into_submit_error)
    }
}
