#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "tracing"), allow(unused, reason = "what is only logged"))]

#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod bulk;
mod claims;
mod classify;
mod client;
mod credentials;
mod deletion;
mod device;
mod endpoints;
#[cfg(feature = "test-util")]
mod fake;
mod lenient;
mod matching;
mod plain;
mod receipt;
mod service;
mod token;

pub use nexthink_data_management_raw as raw;

pub use builder::ClientBuilder;
pub use bulk::{BulkEvent, BulkItem, BulkOptions, DeletionEvents, DeletionReport, DeletionStream, DeviceOutcome};
pub use claims::TokenClaims;
pub use client::Client;
pub use credentials::Credentials;
pub use deletion::Deletion;
pub use device::{Device, UidValidation};
pub use endpoints::{Endpoints, Instance, OtherRegion, Region};
#[doc(inline)]
pub use fleetpurge_engine::{
    Anomaly, AnomalyKind, Applied, Attempt, BatchAnomaly, Begun, Conclusion, Intent, Journal, JournalError, NotARate,
    Outcome, OutcomeKind, Policy, Rate, Rest, Settlement, StopHandle, StopReason, Trail, Wait, WaitReason, tenant,
};
#[doc(inline)]
pub use fleetpurge_http::error::{Error, ErrorKind};
pub use secrecy::SecretString;
pub use uuid::Uuid;

#[doc(inline)]
pub use fleetpurge_http::token_provider::{AccessToken, ProviderError, TokenProvider};
#[doc(inline)]
pub use fleetpurge_http::transport::{self, Transport};
pub use receipt::Receipt;
