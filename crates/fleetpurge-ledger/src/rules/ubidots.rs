//! Ubidots: a device is an id, and only that is sent.
//!
//! People know a device by its label, and its data is sent to the label. A device that still sends data is created
//! again under its label, with another id, so a deletion by label could delete a device that was not reviewed.

use std::borrow::Cow;

use crate::model::UidValidation;
use crate::rules::blank::is_blank;
use crate::rules::equality::trimmed;
use crate::rules::service_rules::{Malformed, Rules, Sent, UidKey};
use crate::rules::skip_reasons::BLANK_ID_AND_LABEL;

/// How many hexadecimal digits an id has.
const ID_LEN: usize = 24;

#[derive(Debug)]
pub(crate) struct Ubidots;

impl Rules for Ubidots {
    /// Equal ids in either case, else the exact text.
    fn key<'a>(&self, id: &'a str) -> UidKey<'a> {
        UidKey::Text(
            if self.is_well_formed(id) && id.bytes().any(|byte| byte.is_ascii_uppercase()) {
                Cow::Owned(id.to_ascii_lowercase())
            } else {
                Cow::Borrowed(id)
            },
        )
    }

    /// 24 hexadecimal digits, in either case.
    fn is_well_formed(&self, id: &str) -> bool {
        id.len() == ID_LEN && id.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    fn is_nil(&self, id: &str) -> bool {
        self.is_well_formed(id) && id.bytes().all(|byte| byte == b'0')
    }

    /// It could never be sent, whatever a person would have done about it.
    fn malformed(&self, _: UidValidation) -> Malformed {
        Malformed::Refuses
    }

    fn blank(&self, id: &str, label: &str) -> Option<&'static str> {
        (is_blank(id) && is_blank(label)).then_some(BLANK_ID_AND_LABEL)
    }

    fn sent(&self) -> Sent {
        Sent::ById
    }

    /// A row without a label says nothing of it.
    fn agree(&self, label: &str, other: &str) -> bool {
        label == other || is_blank(label) || is_blank(other)
    }

    /// Also what the bulk deletion takes for a device, `~label` and `{"id":"..."}`, and every id within the entry: a
    /// list that was made for that endpoint must not protect nothing.
    fn spellings<'a>(&self, entry: &'a str) -> Vec<&'a str> {
        let entry = trimmed(entry);
        let ids = entry
            .split(|character: char| !character.is_ascii_hexdigit())
            .filter(|digits| digits.len() == ID_LEN);
        [Some(entry), entry.strip_prefix('~')]
            .into_iter()
            .flatten()
            .chain(ids)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "5f1d7f4e4763e75a1b2c3d4e";
    const SHOUTED: &str = "5F1D7F4E4763E75A1B2C3D4E";

    #[test]
    fn an_id_is_24_hexadecimal_digits_in_either_case() {
        for (id, well_formed) in [
            (ID, true),
            (SHOUTED, true),
            ("5f1d7f4e4763e75a1b2c3d4", false),
            ("5f1d7f4e4763e75a1b2c3d4e0", false),
            ("5f1d7f4e4763e75a1b2c3d4g", false),
            (" 5f1d7f4e4763e75a1b2c3d4", false),
            ("5f1d7f4e4763e75a1b2c3dé", false),
            ("~pump-1", false),
            ("", false),
        ] {
            assert_eq!(Ubidots.is_well_formed(id), well_formed, "{id:?}");
        }
        for validation in [UidValidation::Strict, UidValidation::Warn, UidValidation::Permissive] {
            assert_eq!(Ubidots.malformed(validation), Malformed::Refuses);
        }
    }

    #[test]
    fn ids_are_the_same_in_either_case_and_nothing_else_is() {
        for (left, right, same) in [
            (ID, SHOUTED, true),
            (ID, "5f1d7f4e4763e75a1b2c3d4f", false),
            ("pump", "PUMP", false),
            ("pump", "pump ", false),
            // A UUID in two spellings is no id, so that nothing is claimed of it.
            (
                "0f8fad5b-d9cb-469f-a165-70867728950e",
                "0F8FAD5B-D9CB-469F-A165-70867728950E",
                false,
            ),
        ] {
            assert_eq!(Ubidots.key(left) == Ubidots.key(right), same, "{left:?} {right:?}");
        }
    }

    #[test]
    fn a_row_without_an_id_is_resolved_and_one_without_both_is_blank() {
        for (id, label, reason, needs_resolving) in [
            (ID, "pump", None, false),
            (ID, "", None, false),
            ("", "pump", None, true),
            (" \t", "pump", None, true),
            ("", "", Some(BLANK_ID_AND_LABEL), false),
            ("\u{a0}", "\r\n", Some(BLANK_ID_AND_LABEL), false),
        ] {
            assert_eq!(Ubidots.blank(id, label), reason, "{id:?} {label:?}");
            assert_eq!(Ubidots.needs_resolving(id, label), needs_resolving, "{id:?} {label:?}");
        }
    }

    #[test]
    fn an_absent_label_contradicts_none() {
        for (left, right, agree) in [
            ("pump", "pump", true),
            ("pump", "", true),
            (" ", "pump", true),
            ("", "", true),
            ("pump", "Pump", false),
            ("pump", "pump ", false),
        ] {
            assert_eq!(Ubidots.agree(left, right), agree, "{left:?} {right:?}");
        }
    }

    #[test]
    fn whatever_the_bulk_deletion_would_take_for_a_device_protects_it() {
        for (entry, keys) in [
            (SHOUTED, vec![ID]),
            (" Pump-1 ", vec!["pump-1"]),
            ("~Pump-1", vec!["pump-1", "~pump-1"]),
            (
                "{\"id\":\"5f1d7f4e4763e75a1b2c3d4e\"}",
                vec![ID, "{\"id\":\"5f1d7f4e4763e75a1b2c3d4e\"}"],
            ),
            ("5f1d7f4e4763e75a1b2c3d4e0", vec!["5f1d7f4e4763e75a1b2c3d4e0"]),
            ("~", vec!["~"]),
            ("~PUMP-*", vec!["pump-*", "~pump-*"]),
            ("\u{feff}~pump", vec!["pump", "~pump"]),
            ("  ", vec![]),
        ] {
            assert_eq!(Ubidots.protects(entry), keys, "{entry:?}");
        }
    }
}
