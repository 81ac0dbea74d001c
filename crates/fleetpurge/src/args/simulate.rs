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

    /// A saved NQL query that lists the devices of --inventory whose names begin with PREFIX. The query `#all_devices` is
    /// there without being named. May be repeated
    #[arg(long, value_name = "#ID=PREFIX", value_parser = saved_query, requires = "inventory")]
    pub(crate) query: Vec<(String, String)>,

    /// What goes wrong with the exports of queries, the first, the second and so on
    #[arg(
        long,
        value_enum,
        value_name = "FAULT",
        value_delimiter = ',',
        requires = "inventory"
    )]
    pub(crate) export_faults: Vec<ExportFaultKind>,

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
    pub(crate) deletion_log: Option<PathBuf>,
}

/// What goes wrong with an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFaultKind {
    /// Nothing
    None,
    /// It ends with the status ERROR
    Failed,
    /// Its result is cut off by the licence (206)
    Truncated,
    /// The first URL of its file has expired
    Expired,
    /// The connection ends in the middle of its file
    Cut,
    /// Its file ends in the middle, as if that were all
    Short,
}

fn saved_query(text: &str) -> Result<(String, String), String> {
    let wrong =
        || "the id of a query, an equals sign and the beginning of names, such as #stale_devices=OLD-".to_owned();
    let (id, prefix) = text.split_once('=').ok_or_else(wrong)?;
    nexthink_nql::QueryId::new(id).map_err(|error| error.to_string())?;
    Ok((id.to_owned(), prefix.to_owned()))
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
