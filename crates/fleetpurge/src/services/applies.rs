//! What an `apply` needs of a service beside sending batches.

use fleetpurge_engine::DeletionService;
use nexthink_data_management::Error;

/// What an apply needs of a service beside sending batches.
pub(crate) trait Applies: DeletionService {
    /// The device of a row, as it is sent. The plan's rules let no row through that is none.
    fn device(uid: String, name: String) -> Result<Self::Device, Error>;

    /// Has a token now rather than with the first request.
    fn authenticate(&self) -> impl Future<Output = Result<(), Error>> + Send;
}
