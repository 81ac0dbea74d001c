//! What a plan is, and what its settings were.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// The service that holds the inventory. It decides what the two texts of a row are, and by which rules they are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// A device is a uid and a name, and both are sent.
    Nexthink,
    /// A device is an id, which alone is sent; the label that it was found by, or that stood beside it, is its name.
    Ubidots,
}

impl Service {
    /// Both, in the order of this page.
    pub const ALL: [Self; 2] = [Self::Nexthink, Self::Ubidots];

    /// The word for it in the ledger and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nexthink => "nexthink",
            Self::Ubidots => "ubidots",
        }
    }

    /// What the uids of one device have in common, however they are written: by these, planning knows repeats.
    #[must_use]
    pub fn uid_key(self, uid: &str) -> String {
        self.rules().key(uid).spelled().into_owned()
    }

    /// What the service calls the two texts of a row, for messages.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Self::Nexthink => Words {
                uid: "uid",
                name: "name",
            },
            Self::Ubidots => Words {
                uid: "id",
                name: "label",
            },
        }
    }
}

/// What a service calls the two texts of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// What stands in the column `uid` of the ledger.
    pub uid: &'static str,
    /// What stands in the column `name` of the ledger.
    pub name: &'static str,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is none of `nexthink`, `ubidots`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of nexthink, ubidots")]
pub struct NotAService(pub String);

impl FromStr for Service {
    type Err = NotAService;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|service| service.as_str() == word)
            .ok_or_else(|| NotAService(word.to_owned()))
    }
}

/// How a uid that is not canonical 8-4-4-4-12 hexadecimal is taken at planning.
///
/// An id of Ubidots that is not 24 hexadecimal digits refuses the plan whatever this says: it could never be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UidValidation {
    /// It refuses the plan.
    Strict,
    /// It is counted and shown; it will be sent as it is.
    #[default]
    Warn,
    /// It is not looked at.
    Permissive,
}

impl UidValidation {
    /// The word for it in the ledger and on the command line.
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

/// The word is none of `strict`, `warn`, `permissive`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of strict, warn, permissive")]
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

/// What a plan is made for. All of it is frozen with the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSettings {
    /// Which service.
    pub service: Service,
    /// Who is addressed, as a person confirms it: the instance, or `host:port` of a base URL.
    pub tenant: String,
    /// The service's instance, where it has such.
    pub instance: Option<String>,
    /// The service's region, where it has such.
    pub region: Option<String>,
    /// Where deletions are asked for.
    pub base_url: String,
    /// Where the token comes from, where the service has such.
    pub token_url: Option<String>,
    /// How malformed uids are taken.
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
}

/// A frozen plan, without its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it was made for.
    pub settings: PlanSettings,
    /// How many rows the inputs had.
    pub planned: u64,
    /// How many of them are left out, each with its reason.
    pub skipped: u64,
    /// When it was frozen.
    pub created_at: Timestamp,
    /// SHA-256 over the settings, the sources and every row, in lowercase hexadecimal.
    pub digest: String,
    /// The inputs, in order.
    pub sources: Vec<Source>,
}

impl Plan {
    /// How many devices the plan may send: `planned` less `skipped`.
    #[must_use]
    pub const fn to_send(&self) -> u64 {
        self.planned.saturating_sub(self.skipped)
    }
}

/// What a plan came to when it was frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSummary {
    /// The plan.
    pub plan: Plan,
    /// Rows left out because they repeat an earlier one.
    pub repeats: u64,
    /// Rows left out because uid or name is blank; of Ubidots, because id and label are.
    pub blanks: u64,
    /// Rows left out because they are commented out.
    pub commented_out: u64,
    /// Rows left out because their device is commented out in another row.
    pub recalled: u64,
    /// Rows left out because they match a protected device.
    pub protected: u64,
    /// What the protect lists came to, list by list, and which of their entries protect no row.
    pub protection: crate::draft::Protection,
    /// Rows left out because their uid has more than one name (only with [`Conflicts::Skip`](crate::draft::Conflicts)).
    pub conflicting: u64,
    /// Rows left out because the list of the account shows no device with their label.
    pub unknown_labels: u64,
    /// Rows left out because more than one device has their label (only with
    /// [`Conflicts::Skip`](crate::draft::Conflicts)).
    pub ambiguous: u64,
    /// Devices to send whose uid is malformed; zero unless validation is [`UidValidation::Warn`], and for Ubidots.
    pub malformed: u64,
    /// The first few of them.
    pub malformed_first: Vec<crate::draft::RowAt>,
}
