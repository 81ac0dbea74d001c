//! Arguments of `apply`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use fleetpurge_engine::Rate;
use fleetpurge_records::MOST_SECONDS;

use super::concurrency::Concurrency;
use super::{CredentialArgs, ProfileArgs};

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The plan file
    #[arg(value_parser = super::file_name::plan())]
    pub(crate) plan: PathBuf,

    /// Confirm without a prompt: TENANT/COUNT, e.g. acme/1250. COUNT is the number of devices that may be sent
    #[arg(long, value_name = "TENANT/COUNT")]
    pub(crate) confirm: Option<String>,

    /// Say what would be sent, and send nothing: asks for no confirmation, needs no credentials, opens no connection and
    /// changes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Refuse a plan that is older, e.g. 12h or 30d: devices may have come back since
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = super::age::parse)]
    pub(crate) max_age: Duration,

    /// Apply the plan although it is older than --max-age, or its age is not known
    #[arg(long)]
    pub(crate) stale_ok: bool,

    /// Send at most N devices, then stop, e.g. one device first
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroU64>,

    /// Also send the devices again that had this outcome in an earlier run
    #[arg(long, value_enum, value_delimiter = ',', value_name = "OUTCOMES")]
    pub(crate) retry: Vec<RetryKind>,

    /// Also send the unknown devices again. The service may already have acted on them
    #[arg(long)]
    pub(crate) resend_unknown: bool,

    /// Refuse unless a complete backup of this plan has every device that may be sent (`fleetpurge backup PLAN`)
    #[arg(long)]
    pub(crate) require_backup: bool,

    /// The backup did not find exactly N of these devices, and they are known to be gone: send them without a backup
    #[arg(long, value_name = "N", requires = "require_backup")]
    pub(crate) accept_missing: Option<u64>,

    /// The maximum number of concurrent requests. With 4, a service that takes 20 ms answers at most 200 requests per
    /// second, and with 32 eight times as many. auto: as many as make it faster, up to 128
    #[arg(long, value_name = "N|auto", default_value = "4", help_heading = "Pace")]
    pub(crate) concurrency: Concurrency,

    /// Send at most this many requests per second [default: as many as the service takes]
    #[arg(long, value_name = "R", value_parser = rate, help_heading = "Pace")]
    pub(crate) rate: Option<Rate>,

    /// The time limit of one request
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Pace")]
    pub(crate) timeout: u64,

    /// The longest wait that the service may ask for; the run stops if it asks for more. So long a database is waited for, too
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = clap::value_parser!(u64).range(0..=MOST_SECONDS), help_heading = "Pace")]
    pub(crate) max_wait: u64,

    /// Of a plan in a database: after how long without a word from this apply another may take over its devices
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Pace")]
    pub(crate) lease: u64,

    #[command(flatten)]
    pub(crate) credentials: CredentialArgs,

    /// The token endpoint of the plan, repeated as a confirmation if it is on another host than the API
    #[arg(long, value_name = "URL", help_heading = "Credentials")]
    pub(crate) token_url: Option<String>,

    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
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

pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds @ 1..=MOST_SECONDS) => Ok(seconds),
        _ => Err("a whole number of seconds, 1 or more".to_owned()),
    }
}

pub(crate) fn rate(text: &str) -> Result<Rate, String> {
    text.parse()
        .map_err(|_| format!("a number of requests per second, {} or more", Rate::LEAST))
}
