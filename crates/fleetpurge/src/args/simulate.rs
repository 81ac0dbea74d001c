//! Arguments of `simulate` and `demo`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fleetpurge_engine::Rate;

use super::apply::rate;
use super::plan::Service;

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// The port to listen on; 0 picks a free one
    #[arg(long, value_name = "P", default_value_t = 0)]
    pub(crate) port: u16,

    /// A fault script (JSON): what to do wrong, and when
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,

    /// The devices the tenant holds: CSV with `uid` and `name` [default: it schedules any device]
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Option<PathBuf>,

    /// A Ubidots account with N made-up devices (ids ...01 to N, labels device-1 to device-N), most of them long silent
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) ubidots_devices: u32,

    /// How many devices one request may name
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) limit: NonZeroUsize,

    /// How long a token lives
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) token_lifetime: u64,

    /// How long each deletion request takes
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,

    /// Answer requests above this rate with 429 [default: no limit]
    #[arg(long, value_name = "R", value_parser = rate)]
    pub(crate) rate: Option<Rate>,

    /// How many requests --rate lets through at once after a rest
    #[arg(long, value_name = "N", default_value_t = 1, requires = "rate")]
    pub(crate) burst: u32,

    /// Also accept this bearer token. It protects nothing: make one up
    #[arg(long, value_name = "TOKEN")]
    pub(crate) static_token: Option<String>,

    /// How much to remember of requests, in memory
    #[arg(long, value_enum, default_value_t = LogKind::Full)]
    pub(crate) log: LogKind,

    /// Append every deletion request to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogKind {
    /// Everything; memory grows with the traffic
    Full,
    /// Counters, and 16 bytes a device to tell repeats
    Duplicates,
    /// Counters only
    Counts,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The service to show
    #[arg(long, value_enum, default_value_t = Service::Nexthink)]
    pub(crate) service: Service,

    /// The directory to leave the files in [default: a new one in the system's temporary directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
