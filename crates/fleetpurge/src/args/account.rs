//! Arguments of the commands that read a Ubidots account: `select`, `backup` and `verify`.

use std::path::PathBuf;

use clap::Args;
use fleetpurge_engine::Rate;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use ubidots_devices::Filter;

use super::apply::{rate, seconds};
use super::plan::Service;
use super::{AddressArgs, BrakeArgs, CredentialArgs, ProfileArgs, QueryArgs};

/// How the account is read.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Start at most this many requests per second: Ubidots documents 4 for a token
    #[arg(long, value_name = "R", value_parser = rate, default_value = "4", help_heading = "Pace")]
    pub(crate) rate: Rate,

    /// The time limit of one request
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, help_heading = "Pace")]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
#[group(id = "filters", required = true, multiple = true,
        args = ["inactive_since", "never_active", "label_prefix", "tag", "all", "query"])]
pub(crate) struct SelectArgs {
    /// The service that holds the inventory. Nexthink lists devices by a saved query alone: --query
    #[arg(long, value_enum, help_heading = "Tenant")]
    pub(crate) service: Option<Service>,

    #[command(flatten)]
    pub(crate) address: AddressArgs,

    #[command(flatten)]
    pub(crate) query: QueryArgs,

    #[command(flatten)]
    pub(crate) brake: BrakeArgs,

    #[command(flatten)]
    pub(crate) credentials: CredentialArgs,

    /// Devices whose last activity was before this date (2026-01-31), this time (2026-01-31T12:00:00Z), or so long ago
    /// (90d, 6mo). Devices that never sent anything are not included
    #[arg(long, value_name = "WHEN", value_parser = moment, conflicts_with = "query", help_heading = "Which devices")]
    pub(crate) inactive_since: Option<Timestamp>,

    /// Devices that never sent anything; with --inactive-since, these as well
    #[arg(long, conflicts_with = "query", help_heading = "Which devices")]
    pub(crate) never_active: bool,

    /// Devices whose label begins with this text (case-sensitive)
    #[arg(long, value_name = "PREFIX", value_parser = label_prefix, conflicts_with = "query", help_heading = "Which devices")]
    pub(crate) label_prefix: Option<String>,

    /// Devices with this tag (case-sensitive). May be repeated, for devices with all of these tags
    #[arg(long, value_name = "TAG", value_parser = tag, conflicts_with = "query", help_heading = "Which devices")]
    pub(crate) tag: Vec<String>,

    /// Every device of the account
    #[arg(long, conflicts_with_all = ["inactive_since", "never_active", "label_prefix", "tag", "query"], help_heading = "Which devices")]
    pub(crate) all: bool,

    /// Write to this file instead of stdout; the file appears when the list is complete
    #[arg(long, value_name = "FILE", value_parser = super::file_name::output())]
    pub(crate) out: Option<PathBuf>,

    /// Replace FILE if it exists. A plan is never replaced
    #[arg(long, requires = "out")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
}

/// A date (its beginning in UTC), a time, or how long ago.
fn moment(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let at = moment_at(text, now).ok_or_else(|| {
        "a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or how long ago, such as 90d or 6mo".to_owned()
    })?;
    alone(now, |filter| filter.inactive_since = Some(at))?;
    Ok(at)
}

fn label_prefix(text: &str) -> Result<String, String> {
    alone(Timestamp::now(), |filter| filter.label_prefix = Some(text.to_owned()))?;
    Ok(text.to_owned())
}

fn tag(text: &str) -> Result<String, String> {
    alone(Timestamp::now(), |filter| filter.tags.push(text.to_owned()))?;
    Ok(text.to_owned())
}

/// Whether the library takes a filter of this condition alone: so that the error names the flag.
fn alone(now: Timestamp, set: impl FnOnce(&mut Filter)) -> Result<(), String> {
    let mut filter = Filter::default();
    set(&mut filter);
    filter.check(now).map_err(|error| error.to_string())
}

fn moment_at(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // A date is not also read as a date with a time of its own zone.
    if let Ok(date) = text.parse::<Date>()
        && text.len() == "2026-01-31".len()
    {
        return Some(DateTime::from(date).to_zoned(TimeZone::UTC).ok()?.timestamp());
    }
    let ago: Span = text.parse().ok()?;
    let then = now.to_zoned(TimeZone::UTC).checked_sub(ago).ok()?.timestamp();
    (ago.is_positive() && then < now).then_some(then)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_date_a_time_or_how_long_ago() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("2026-01-31", Some("2026-01-31T00:00:00Z")),
            ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00Z")),
            ("2026-01-31T12:00:00+01:00", Some("2026-01-31T11:00:00Z")),
            ("90d", Some("2026-08-24T10:00:00Z")),
            ("6mo", Some("2026-05-22T10:00:00Z")),
            ("1y", Some("2025-11-22T10:00:00Z")),
            ("-90d", None),
            ("0d", None),
            ("90", None),
            ("", None),
            ("yesterday", None),
            ("2026-13-01", None),
            // Whose noon?
            ("2026-01-31T12:00:00", None),
        ] {
            let found = moment_at(text, now).map(|at| at.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
