//! What a verification is, and what it showed of a device.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// What a verification looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationKind {
    /// A fresh export of the inventory.
    Inventory,
    /// The account itself.
    Account,
    /// The result of a query.
    Query,
}

impl VerificationKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Inventory, Self::Account, Self::Query];

    /// Its word in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Account => "account",
            Self::Query => "query",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a verification showed of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SightingKind {
    /// It is not there.
    Gone,
    /// It is there.
    Present,
    /// Its uid is not there, but its name is, with another uid.
    AnotherUid,
    /// There is no evidence either way.
    NotKnown,
}

impl SightingKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gone, Self::Present, Self::AnotherUid, Self::NotKnown];

    /// Its word in the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Present => "present",
            Self::AnotherUid => "another-uid",
            Self::NotKnown => "not-known",
        }
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for SightingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the devices were looked for in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationSource {
    /// What kind of source.
    pub kind: VerificationKind,
    /// The name of the file, the account, or the query, as a person knows it.
    pub source: String,
    /// SHA-256 of the file, in lowercase hexadecimal.
    pub sha256: Option<String>,
    /// How many rows or devices it had, if that is known.
    pub listed: Option<u64>,
}

/// A verification that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationRecord {
    /// Its number, from 1.
    pub verification: u64,
    /// When it was kept.
    pub at: Timestamp,
    /// The person's account.
    pub who: String,
    /// The machine.
    pub host: String,
    /// What the devices were looked for in.
    pub source: VerificationSource,
    /// How many devices were looked for. More than the sum of the four counts if it was interrupted.
    pub looked_for: u64,
    /// How many were gone.
    pub gone: u64,
    /// How many were there.
    pub present: u64,
    /// How many were not there by uid, but by name.
    pub another_uid: u64,
    /// Of how many it was not known.
    pub not_known: u64,
}

impl VerificationRecord {
    /// The number of devices that were looked for and not reached before it was interrupted.
    #[must_use]
    pub const fn not_reached(&self) -> u64 {
        self.looked_for
            .saturating_sub(self.gone + self.present + self.another_uid + self.not_known)
    }
}

/// In which verification something was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenIn {
    /// The number of the verification.
    pub verification: u64,
    /// When it was kept.
    pub at: Timestamp,
    /// What kind of source it looked at.
    pub kind: VerificationKind,
    /// The name of the source.
    pub source: String,
}

/// What the latest verification that reached a device showed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSighting {
    /// What it showed.
    pub found: SightingKind,
    /// Where it was found instead, or why it is not known.
    pub detail: Option<String>,
    /// Which verification that is.
    pub seen_in: Arc<SeenIn>,
    /// The latest verification in which the device was gone, this one included.
    pub last_gone: Option<Arc<SeenIn>>,
}

impl LastSighting {
    /// Whether the device is there after it was gone in an earlier verification.
    #[must_use]
    pub const fn came_back(&self) -> bool {
        matches!(self.found, SightingKind::Present) && self.last_gone.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for kind in SightingKind::ALL {
            assert_eq!(SightingKind::named(kind.as_str()), Some(kind));
        }
        for kind in VerificationKind::ALL {
            assert_eq!(VerificationKind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(SightingKind::named("another_uid"), None);
        assert_eq!(VerificationKind::named(""), None);
    }

    #[test]
    fn only_a_device_that_is_there_after_it_was_gone_came_back() {
        let seen_in = |verification| {
            Arc::new(SeenIn {
                verification,
                at: Timestamp::UNIX_EPOCH,
                kind: VerificationKind::Inventory,
                source: "fresh.csv".to_owned(),
            })
        };
        for (found, last_gone, expected) in [
            (SightingKind::Present, None, false),
            (SightingKind::Present, Some(1), true),
            (SightingKind::Gone, Some(2), false),
            (SightingKind::AnotherUid, Some(1), false),
            (SightingKind::NotKnown, Some(1), false),
        ] {
            let sighting = LastSighting {
                found,
                detail: None,
                seen_in: seen_in(2),
                last_gone: last_gone.map(seen_in),
            };
            assert_eq!(sighting.came_back(), expected, "{found} {last_gone:?}");
        }
    }
}
