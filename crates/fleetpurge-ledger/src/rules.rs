//! The rules of planning: which rows are left out, and why. Pure.

use uuid::Uuid;

/// What makes two uids the same: equal UUIDs in whatever spelling, else the exact text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UidKey<'a> {
    Uuid([u8; 16]),
    Text(&'a str),
}

pub(crate) fn uid_key(uid: &str) -> UidKey<'_> {
    match Uuid::try_parse(uid) {
        Ok(uuid) => UidKey::Uuid(uuid.into_bytes()),
        Err(_) => UidKey::Text(uid),
    }
}

/// Whether a uid is canonical: 8-4-4-4-12 hexadecimal, in either case. Braces, `urn:uuid:` and no dashes are malformed.
pub(crate) fn is_canonical(uid: &str) -> bool {
    uid.len() == 36
        && uid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// What makes a protected entry and a uid or name the same: a match too many is the safe mistake.
pub(crate) fn protect_key(entry: &str) -> String {
    let entry = entry.trim();
    match Uuid::try_parse(entry) {
        Ok(uuid) => uuid.to_string(),
        Err(_) => entry.to_lowercase(),
    }
}

pub(crate) const BLANK_UID: &str = "the uid is blank";
pub(crate) const BLANK_NAME: &str = "the name is blank";
pub(crate) const BLANK_BOTH: &str = "uid and name are blank";

/// Why a row is left out before it is compared with any other: one blank makes the service refuse the whole batch.
pub(crate) fn blank(uid: &str, name: &str) -> Option<&'static str> {
    match (uid.trim().is_empty(), name.trim().is_empty()) {
        (true, true) => Some(BLANK_BOTH),
        (true, false) => Some(BLANK_UID),
        (false, true) => Some(BLANK_NAME),
        (false, false) => None,
    }
}

pub(crate) fn repeats(row: u64) -> String {
    format!("repeats row {row}")
}

pub(crate) fn protected(file: &str) -> String {
    format!("protected by {file}")
}

pub(crate) fn conflicting(row: u64, other: u64) -> String {
    format!("conflict: its uid has more than one name, see rows {row} and {other}")
}

/// Which rule left a row out, by its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Blank,
    Repeat,
    Protected,
    Conflict,
}

pub(crate) fn rule_of(reason: &str) -> Rule {
    match reason {
        BLANK_UID | BLANK_NAME | BLANK_BOTH => Rule::Blank,
        _ if reason.starts_with("repeats row ") => Rule::Repeat,
        _ if reason.starts_with("protected by ") => Rule::Protected,
        _ => Rule::Conflict,
    }
}

/// What a row is to the rows of the same uid before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kinship {
    /// The first of its uid.
    First,
    /// The same uid and name as the first of its uid.
    Repeats(u64),
    /// The same uid and another name than the first: a conflict of the two.
    Conflicts(u64),
}

/// Compares rows that come sorted by uid key, then by row. Holds one row, however many there are.
#[derive(Debug, Default)]
pub(crate) struct Kin {
    first: Option<(Vec<u8>, u64, String)>,
}

impl Kin {
    /// `key` is the uid key as bytes that differ for different keys.
    pub(crate) fn judge(&mut self, key: &[u8], row: u64, name: &str) -> Kinship {
        match &mut self.first {
            Some((first_key, first_row, first_name)) if first_key.as_slice() == key => {
                if first_name == name {
                    Kinship::Repeats(*first_row)
                } else {
                    Kinship::Conflicts(*first_row)
                }
            }
            first => {
                *first = Some((key.to_vec(), row, name.to_owned()));
                Kinship::First
            }
        }
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
            assert_eq!(is_canonical(uid), well_formed, "{uid:?}");
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
            assert_eq!(uid_key(left) == uid_key(right), same, "{left:?} {right:?}");
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
            (" ", " ", Some(BLANK_BOTH)),
        ] {
            assert_eq!(blank(uid, name), reason, "{uid:?} {name:?}");
        }
    }

    #[test]
    fn protection_matches_rather_too_much() {
        for (entry, field, same) in [
            ("SERVER-1", " server-1\t", true),
            ("SERVER-1", "server-11", false),
            ("{0f8fad5b-d9cb-469f-a165-70867728950e}", UUID, true),
            ("ÄRZTE", "ärzte", true),
        ] {
            assert_eq!(protect_key(entry) == protect_key(field), same, "{entry:?} {field:?}");
        }
    }

    #[test]
    fn a_later_row_repeats_the_first_of_its_uid_or_conflicts_with_it() {
        let mut kin = Kin::default();
        for (key, row, name, expected) in [
            ("a", 1, "x", Kinship::First),
            ("a", 4, "x", Kinship::Repeats(1)),
            ("a", 5, "X", Kinship::Conflicts(1)),
            ("a", 6, "x", Kinship::Repeats(1)),
            ("b", 2, "x", Kinship::First),
            ("b", 3, "x ", Kinship::Conflicts(2)),
            ("c", 7, "", Kinship::First),
        ] {
            assert_eq!(kin.judge(key.as_bytes(), row, name), expected, "row {row}");
        }
    }

    #[test]
    fn every_reason_names_its_rule() {
        for (reason, rule) in [
            (BLANK_UID.to_owned(), Rule::Blank),
            (BLANK_NAME.to_owned(), Rule::Blank),
            (BLANK_BOTH.to_owned(), Rule::Blank),
            (repeats(3), Rule::Repeat),
            (protected("keep.txt"), Rule::Protected),
            (conflicting(3, 7), Rule::Conflict),
        ] {
            assert_eq!(rule_of(&reason), rule, "{reason}");
        }
    }
}
