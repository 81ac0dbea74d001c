//! The rules of planning: which rows are skipped, and why. Pure.
//!
//! | module | question it answers |
//! |---|---|
//! | `nexthink`, `ubidots` | what makes two rows one device, and which rows can never be sent? |
//! | `kin` | how does a row relate to those before it? |
//! | `same` | when are an entry of a protect list and a text of a row equal, or nearly equal? |
//! | `pattern` | which texts does a protected `SRV-*` match? |
//! | `reason` | why is a row skipped, and by which rule? |

mod kin;
mod nexthink;
mod pattern;
mod reason;
mod same;
mod ubidots;

use std::borrow::Cow;

pub(crate) use kin::{Kin, Kinship};
pub(crate) use pattern::{Face, InvalidPattern, Pattern};
pub(crate) use reason::{
    AMBIGUOUS, COMMENTED_OUT, NO_SUCH_LABEL, PROTECTED, Rule, ambiguous, conflicting, protected, repeats, rule_of,
};
pub(crate) use same::{name_key, protect_key, skeleton};

use crate::plan::{Service, UidValidation};

/// What makes two uids the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UidKey<'a> {
    /// Equal UUIDs in whatever spelling.
    Uuid([u8; 16]),
    /// The exact text.
    Text(Cow<'a, str>),
}

impl UidKey<'_> {
    /// The uid as a text that has one spelling.
    pub(crate) fn spelled(&self) -> Cow<'_, str> {
        match self {
            Self::Uuid(uuid) => Cow::Owned(uuid::Uuid::from_bytes(*uuid).to_string()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// What a malformed uid does to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It refuses the plan.
    Refuses,
    /// It is counted and shown.
    IsTold,
    /// It is not looked at.
    IsIgnored,
}

/// How rows are sent: what a row without a uid is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// By uid and name: without either it cannot be sent.
    Whole,
    /// By id alone, which its label is resolved to; an id needs no label.
    ById,
}

/// The rules of one service.
pub(crate) trait Rules: Sync {
    /// What makes two uids the same.
    fn key<'a>(&self, uid: &'a str) -> UidKey<'a>;

    /// Whether the service would know what is meant.
    fn is_well_formed(&self, uid: &str) -> bool;

    /// Whether the uid is all zeros, which no device has.
    fn is_nil(&self, uid: &str) -> bool;

    /// What a uid does to the plan that is not well formed.
    fn malformed(&self, validation: UidValidation) -> Malformed;

    /// Why a row is left out before it is compared with any other.
    fn blank(&self, uid: &str, name: &str) -> Option<&'static str>;

    /// What of a row is sent.
    fn sent(&self) -> Sent;

    /// Whether two rows of one uid say the same of its name.
    fn agree(&self, name: &str, other: &str) -> bool;

    /// The uids, names and patterns that an entry of a protect list may mean: each of them protects.
    fn spellings<'a>(&self, entry: &'a str) -> Vec<&'a str>;

    /// What an entry of a protect list protects: rows with one of these keys as their uid or name.
    fn protects(&self, entry: &str) -> Vec<String> {
        let mut keys: Vec<String> = self.spellings(entry).into_iter().map(protect_key).collect();
        keys.retain(|key| !key.is_empty());
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether a row can only be sent once its name was resolved to a uid.
    fn needs_resolving(&self, uid: &str, name: &str) -> bool {
        self.sent() == Sent::ById && is_blank(uid) && !is_blank(name)
    }
}

impl Service {
    pub(crate) fn rules(self) -> &'static dyn Rules {
        match self {
            Self::Nexthink => &nexthink::Nexthink,
            Self::Ubidots => &ubidots::Ubidots,
        }
    }
}

pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}
