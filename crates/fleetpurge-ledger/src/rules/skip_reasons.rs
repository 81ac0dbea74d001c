//! The reasons for which a row is skipped, in words. They are part of the frozen plan.

use crate::model::Words;

pub(crate) const BLANK_UID: &str = "the uid is blank";

pub(crate) const BLANK_NAME: &str = "the name is blank";

pub(crate) const BLANK_UID_AND_NAME: &str = "uid and name are blank";

pub(crate) const BLANK_ID_AND_LABEL: &str = "id and label are blank";

pub(crate) const COMMENTED_OUT: &str = "the row is commented out";

pub(crate) const NO_SUCH_LABEL: &str = "the list of the account shows no device with the label";

/// The same in plans of earlier builds.
const NO_SUCH_LABEL_BEFORE: &str = "no device has the label";

/// How the reason of a protected row begins.
pub(crate) const PROTECTED: &str = "protected by ";

/// How the reason of a row begins whose name, or whose device in another row, is excluded.
pub(crate) const EXCLUDED: &str = "left out by --exclude-name ";

/// How the reason of a row begins whose name is not included.
pub(crate) const NOT_INCLUDED: &str = "left out by --include-name ";

/// How many patterns that do not match a reason names.
const PATTERNS_NAMED: usize = 5;

/// How the reason of a row begins whose device is commented out in another.
pub(crate) const RECALLED: &str = "its device is commented out in row ";

/// How a label of several devices begins its reason.
pub(crate) const AMBIGUOUS: &str = "ambiguous: ";

pub(crate) fn repeats(row: u64) -> String {
    format!("repeats row {row}")
}

pub(crate) fn recalled(comment: u64) -> String {
    format!("{RECALLED}{comment}")
}

pub(crate) fn protected(file: &str) -> String {
    format!("{PROTECTED}{file}")
}

pub(crate) fn excluded(pattern: &str) -> String {
    format!("{EXCLUDED}{pattern}")
}

/// The reason of a row whose device is excluded by another row, for that row's reason.
pub(crate) fn excluded_with(reason: &str, row: u64) -> String {
    format!("{reason}, as its device is in row {row}")
}

pub(crate) fn not_included<'p>(patterns: impl ExactSizeIterator<Item = &'p str>) -> String {
    let more = patterns.len().saturating_sub(PATTERNS_NAMED);
    let named: Vec<&str> = patterns.take(PATTERNS_NAMED).collect();
    let mut reason = format!("{NOT_INCLUDED}{}", named.join(", "));
    if more > 0 {
        reason.push_str(&format!(" and {more} more"));
    }
    reason
}

pub(crate) fn conflicting(words: Words, row: u64, other: u64) -> String {
    let Words { uid, name } = words;
    format!("conflict: its {uid} has more than one {name}, see rows {row} and {other}")
}

pub(crate) fn ambiguous(id: &str, other: &str) -> String {
    format!("{AMBIGUOUS}more than one device has the label, {id} and {other} among them")
}

/// Which rule left a row out, by its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Blank,
    CommentedOut,
    Repeat,
    Protected,
    Excluded,
    NotIncluded,
    Conflict,
    NoSuchLabel,
    AmbiguousLabel,
    Recalled,
}

pub(crate) fn rule_of(reason: &str) -> Rule {
    match reason {
        BLANK_UID | BLANK_NAME | BLANK_UID_AND_NAME | BLANK_ID_AND_LABEL => Rule::Blank,
        COMMENTED_OUT => Rule::CommentedOut,
        NO_SUCH_LABEL | NO_SUCH_LABEL_BEFORE => Rule::NoSuchLabel,
        _ if reason.starts_with("repeats row ") => Rule::Repeat,
        _ if reason.starts_with(PROTECTED) => Rule::Protected,
        _ if reason.starts_with(EXCLUDED) => Rule::Excluded,
        _ if reason.starts_with(NOT_INCLUDED) => Rule::NotIncluded,
        _ if reason.starts_with(RECALLED) => Rule::Recalled,
        _ if reason.starts_with(AMBIGUOUS) => Rule::AmbiguousLabel,
        _ => Rule::Conflict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Service;

    #[test]
    fn every_reason_names_its_rule() {
        for (reason, rule) in [
            (BLANK_UID.to_owned(), Rule::Blank),
            (BLANK_NAME.to_owned(), Rule::Blank),
            (BLANK_UID_AND_NAME.to_owned(), Rule::Blank),
            (BLANK_ID_AND_LABEL.to_owned(), Rule::Blank),
            (COMMENTED_OUT.to_owned(), Rule::CommentedOut),
            (repeats(3), Rule::Repeat),
            (protected("keep.txt"), Rule::Protected),
            (excluded("SRV-*"), Rule::Excluded),
            (excluded_with(&excluded("SRV-*"), 3), Rule::Excluded),
            (not_included(["PC-*"; 9].into_iter()), Rule::NotIncluded),
            (conflicting(Service::Nexthink.words(), 3, 7), Rule::Conflict),
            (conflicting(Service::Ubidots.words(), 3, 7), Rule::Conflict),
            (recalled(4), Rule::Recalled),
            (NO_SUCH_LABEL.to_owned(), Rule::NoSuchLabel),
            (NO_SUCH_LABEL_BEFORE.to_owned(), Rule::NoSuchLabel),
            (ambiguous("a", "b"), Rule::AmbiguousLabel),
        ] {
            assert_eq!(rule_of(&reason), rule, "{reason}");
        }
    }
}
