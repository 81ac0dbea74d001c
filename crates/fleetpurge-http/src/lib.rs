//! What the facades of `fleetpurge` share of HTTP: one attempt sent at most once, and what its answer proves.
//!
//! A program depends on a facade, `nexthink-data-management` or `ubidots-devices`, which re-exports [`Error`]. A facade adds
//! the codes of its service ([`classify::Dialect`], [`token::Issuer`]). Everything that follows from HTTP alone is here, so
//! that both services use the same table.
//!
//! | module | question it answers |
//! |---|---|
//! | [`base_url`] | which URLs may a client be pointed at? |
//! | [`transport`] | how is the HTTP client set up, so that it never sends a second time by itself? |
//! | [`exchange`] | did the request leave, and what came back? |
//! | [`observe`] | what are the facts of an attempt? |
//! | [`flaw`] | why can a reply not be used? |
//! | [`json`] | what does a reply say, field by field? |
//! | [`anomalies`] | what is odd about a reply, within bounds? |
//! | [`message`] | what is the service's own error message? |
//! | [`mod@classify`] | what does a reply mean: may the service have acted? |
//! | [`retry_after`] | how long does a reply ask to wait? |
//! | [`token`] | which token works, and who renews it? |
//! | [`token_request`] | how is a token requested, and what does the reply mean? |
//! | [`detached`] | what happens to a request whose caller has gone away? |
//! | [`error`] | what can go wrong, and whether the service may have acted |

pub mod anomalies;
pub mod base_url;
mod body;
mod chunks;
pub mod classify;
mod deadline;
pub mod detached;
pub mod error;
pub mod exchange;
pub mod flaw;
pub mod json;
pub mod message;
pub mod observe;
mod proxy;
mod redact;
pub mod retry_after;
pub mod token;
pub mod token_request;
pub mod transport;
mod unread;

pub use error::{Error, ErrorKind};
pub use exchange::{AttemptContext, Exchange};
