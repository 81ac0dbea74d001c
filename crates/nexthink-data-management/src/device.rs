//! A device, and how its UID is checked before it is sent.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use fleetpurge_http::error::Error;

/// One device of the inventory. Both fields are sent character for character as they are here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Device {
    /// The UID as the Nexthink Collector reports it: a UUID.
    pub uid: String,
    /// The name as the Nexthink Collector reports it. Not blank.
    pub name: String,
}

impl Device {
    /// A device of this UID and name; neither is checked here.
    pub fn new(uid: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            uid: uid.into(),
            name: name.into(),
        }
    }

    /// Whether the UID is a UUID in its canonical form: 8-4-4-4-12 hexadecimal digits, in either case.
    #[must_use]
    pub fn has_canonical_uid(&self) -> bool {
        canonical(&self.uid).is_some()
    }

    /// Why the service would refuse a whole batch for this device's sake, if it would.
    pub(crate) fn blank_field(&self) -> Option<&'static str> {
        if self.uid.trim().is_empty() {
            Some("uid")
        } else if self.name.trim().is_empty() {
            Some("name")
        } else {
            None
        }
    }
}

impl<U: Into<String>, N: Into<String>> From<(U, N)> for Device {
    /// `(uid, name)`.
    fn from((uid, name): (U, N)) -> Self {
        Self::new(uid, name)
    }
}

/// The UUID of a UID in canonical form.
pub(crate) fn canonical(uid: &str) -> Option<Uuid> {
    // 36 bytes leave only the hyphenated form: braces, `urn:uuid:` and bare digits are longer or shorter.
    (uid.len() == 36).then(|| Uuid::try_parse(uid).ok()).flatten()
}

/// What makes two UIDs the same device: equal UUIDs, or equal characters where they are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum UidKey<'a> {
    Uuid(Uuid),
    Text(&'a str),
}

impl<'a> UidKey<'a> {
    pub(crate) fn of(uid: &'a str) -> Self {
        canonical(uid).map_or(Self::Text(uid), Self::Uuid)
    }
}

/// What happens to a UID that is not a UUID in canonical form, before anything is sent.
///
/// The service answers such an entry with INVALID and goes on with the rest of the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum UidValidation {
    /// It is refused; nothing is sent.
    Strict,
    /// It is logged as a warning, and sent.
    #[default]
    Warn,
    /// It is sent.
    Permissive,
}

impl UidValidation {
    /// The word for it in settings and in the ledger.
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

impl FromStr for UidValidation {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        [Self::Strict, Self::Warn, Self::Permissive]
            .into_iter()
            .find(|mode| mode.as_str() == word)
            .ok_or_else(|| {
                Error::configuration(format!(
                    "{word:?} is not a UID validation mode: use strict, warn or permissive"
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_canonical() {
        let table = [
            ("a36f0a3c-9e2b-4b6f-8a57-0d8f6f8f2b11", true),
            ("A36F0A3C-9E2B-4B6F-8A57-0D8F6F8F2B11", true),
            ("00000000-0000-0000-0000-000000000000", true),
            ("a36f0a3c9e2b4b6f8a570d8f6f8f2b11", false),
            ("{a36f0a3c-9e2b-4b6f-8a57-0d8f6f8f2b11}", false),
            ("urn:uuid:a36f0a3c-9e2b-4b6f-8a57-0d8f6f8f2b11", false),
            (" a36f0a3c-9e2b-4b6f-8a57-0d8f6f8f2b11", false),
            ("1-2345678123-4b6f-8a57-0d8f6f8f2b1111", false),
            ("a36f0a3c-9e2b-4b6f-8a57-0d8f6f8f2b1g", false),
            ("a36f0a3c-9e2b4-b6f-8a57-0d8f6f8f2b11", false),
            ("", false),
        ];
        for (uid, expected) in table {
            assert_eq!(Device::new(uid, "x").has_canonical_uid(), expected, "{uid:?}");
        }
    }

    #[test]
    fn a_uid_is_the_same_device_in_either_case_and_no_other() {
        let lower = UidKey::of("a36f0a3c-9e2b-4b6f-8a57-0d8f6f8f2b11");
        assert_eq!(lower, UidKey::of("A36F0A3C-9E2B-4B6F-8A57-0D8F6F8F2B11"));
        assert_ne!(lower, UidKey::of("a36f0a3c9e2b4b6f8a570d8f6f8f2b11"));
        assert_ne!(UidKey::of("x"), UidKey::of("X"));
    }

    #[test]
    fn a_blank_field_is_named_the_uid_first() {
        for (uid, name, blank) in [
            ("u", "n", None),
            ("", "n", Some("uid")),
            (" \t", "", Some("uid")),
            ("u", "\u{a0}", Some("name")),
        ] {
            assert_eq!(Device::new(uid, name).blank_field(), blank, "{uid:?} {name:?}");
        }
    }

    #[test]
    fn the_words_of_the_uid_check_are_read_as_they_are_written() {
        let table = [
            ("strict", UidValidation::Strict),
            ("warn", UidValidation::Warn),
            ("permissive", UidValidation::Permissive),
        ];
        for (word, mode) in table {
            assert_eq!(mode.to_string(), word);
            assert_eq!(word.parse::<UidValidation>().unwrap(), mode);
        }
        let error = "lax".parse::<UidValidation>().unwrap_err().to_string();
        assert!(error.contains("\"lax\" is not a UID validation mode"), "{error}");
    }
}
