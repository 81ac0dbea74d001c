//! What the tests of both facades share. Not published: dependents test with `fleetpurge-simulator`.
//!
//! - [`raw`] is a server that a test leads by the hand, for what the simulator cannot do.
//! - `postgres` is a PostgreSQL server, with the feature of that name.
//! - [`log`] is what a client logs, for a test to read.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::missing_panics_doc, reason = "as above")]

pub mod log;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod raw;
