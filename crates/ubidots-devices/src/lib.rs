//! Deletes devices from a Ubidots account in bulk: one request or a million, no outcome lost.
//!
//! ```
//! # async fn example() -> Result<(), ubidots_devices::Error> {
//! use ubidots_devices::{Account, Client, Credentials, DeviceKey};
//!
//! let client = Client::builder(Account::industrial(), Credentials::token("token")).build()?;
//!
//! let keys = ["6e309da44fc8455a9cceb5aa".parse::<DeviceKey>()?, "~second-device".parse()?];
//! let receipt = client.delete_devices(&keys).await?;
//! println!("task {}", receipt.task_id());
//! # Ok(())
//! # }
//! ```
//!
//! For any number of devices there are [`Client::delete_stream`] and [`Client::delete_all`].
//!
//! # What is promised
//!
//! Deletion cannot be undone, is asynchronous, and the service documents no idempotency. So every failure answers one
//! question, [`Error::applied`]: may the service have acted? Devices that may have been deleted are not sent
//! again by themselves.
//!
//! **There is no reply per device.** The reply to a batch is the id of a background task, and no documented endpoint reads a
//! task back. `scheduled` means that the request for the device was answered with a task id. Only the account shows whether
//! the device is gone: [`Client::search`] for many devices, [`Client::device`] for one.
//!
//! **A label is not a device.** A device that still sends data is created again under its label, with a new id. So a
//! label that is sent twice deletes two devices; [`Client::delete_stream`] takes ids, and [`Client::devices`] finds the
//! ids of labels.
//!
//! Ubidots publishes no specification. `openapi/ubidots-devices.json` in the repository says what is documented, what was
//! observed and what is inferred. Unknown facts are settings with a default, [`Assumptions`].
//!
//! # Modules
//!
//! | module | what is there |
//! |---|---|
//! | [`account`] | where an account is served |
//! | [`key`] | device ids, labels and keys |
//! | [`credentials`] | a token, or an API key |
//! | [`assumptions`] | what the documentation leaves open |
//! | [`client`] | the client and one request |
//! | [`bulk`] | any number of devices |
//! | [`device`] | a device of the account |
//! | [`listing`] | the devices of an account, page by page |
//! | [`filter`] | which of them are selected |
//! | [`search`] | which of many devices are still in the account |
//! | [`json`] | JSON as the service wrote it, byte for byte |
//! | [`variables`] | the data of a device |
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

pub mod account;
pub mod assumptions;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
pub mod bulk;
mod classify;
pub mod client;
mod condition;
pub mod credentials;
pub mod device;
#[cfg(feature = "test-util")]
mod fake;
pub mod filter;
pub mod json;
pub mod key;
pub mod listing;
mod pace;
mod pages;
mod reading;
mod receipt;
mod received;
pub mod search;
mod token;
pub mod variables;

pub use ubidots_devices_raw as raw;

pub use account::Account;
pub use assumptions::{Assumptions, RefusedBatch};
pub use builder::ClientBuilder;
pub use bulk::{BulkEvent, BulkItem, BulkOptions, DeletionEvents, DeletionReport, DeletionStream, DeviceOutcome};
pub use client::Client;
pub use credentials::Credentials;
pub use device::{Device, LastActivity};
pub use filter::Filter;
pub use fleetpurge_engine::{
    Anomaly, AnomalyKind, Applied, Attempt, BatchAnomaly, Conclusion, Intent, Journal, JournalError, NotARate, Outcome,
    OutcomeKind, Policy, Rate, Rest, Settlement, StopHandle, StopReason, Trail, Wait, WaitReason,
};
pub use fleetpurge_http::error::{self, Error, ErrorKind};
pub use jiff::Timestamp;
pub use secrecy::SecretString;

pub use fleetpurge_http::token_provider::{AccessToken, ProviderError, TokenProvider};
pub use fleetpurge_http::transport::{self, Transport};
pub use json::RawJson;
pub use key::{DeviceId, DeviceKey, Label};
pub use listing::Listing;
pub use receipt::{Receipt, task_id};
pub use search::{Asked, Presence, Search};
