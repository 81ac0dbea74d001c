//! How far a plan is.

use schemars::JsonSchema;
use serde::Serialize;

/// How far a plan is: `status --format json`. The seven outcomes add up to `planned`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Status<'a> {
    /// Who is addressed, as a person confirms it: the instance, or `host:port` of a base URL.
    pub tenant: &'a str,
    /// All rows of the input.
    pub planned: u64,
    /// Skipped at planning, with the reason.
    pub skipped: u64,
    /// The service queued the deletion.
    pub scheduled: u64,
    /// The service called the uid malformed.
    pub invalid: u64,
    /// The service could not schedule it, and went on saying so.
    pub failed: u64,
    /// The service refused the entry.
    pub rejected: u64,
    /// The service may or may not have acted.
    pub unknown: u64,
    /// Never sent, or certainly not applied.
    pub pending: u64,
    /// The requests that were begun, in all runs.
    pub attempts: u64,
    /// The oddities in replies that were recorded.
    pub anomalies: u64,
}
