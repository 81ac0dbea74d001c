//! Nexthink: a device is a uid and a name, and both are sent.

use std::borrow::Cow;

use uuid::Uuid;

use crate::model::UidValidation;
use crate::rules::blank::is_blank;
use crate::rules::service_rules::{Malformed, Rules, Sent, UidKey};
use crate::rules::skip_reasons::{BLANK_NAME, BLANK_UID, BLANK_UID_AND_NAME};

#[derive(Debug)]
pub(crate) struct Nexthink;

impl Rules for Nexthink {
    /// Equal UUIDs in whatever spelling, else the exact text.
    fn key<'a>(&self, uid: &'a str) -> UidKey<'a> {
        match Uuid::try_parse(uid) {
            Ok(uuid) => UidKey::Uuid(uuid.into_bytes()),
            Err(_) => UidKey::Text(Cow::Borrowed(uid)),
        }
    }

    /// Canonical: 8-4-4-4-12 hexadecimal, in either case. Braces, `urn:uuid:` and no dashes are malformed.
    fn is_well_formed(&self, uid: &str) -> bool {
        uid.len() == 36
            && uid.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    }

    fn is_nil(&self, uid: &str) -> bool {
        Uuid::try_parse(uid.trim()).is_ok_and(|uuid| uuid.is_nil())
    }

    fn malformed(&self, validation: UidValidation) -> Malformed {
        match validation {
            UidValidation::Strict => Malformed::Refuses,
            UidValidation::Warn => Malformed::IsTold,
            UidValidation::Permissive => Malformed::IsIgnored,
        }
    }

    /// One blank makes the service refuse the whole batch.
    fn blank(&self, uid: &str, name: &str) -> Option<&'static str> {
        match (is_blank(uid), is_blank(name)) {
            (true, true) => Some(BLANK_UID_AND_NAME),
            (true, false) => Some(BLANK_UID),
            (false, true) => Some(BLANK_NAME),
            (false, false) => None,
        }
    }

    fn sent(&self) -> Sent {
        Sent::Whole
    }

    fn agree(&self, name: &str, other: &str) -> bool {
        name == other
    }

    fn spellings<'a>(&self, entry: &'a str) -> Vec<&'a str> {
        vec![entry]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "0F8FAD5B-d9cb-469f-a165-70867728950e";

    #[test]
    fn only_the_canonical_form_is_well_formed() {
        for (uid, well_formed) in [
            (UUID, true),
            ("0f8fad5b-d9cb-469f-a165-70867728950e", true),
            ("00000000-0000-0000-0000-000000000000", true),
            ("{0f8fad5b-d9cb-469f-a165-70867728950e}", false),
            ("urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", false),
            ("0f8fad5bd9cb469fa16570867728950e", false),
            (" 0f8fad5b-d9cb-469f-a165-70867728950e", false),
            ("0f8fad5b-d9cb-469f-a165-70867728950", false),
            ("0f8fad5b-d9cb-469f-a165-70867728950g", false),
            ("0f8fad5bd-9cb-469f-a165-70867728950e", false),
            ("0f8fad5b-d9cb-469f-a165-70867728950é", false),
            ("0f8fad5b-d9cb-469f-a165-7086772895é", false),
            ("", false),
        ] {
            assert_eq!(Nexthink.is_well_formed(uid), well_formed, "{uid:?}");
        }
    }

    #[test]
    fn uids_are_the_same_as_uuids_or_as_text() {
        for (left, right, same) in [
            (UUID, "0f8fad5b-d9cb-469f-a165-70867728950e", true),
            (UUID, "{0f8fad5b-d9cb-469f-a165-70867728950e}", true),
            (UUID, "0f8fad5bd9cb469fa16570867728950e", true),
            (UUID, "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e", true),
            (UUID, "0f8fad5b-d9cb-469f-a165-70867728950f", false),
            (UUID, " 0f8fad5b-d9cb-469f-a165-70867728950e", false),
            ("laptop-1", "laptop-1", true),
            ("laptop-1", "LAPTOP-1", false),
            ("laptop-1", "laptop-1 ", false),
        ] {
            assert_eq!(Nexthink.key(left) == Nexthink.key(right), same, "{left:?} {right:?}");
        }
    }

    #[test]
    fn a_blank_row_is_left_out_with_its_reason() {
        for (uid, name, reason) in [
            ("u", "n", None),
            ("", "n", Some(BLANK_UID)),
            (" \t", "n", Some(BLANK_UID)),
            ("\u{a0}", "n", Some(BLANK_UID)),
            ("u", "", Some(BLANK_NAME)),
            ("u", "\r\n", Some(BLANK_NAME)),
            (" ", " ", Some(BLANK_UID_AND_NAME)),
        ] {
            assert_eq!(Nexthink.blank(uid, name), reason, "{uid:?} {name:?}");
            assert!(!Nexthink.needs_resolving(uid, name), "{uid:?} {name:?}");
        }
    }
}
