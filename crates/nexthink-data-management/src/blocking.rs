//! The client for programs without an async runtime.
//!
//! ```
//! # use nexthink_data_management::{BulkOptions, Device, Error};
//! use nexthink_data_management::{Credentials, Endpoints, Instance, Region, blocking};
//!
//! # fn example(devices: Vec<Device>) -> Result<(), Error> {
//! let endpoints = Endpoints::of(Instance::new("acme")?, Region::Eu);
//! let client = blocking::Client::new(nexthink_data_management::Client::builder(endpoints, Credentials::from_env()?).build()?)?;
//! for of in client.delete_iter(devices, &BulkOptions::default()) {
//!     println!("{} {}", of.device.name, of.outcome.kind);
//! }
//! # Ok(())
//! # }
//! ```

use fleetpurge_engine::bulk::{self, BlockingRuntime};

use crate::bulk::{BulkItem, BulkOptions, DeletionReport};
use crate::device::Device;
use crate::receipt::Receipt;
use fleetpurge_http::error::Error;

/// The outcomes of a bulk deletion, in the order of its input.
pub type BlockingOutcomes<T = ()> = bulk::BlockingOutcomes<Device, T>;

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

    /// As [`Client::delete_devices`](crate::Client::delete_devices).
    ///
    /// # Errors
    ///
    /// The same; [`Error::applied`] says whether the service may have acted.
    pub fn delete_devices(&self, devices: &[Device]) -> Result<Receipt, Error> {
        self.runtime
            .block_on(async { self.client.delete_devices(devices).await })
    }

    /// As [`Client::delete_all`](crate::Client::delete_all).
    pub fn delete_all<I>(&self, devices: I, options: &BulkOptions) -> DeletionReport
    where
        I: IntoIterator<Item = Device>,
        I::IntoIter: Send + 'static,
    {
        self.runtime.block_on(self.client.delete_all(devices, options))
    }

    /// As [`Client::delete_stream`](crate::Client::delete_stream), from an iterator to an iterator. The devices are read in
    /// the thread of the runtime: an iterator that waits long holds the requests up.
    pub fn delete_iter<I>(
        &self,
        devices: I,
        options: &BulkOptions,
    ) -> BlockingOutcomes<<I::Item as BulkItem<Device>>::Data>
    where
        I: IntoIterator<Item: BulkItem<Device>>,
        I::IntoIter: Send + 'static,
    {
        let devices = futures_util::stream::iter(devices);
        self.runtime.outcomes(self.client.delete_stream(devices, options))
    }
}
