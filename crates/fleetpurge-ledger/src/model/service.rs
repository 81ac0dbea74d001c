//! The service that holds the inventory, and what it calls the two texts of a row.

use std::fmt;
use std::str::FromStr;

/// The service that holds the inventory. It determines what the two texts of a row are, and the rules of planning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// A device is a uid and a name, and both are sent.
    Nexthink,
    /// A device is an id, and only that is sent; its label takes the place of the name.
    Ubidots,
}

impl Service {
    /// Both services.
    pub const ALL: [Self; 2] = [Self::Nexthink, Self::Ubidots];

    /// Its name in the ledger and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nexthink => "nexthink",
            Self::Ubidots => "ubidots",
        }
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
    /// What the column `uid` of the ledger holds.
    pub uid: &'static str,
    /// What the column `name` of the ledger holds.
    pub name: &'static str,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is not one of `nexthink`, `ubidots`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of nexthink, ubidots")]
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
