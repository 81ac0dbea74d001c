//! Why a reply that arrived cannot be used.

use std::fmt;

/// Why; `Display` follows the words "a reply that".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// The connection ended before the body did.
    Cut,
    /// The time was up before the body ended.
    Late,
    /// It is longer than what is read.
    OverLimit,
    /// It was read, and is not what it should be: not valid HTTP, in an unknown encoding, not JSON, without a field.
    Unreadable(String),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("is cut short"),
            Self::Late => f.write_str("did not arrive completely in time"),
            Self::OverLimit => f.write_str("is longer than the limit"),
            Self::Unreadable(why) => f.write_str(why),
        }
    }
}
