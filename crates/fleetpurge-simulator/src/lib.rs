#![doc = include_str!("../README.md")]

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
pub use nexthink::{ExportFault, FileRequest, QueryColumn, SavedQuery};
pub use simulator::Simulator;
pub use ubidots::{PageTraps, UbidotsDevice, UbidotsValue, UbidotsVariable};
