//! Deletes devices from a Nexthink inventory in bulk: one request or a million, no outcome lost.
//!
//! ```
//! # async fn example() -> Result<(), nexthink_data_management::Error> {
//! use nexthink_data_management::{Client, Credentials, Device, Endpoints, Instance, Region};
//!
//! let endpoints = Endpoints::of(Instance::new("acme")?, Region::Eu);
//! assert_eq!(endpoints.base_url(), "https://acme.api.eu.nexthink.cloud");
//! let client = Client::builder(endpoints, Credentials::client("id", "secret")).build()?;
//!
//! let devices = [Device::new("00000000-0000-0000-0000-000000000001", "LAPTOP-1")];
//! let receipt = client.delete_devices(&devices).await?;
//! for (device, outcome) in devices.iter().zip(receipt.outcomes()) {
//!     println!("{} {}", device.name, outcome.kind);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! For any number of devices there are [`Client::delete_stream`] and [`Client::delete_all`].
//!
//! # What is promised
//!
//! Deletion cannot be undone, is asynchronous, and the service promises no idempotency. So every failure answers one
//! question, [`Error::applied`]: may the service have acted? Devices that may have been deleted are not sent again
//! by themselves; a device that the reply does not name is never `scheduled`. `scheduled` means that the service has
//! queued the deletion, not that the device is gone.
//!
//! # Modules
//!
//! | module | what is there |
//! |---|---|
//! | [`endpoints`] | instance and region, and their URLs |
//! | [`device`] | a device, and how its UID is checked |
//! | [`credentials`] | client credentials or a token |
//! | [`client`] | the client and one request |
//! | [`bulk`] | any number of devices |
//! | [`error`] | what can go wrong, and whether the service may have acted |

#![cfg_attr(
    not(feature = "tracing"),
    allow(
        unused_variables,
        unused_imports,
        dead_code,
        clippy::unused_unit,
        reason = "what is only logged"
    )
)]

#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
pub mod bulk;
mod classify;
pub mod client;
pub mod credentials;
mod deletion;
pub mod device;
pub mod endpoints;
#[cfg(feature = "test-util")]
mod fake;
mod lenient;
mod matching;
mod receipt;
mod service;
mod token;

pub use nexthink_data_management_raw as raw;

pub use builder::ClientBuilder;
pub use bulk::{BulkEvent, BulkItem, BulkOptions, DeletionEvents, DeletionReport, DeletionStream, DeviceOutcome};
pub use client::Client;
pub use credentials::Credentials;
pub use deletion::Deletion;
pub use device::{Device, UidValidation};
pub use endpoints::{Endpoints, Instance, Region};
pub use fleetpurge_engine::{
    Anomaly, AnomalyKind, Applied, Attempt, BatchAnomaly, Conclusion, Intent, Journal, JournalError, NotARate, Outcome,
    OutcomeKind, Policy, Rate, Rest, Settlement, StopHandle, StopReason, Trail, Wait, WaitReason,
};
pub use fleetpurge_http::error::{self, Error, ErrorKind};
pub use secrecy::SecretString;
pub use uuid::Uuid;

pub use fleetpurge_http::token_provider::{AccessToken, ProviderError, TokenProvider};
pub use fleetpurge_http::transport::{self, Transport};
pub use receipt::Receipt;
