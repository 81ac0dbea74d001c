//! A plan and its settings.

use std::fmt;
use std::str::FromStr;

use fleetpurge_text::Counted;
use jiff::Timestamp;

use crate::model::service::Service;

/// How planning treats a uid that is not canonical 8-4-4-4-12 hexadecimal.
///
/// An id of Ubidots that is not 24 hexadecimal digits always refuses the plan: it could never be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UidValidation {
    /// Refuse the plan.
    Strict,
    /// Count and show it; it is sent as it is.
    #[default]
    Warn,
    /// It is not looked at.
    Permissive,
}

impl UidValidation {
    /// Its name in the ledger and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Warn => "warn",
            Self::Permissive => "permissive",
        }
    }
}

impl fmt::Display for UidValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is not one of `strict`, `warn`, `permissive`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of strict, warn, permissive")]
pub struct NotAValidation(pub String);

impl FromStr for UidValidation {
    type Err = NotAValidation;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Strict, Self::Warn, Self::Permissive]
            .into_iter()
            .find(|validation| validation.as_str() == word)
            .ok_or_else(|| NotAValidation(word.to_owned()))
    }
}

/// The settings of a plan. All of them are frozen with the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSettings {
    /// Which service.
    pub service: Service,
    /// Who is addressed, as a person confirms it: the instance, or `host:port` of a base URL.
    pub tenant: String,
    /// The service's instance, if it has one.
    pub instance: Option<String>,
    /// The service's region, if it has one.
    pub region: Option<String>,
    /// The base URL of the API.
    pub base_url: String,
    /// The token endpoint, if the service has one.
    pub token_url: Option<String>,
    /// How malformed uids are treated.
    pub uid_validation: UidValidation,
    /// A plan that would send more devices is refused.
    pub max_devices: u64,
    /// The version of the tool that plans, for the record.
    pub tool: String,
}

/// One input of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file's name, or `-`.
    pub name: String,
    /// SHA-256 of its bytes, in lowercase hexadecimal.
    pub sha256: String,
    /// The number of its first row in the plan; without rows, that of the next source.
    pub first_row: u64,
    /// How many rows it brought.
    pub rows: u64,
    /// What the [lines](crate::ReportRow::line) of its rows count.
    pub counted: Counted,
}

/// A frozen plan, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it was made for.
    pub settings: PlanSettings,
    /// The number of rows of all inputs.
    pub planned: u64,
    /// The number of skipped rows, each with its reason.
    pub skipped: u64,
    /// When it was frozen.
    pub created_at: Timestamp,
    /// SHA-256 over the settings, the sources and every row, in lowercase hexadecimal.
    pub digest: String,
    /// The inputs, in order.
    pub sources: Vec<Source>,
}

impl Plan {
    /// The number of devices that the plan may send: `planned` minus `skipped`.
    #[must_use]
    pub const fn to_send(&self) -> u64 {
        self.planned.saturating_sub(self.skipped)
    }
}
