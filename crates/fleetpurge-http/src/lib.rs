//! What the facades of `fleetpurge` share of HTTP: one attempt sent at most once, and what its answer proves.
//!
//! A program depends on a facade, `nexthink-data-management` or `ubidots-devices`, which re-exports [`Error`]. A facade adds
//! the codes of its service ([`classify::Dialect`], [`token::Issuer`]). Everything that follows from HTTP alone is here, so
//! that both services use the same table.
//!
//! | module | question it answers |
//! |---|---|
//! | [`base_url`] | which URLs may a client be pointed at? |
//! | [`settings`] | how does a client connect: timeouts, trust, proxy, headers? |
//! | [`transport`] | what carries a request, and did its body leave? |
//! | [`connection`] | what does every request of a client have in common? |
//! | [`exchange`] | did the request leave, and what came back? |
//! | [`observe`] | what are the facts of an attempt? |
//! | [`flaw`] | why can a reply not be used? |
//! | [`json`] | what does a reply say, field by field? |
//! | [`anomalies`] | what is odd about a reply, within bounds? |
//! | [`message`] | what is the service's own error message? |
//! | [`mod@classify`] | what does a reply mean: may the service have acted? |
//! | [`retry_after`] | how long does a reply ask to wait? |
//! | [`token`] | which token works, and who renews it? |
//! | [`token_provider`] | how does a program supply tokens of its own? |
//! | [`token_request`] | how is a token requested, and what does the reply mean? |
//! | [`secret`] | what in a reply is read, and neither shown nor written? |
//! | [`receipt`] | what did the service answer for each device? |
//! | [`detached`] | what happens to a request whose caller has gone away? |
//! | [`environment`] | which credentials are in the environment? |
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

pub mod anomalies;
pub mod base_url;
mod body;
mod chunks;
pub mod classify;
mod connect;
pub mod connection;
mod deadline;
pub mod detached;
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
mod proxy;
pub mod receipt;
mod redact;
mod reqwest_transport;
pub mod retry_after;
pub mod secret;
mod sent;
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
