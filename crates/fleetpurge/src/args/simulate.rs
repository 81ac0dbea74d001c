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

    /// A fault script (JSON): which failures to produce, and when
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,

    /// The devices of the tenant: CSV with `uid` and `name` [default: any device is accepted]
    #[arg(long, value_name = "FILE")]
    pub(crate) inventory: Option<PathBuf>,

    /// A Ubidots account with N made-up devices (ids ...01 to N, labels device-1 to device-N), most of them inactive
    /// for a long time
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) ubidots_devices: u32,

    /// The maximum number of devices per request
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) limit: NonZeroUsize,

    /// The lifetime of a token
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) token_lifetime: u64,

    /// The delay of each deletion request
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,

    /// Answer requests above this rate with 429 [default: no limit]
    #[arg(long, value_name = "R", value_parser = rate)]
    pub(crate) rate: Option<Rate>,

    /// The maximum number of requests that --rate allows at once after a pause
    #[arg(long, value_name = "N", default_value_t = 1, requires = "rate")]
    pub(crate) burst: u32,

    /// Also accept this bearer token. Any made-up value will do
    #[arg(long, value_name = "TOKEN")]
    pub(crate) static_token: Option<String>,

    /// How much of the requests to keep in memory
    #[arg(long, value_enum, default_value_t = LogKind::Full)]
    pub(crate) log: LogKind,

    /// Append every deletion request to this file, one JSON object per line
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogKind {
    /// Everything; memory grows with the traffic
    Full,
    /// Counters, and 16 bytes per device to detect repeats
    Duplicates,
    /// Counters only
    Counts,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The service to show
    #[arg(long, value_enum, default_value_t = Service::Nexthink)]
    pub(crate) service: Service,

    /// The directory for the files [default: a new one in the system's temporary directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
