#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "tracing"), allow(unused, reason = "what is only logged"))]

pub mod anomalies;
pub mod base_url;
mod body;
mod cause;
mod chunks;
pub mod classify;
mod connect;
pub mod connection;
mod conversions;
mod deadline;
pub mod detached;
mod dialect;
pub mod download;
pub mod environment;
pub mod error;
pub mod exchange;
#[cfg(feature = "test-util")]
#[doc(hidden)]
pub mod fake;
pub mod flaw;
pub mod json;
pub mod message;
pub mod observe;
pub mod plain;
pub mod probe;
pub mod proxy;
pub mod receipt;
mod redact;
pub mod repeat;
mod reqwest_transport;
pub mod retry_after;
pub mod secret;
mod sent;
pub mod session;
pub mod settings;
mod tls;
pub mod token;
pub mod token_provider;
pub mod token_request;
pub mod transport;
mod unread;

pub use error::{Error, ErrorKind};
pub use exchange::{AttemptContext, Exchange};
// In the signatures of `connection_setters!`.
#[doc(hidden)]
pub use secrecy::SecretString;
