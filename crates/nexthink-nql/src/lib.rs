#![doc = include_str!("../README.md")]

mod client;
mod compression;
mod decoding;
mod dialect;
mod error;
mod export;
mod export_call;
mod pieces;
mod progress;
mod query;
mod replies;
mod requests;

pub use client::Client;
pub use compression::Compression;
pub use error::{Error, ErrorKind};
pub use export::{Export, Row, Summary};
pub use export_call::ExportCall;
pub use progress::Progress;
pub use query::{Parameters, QueryId};

/// The generated client.
pub use nexthink_nql_raw as raw;
