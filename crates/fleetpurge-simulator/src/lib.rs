//! Nexthink's Data Management API and Ubidots' device API in process: faithful by default, faulty on request.
//!
//! A [`Simulator`] listens on a port of 127.0.0.1 and speaks HTTP/1.1 and HTTP/2 (with prior knowledge, or by ALPN
//! with the feature `tls`). It answers as the published documentation says, records what it received, and, with a
//! [`FaultScript`], fails in the ways in which a service behind a network can fail.
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
//! Both services, on one port: their paths have nothing in common.
//!
//! | method, path | |
//! |---|---|
//! | **Nexthink** | |
//! | `POST /oauth2/default/v1/token` | a bearer token for client credentials |
//! | `POST /api/v1/data-management/device/deletions` | the operation |
//! | **Ubidots** | |
//! | `POST /api/v1.6/auth/token` | a token for the API key in `x-ubidots-apikey` |
//! | `POST /api/v2.0/devices/_/bulk/delete/` | the operation |
//! | `GET /api/v2.0/devices/` | the devices, in pages |
//! | `GET`, `DELETE /api/v2.0/devices/{key}/` | one device, by its id or by `~` and its label; deleted, it is gone at once |
//! | `GET /api/v2.0/devices/{key}/variables/` | what it measures, in pages |
//! | `GET /api/v1.6/variables/{id}/values` | what was measured, in pages, the newest first |
//! | `POST /api/v1.6/devices/{label}` | data; creates the device, with a new id, where none has the label |
//! | **This crate's own** | |
//! | `GET /_simulator/requests` | the deletion requests as NDJSON: `number`, `at_ms` since the start, `request_id`, `status` (`null` without a reply), `fully_read`, `devices` as `[[uid, name], …]` |
//! | `GET /_simulator/counts` | the [`Counts`] |
//! | `GET /_simulator/inventory` | Nexthink: the devices left as `[[uid, name], …]`; `null` without an inventory |
//! | `GET /_simulator/account` | Ubidots: the devices left as `[[id, label], …]` |
//!
//! Anything else is a 404, another method a 405. Every reply but those of Ubidots carries `x-request-id` (the one given
//! if it is a UUID, else a fresh one) and `x-trace-id` (the trace id of a `traceparent`, else the `x-request-id`).
//!
//! A deletion request to either service is first read to its end, and recorded. Then, in this order: the latency
//! passes; the rate limit is asked (429); the script is asked; and the service judges.
//!
//! ## Nexthink
//!
//! The token must have been good on arrival (401 without a body); the feature enabled (403 `FEATURE_NOT_ENABLED`); the
//! `Content-Type` `application/json` (415, or 400 `INVALID_REQUEST` where there is no body at all); an `x-request-id` a
//! UUID (400 `INVALID_REQUEST`); the body a JSON object whose `devices` are objects with strings `uid` and `name` (400
//! `INVALID_REQUEST`); `devices` neither missing, null nor empty (400 `EMPTY_REQUEST`) nor more than the limit (400
//! `BATCH_SIZE_EXCEEDED`); no uid or name blank (400 `INVALID_REQUEST`); the tenant resolved (400 `EMPTY_TENANT`).
//! Unknown fields are tolerated, and a repeated device has two entries. Every other request gets a 202: `INVALID` for a
//! uid that is not 8-4-4-4-12 hexadecimal digits, `SCHEDULED` for the others. 415, 429 and 413 (a body over 16 MiB) are
//! not in the published specification: the first and the last need a request that is not in it either, the other a
//! [`RateLimit`].
//!
//! ## Ubidots
//!
//! There must be a token (401 with code 401001), and it good on arrival (401002); an `X-Bulk-Operation`, whatever it says
//! (400); the body within the limit of bytes (413), its `Content-Type` `application/json` (415), and itself an array of
//! one or more keys: 24 hexadecimal digits, `~` and a label, or `{"id": …}` (400 with code 400001), within the limit of
//! keys (413). Every other request creates a task. Its devices leave the account [later](Builder::removal_delay), and
//! labels are looked up only then.
//!
//! Ubidots publishes no specification. Its pages print the bodies of 401001, 401002, 400001 (but for its `detail`) and of
//! the missing header, the shape of success, and what a list looks like. The rest is our choice:
//!
//! - The statuses: 201 for a token, 202 for a task ([to be set](Builder::ubidots_accepted_status)), 400 and 401 after the
//!   codes, 400 for the missing header as in drf-extensions, whose words it has.
//! - Keys that name no device, and keys given twice, are accepted as part of the task. An empty array is refused, and
//!   [counted](Counts::empty_deletions): its effect on the service is unknown, so no client may send one.
//! - The 10,000 bytes are documented for requests that bring data. 413, 415, 404, 405 and 429 have a `detail`, as Django's
//!   REST framework writes them, which Ubidots is built on; so has a page beyond the end (404 `Invalid page.`).
//! - An unknown filter, or one without a value, is ignored (django-filter); one whose value is of the wrong kind is
//!   a 400001. A `page_size` above [the maximum](PageTraps::page_size_max) is silently the maximum. Without `sort_by` the
//!   oldest device comes first. Without `start` and `end` only the last 100 values are there, on however many pages.
//! - The token as a query parameter, `?token=`, is documented, advised against, and works.
//!
//! [`PageTraps`] has further ways in which its lists may mislead.
//!
//! # Faults
//!
//! A [`FaultScript`] causes faults. `FAULTS.md` in this crate is its grammar, with examples to copy.

mod builder;
mod connection;
mod device;
mod error;
mod exchange;
mod faults;
mod frames;
mod limit;
mod link;
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
