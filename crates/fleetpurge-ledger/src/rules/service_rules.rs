//! What the rules ask of a service.

use std::borrow::Cow;

use crate::model::UidValidation;
use crate::rules::blank::is_blank;
use crate::rules::equality::protect_key;

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
    /// Refuse the plan.
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

    /// Whether the service could hold a device of this uid, in whatever spelling and without its outer space.
    fn is_device(&self, uid: &str) -> bool {
        match self.key(uid.trim()) {
            UidKey::Uuid(uuid) => uuid != [0; 16],
            UidKey::Text(text) => self.is_well_formed(&text) && text.bytes().any(|byte| byte != b'0'),
        }
    }

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
