#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "tracing"), allow(unused, reason = "what is only logged"))]

mod account;
mod assumptions;
#[cfg(feature = "blocking")]
pub mod blocking;
mod body;
mod builder;
mod bulk;
mod classify;
mod client;
mod condition;
mod credentials;
mod device;
#[cfg(feature = "test-util")]
mod fake;
mod filter;
mod json;
mod key;
mod listing;
mod pace;
mod pages;
mod reading;
mod receipt;
mod received;
mod search;
mod token;
mod variables;

pub use ubidots_devices_raw as raw;

pub use account::Account;
pub use assumptions::{Assumptions, RefusedBatch};
pub use builder::ClientBuilder;
pub use bulk::{BulkEvent, BulkItem, BulkOptions, DeletionEvents, DeletionReport, DeletionStream, DeviceOutcome};
pub use client::Client;
pub use credentials::Credentials;
pub use device::{Device, LastActivity};
pub use filter::Filter;
#[doc(inline)]
pub use fleetpurge_engine::{
    Anomaly, AnomalyKind, Applied, Attempt, BatchAnomaly, Begun, Conclusion, Intent, Journal, JournalError, NotARate,
    Outcome, OutcomeKind, Policy, Rate, Rest, Settlement, StopHandle, StopReason, Trail, Wait, WaitReason, tenant,
};
#[doc(inline)]
pub use fleetpurge_http::error::{Error, ErrorKind};
pub use jiff::Timestamp;
pub use secrecy::SecretString;

#[doc(inline)]
pub use fleetpurge_http::token_provider::{AccessToken, ProviderError, TokenProvider};
#[doc(inline)]
pub use fleetpurge_http::transport::{self, Transport};
pub use json::RawJson;
pub use key::{DeviceId, DeviceKey, Label};
pub use listing::Listing;
pub use receipt::{Receipt, task_id};
pub use search::{Asked, Presence, Search};
pub use variables::{Values, Variable};
