//! The client for programs without an async runtime.
//!
//! ```
//! # use ubidots_devices::{BulkOptions, DeviceId, Error};
//! use ubidots_devices::{Account, Credentials, blocking};
//!
//! # fn example(ids: Vec<DeviceId>) -> Result<(), Error> {
//! let client = ubidots_devices::Client::builder(Account::industrial(), Credentials::from_env()?).build()?;
//! let client = blocking::Client::new(client)?;
//! for of in client.delete_iter(ids, &BulkOptions::default()) {
//!     println!("{} {}", of.device, of.outcome.kind);
//! }
//! # Ok(())
//! # }
//! ```

use fleetpurge_engine::bulk::{self, BlockingRuntime};

use crate::bulk::{BulkItem, BulkOptions, DeletionReport};
use crate::device::Device;
use crate::filter::Filter;
use crate::key::{DeviceId, DeviceKey};
use crate::listing::Listing;
use crate::receipt::Receipt;
use fleetpurge_http::error::Error;

/// The outcomes of a bulk deletion, in the order of its input.
pub type BlockingOutcomes<T = ()> = bulk::BlockingOutcomes<DeviceId, T>;

/// A [`Client`](crate::Client) with a runtime of its own. Cloning it is cheap; clones share both.
///
/// Each method waits for its result in the calling thread. None may be called within an async runtime: it panics.
#[derive(Clone, Debug)]
pub struct Client {
    client: crate::Client,
    runtime: BlockingRuntime,
}

impl Client {
    /// Gives a client a runtime of its own. Do not use that client with another runtime as well: connections belong to the
    /// runtime in which they were made.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): the system gives no thread.
    pub fn new(client: crate::Client) -> Result<Self, Error> {
        let runtime = BlockingRuntime::start()
            .map_err(|error| Error::configuration("the runtime could not be started").with_source(error))?;
        Ok(Self { client, runtime })
    }

    /// As [`Client::authenticate`](crate::Client::authenticate).
    ///
    /// # Errors
    ///
    /// The same. No deletion was sent.
    pub fn authenticate(&self) -> Result<(), Error> {
        self.runtime.block_on(self.client.authenticate())
    }

    /// As [`Client::devices`](crate::Client::devices).
    pub fn devices(&self, filter: Filter) -> BlockingListing {
        BlockingListing {
            listing: self.client.devices(filter),
            runtime: self.runtime.clone(),
        }
    }

    /// As [`Client::delete_devices`](crate::Client::delete_devices).
    ///
    /// # Errors
    ///
    /// The same; [`Error::applied`] says whether the service may have acted.
    pub fn delete_devices(&self, keys: &[DeviceKey]) -> Result<Receipt, Error> {
        self.runtime.block_on(async { self.client.delete_devices(keys).await })
    }

    /// As [`Client::delete_all`](crate::Client::delete_all).
    pub fn delete_all<I>(&self, ids: I, options: &BulkOptions) -> DeletionReport
    where
        I: IntoIterator<Item = DeviceId>,
        I::IntoIter: Send + 'static,
    {
        self.runtime.block_on(self.client.delete_all(ids, options))
    }

    /// As [`Client::delete_stream`](crate::Client::delete_stream), from an iterator to an iterator. The ids are read in the
    /// thread of the runtime: an iterator that waits long holds the requests up.
    pub fn delete_iter<I>(
        &self,
        ids: I,
        options: &BulkOptions,
    ) -> BlockingOutcomes<<I::Item as BulkItem<DeviceId>>::Data>
    where
        I: IntoIterator<Item: BulkItem<DeviceId>>,
        I::IntoIter: Send + 'static,
    {
        let ids = futures_util::stream::iter(ids);
        self.runtime.outcomes(self.client.delete_stream(ids, options))
    }
}

/// A [`Listing`] that waits for each page.
#[derive(Debug)]
pub struct BlockingListing {
    listing: Listing,
    runtime: BlockingRuntime,
}

impl BlockingListing {
    /// As [`Listing::next_page`].
    ///
    /// # Errors
    ///
    /// The same.
    pub fn next_page(&mut self) -> Result<Option<Vec<Device>>, Error> {
        self.runtime.block_on(self.listing.next_page())
    }

    /// The listing itself: what it has counted so far.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        &self.listing
    }
}
