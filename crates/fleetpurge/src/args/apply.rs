//! Arguments of `apply`.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Confirm without being asked: TENANT/COUNT, e.g. acme/1250, COUNT being the devices that may be sent
    #[arg(long, value_name = "TENANT/COUNT")]
    pub(crate) confirm: Option<String>,

    /// Send at most N devices, then stop: try one before all
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroU64>,

    /// Send those again too that ended so in an earlier run
    #[arg(long, value_enum, value_delimiter = ',', value_name = "OUTCOMES")]
    pub(crate) retry: Vec<RetryKind>,

    /// Send the unknown again too. The service may have acted on them already
    #[arg(long)]
    pub(crate) resend_unknown: bool,

    /// Refuse unless a whole backup of this plan has every device that may be sent (`fleetpurge backup PLAN`)
    #[arg(long)]
    pub(crate) require_backup: bool,

    /// How many requests may be open at a time
    #[arg(long, value_name = "N", default_value = "4", help_heading = "Pace")]
    pub(crate) concurrency: NonZeroUsize,

    /// Send at most this many requests per second [default: as many as the service takes]
    #[arg(long, value_name = "R", value_parser = rate, help_heading = "Pace")]
    pub(crate) rate: Option<f64>,

    /// How long one request may take
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Pace")]
    pub(crate) timeout: u64,

    /// How long the service may make us wait before the run stops
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = clap::value_parser!(u64).range(0..=MOST_SECONDS), help_heading = "Pace")]
    pub(crate) max_wait: u64,

    /// A file that holds the client secret. Only you may have access to it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "client_secret_command",
        help_heading = "Credentials"
    )]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// A command that prints the client secret, run by the shell
    #[arg(long, value_name = "COMMAND", help_heading = "Credentials")]
    pub(crate) client_secret_command: Option<String>,

    /// The token endpoint, again, where the plan names one on a host of its own
    #[arg(long, value_name = "URL", help_heading = "Credentials")]
    pub(crate) token_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RetryKind {
    Failed,
    Rejected,
}

impl RetryKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }
}

/// Ten years: more is a slip, and would overflow a clock.
const MOST_SECONDS: u64 = 10 * 365 * 24 * 3600;

pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds @ 1..=MOST_SECONDS) => Ok(seconds),
        _ => Err("a whole number of seconds, 1 or more".to_owned()),
    }
}

pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate >= 0.001 => Ok(rate),
        _ => Err("a number of requests per second, 0.001 or more".to_owned()),
    }
}
