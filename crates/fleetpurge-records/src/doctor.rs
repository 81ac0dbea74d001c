//! What `doctor` has found.

use schemars::JsonSchema;
use serde::Serialize;

/// What the setup of an account looks like: `doctor --format json`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Doctor {
    /// Which service.
    pub service: &'static str,
    /// Who is addressed; null if that is not known.
    pub tenant: Option<String>,
    /// The URL of the API; null if that is not known.
    pub base_url: Option<String>,
    /// The URL of the token endpoint; null if the service has none of its own, or if that is not known.
    pub token_url: Option<String>,
    /// How many checks found something wrong.
    pub wrong: u64,
    /// How many checks found something to look at.
    pub warnings: u64,
    /// How many checks could not be made.
    pub not_checked: u64,
    /// The checks, in the order in which they were made.
    pub checks: Vec<DoctorCheck>,
}

/// One check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DoctorCheck {
    /// What was checked.
    pub check: CheckName,
    /// The host, as `host:port`, if the check is of one; null otherwise.
    pub host: Option<String>,
    /// What came of it.
    pub verdict: CheckVerdict,
    /// What was found, for a person.
    pub found: String,
    /// What to do, for a person; null if there is nothing to do.
    pub advice: Option<String>,
}

/// What is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// The configuration file, the profile, and the address.
    Configuration,
    /// Whether credentials are given.
    Credentials,
    /// Whether a proxy is used for the host.
    Proxy,
    /// Whether the name of the host, or of its proxy, resolves.
    Dns,
    /// Whether the host accepts a connection.
    Connection,
    /// Whether the certificate of the host is trusted.
    Tls,
    /// Whether this machine's clock agrees with the host's.
    Clock,
    /// Whether there is a token that works.
    Token,
    /// Whether the token may delete devices.
    Permission,
    /// Whether the saved query can be run, and lists what a plan needs.
    Query,
}

impl CheckName {
    /// The word of the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Credentials => "credentials",
            Self::Proxy => "proxy",
            Self::Dns => "dns",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::Clock => "clock",
            Self::Token => "token",
            Self::Permission => "permission",
            Self::Query => "query",
        }
    }
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// As it should be.
    Ok,
    /// It may be as it should be: look at it.
    Warning,
    /// `apply` would fail, or would record wrong times.
    Wrong,
    /// It could not be checked.
    NotChecked,
}
