//! Nexthink's Data Management API in process: faithful by default, faulty on request.
//!
//! A [`Simulator`] listens on a port of 127.0.0.1 and speaks HTTP/1.1 and HTTP/2 (with prior knowledge, or by ALPN
//! with the feature `tls`). It answers as the published documentation has it, remembers what it received, and, given a
//! [`FaultScript`], goes wrong in the ways a service behind a network can go wrong.
//!
//! ```
//! use fleetpurge_simulator::{FaultScript, Simulator};
//! use tokio::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let faults = FaultScript::from_json(r#"{"rules": [{"when": {"request": 1}, "then": {"reply": {"status": 503}}}]}"#)?;
//! let simulator = Simulator::builder().static_token("test").faults(faults).start().await?;
//!
//! let body = r#"{"devices":[{"uid":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","name":"pc-1"}]}"#;
//! let request = format!(
//!     "POST /api/v1/data-management/device/deletions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test\r\n\
//!      Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
//!     body.len()
//! );
//! for expected in ["HTTP/1.1 503 ", "HTTP/1.1 202 "] {
//!     let mut connection = tokio::net::TcpStream::connect(("127.0.0.1", simulator.port())).await?;
//!     connection.write_all(request.as_bytes()).await?;
//!     let mut reply = String::new();
//!     connection.read_to_string(&mut reply).await?;
//!     assert!(reply.starts_with(expected), "{reply}");
//! }
//! assert_eq!(simulator.received_devices().len(), 2);
//! assert_eq!(simulator.scheduled_devices().len(), 1);
//! assert_eq!(simulator.faults_fired(), [1]);
//! # simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # What is answered
//!
//! | method, path | |
//! |---|---|
//! | `POST /oauth2/default/v1/token` | a bearer token for client credentials |
//! | `POST /api/v1/data-management/device/deletions` | the operation |
//! | `GET /_simulator/requests` | the deletion requests as NDJSON: `number`, `at_ms` since the start, `request_id`, `status` (`null` without a reply), `fully_read`, `devices` as `[[uid, name], …]` |
//! | `GET /_simulator/counts` | the [`Counts`] |
//! | `GET /_simulator/inventory` | the devices left as `[[uid, name], …]`; `null` without an inventory |
//!
//! Anything else is a 404, another method a 405. Every reply carries `x-request-id` (the one given if it is a UUID,
//! else a fresh one) and `x-trace-id` (the trace id of a `traceparent`, else the `x-request-id`).
//!
//! A deletion request is first read to its end, and recorded. Then, in this order: the latency passes; the rate limit
//! is asked (429); the script is asked; the token must have been good on arrival (401 without a body); the feature
//! enabled (403 `FEATURE_NOT_ENABLED`); the `Content-Type` `application/json` (415, or 400 `INVALID_REQUEST` where there
//! is no body at all); an `x-request-id` a UUID (400 `INVALID_REQUEST`); the body a JSON object whose `devices` are
//! objects with strings `uid` and `name` (400 `INVALID_REQUEST`); `devices` neither missing, null nor empty (400
//! `EMPTY_REQUEST`) nor more than the limit (400 `BATCH_SIZE_EXCEEDED`); no uid or name blank (400 `INVALID_REQUEST`);
//! the tenant resolved (400 `EMPTY_TENANT`). Fields that nobody asked for are tolerated, a device that is asked for
//! twice is answered twice. What is left is a 202: `INVALID` for a uid that is not 8-4-4-4-12 hexadecimal digits,
//! `SCHEDULED` for the others. 415, 429 and 413 (a body over 16 MiB) are not in the published specification: the
//! first and the last need a request that is not in it either, the other a [`RateLimit`].
//!
//! # What goes wrong on request
//!
//! A [`FaultScript`]; `FAULTS.md` in this crate is its grammar, with examples to copy.

mod builder;
mod connection;
mod error;
mod exchange;
mod faults;
mod frames;
mod limit;
mod log;
mod nexthink;
mod reply;
mod request;
mod routes;
mod server;
mod service;
mod simulator;
mod state;
#[cfg(feature = "tls")]
mod tls;
mod token;
mod ubidots;

pub use builder::Builder;
pub use error::{Error, ErrorKind};
pub use faults::FaultScript;
pub use limit::{RateLimit, RetryAfter};
pub use log::{Counts, LogLevel, RecordedRequest};
pub use simulator::Simulator;
pub use ubidots::{PageTraps, UbidotsDevice, UbidotsValue, UbidotsVariable};
