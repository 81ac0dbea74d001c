//! The reasons for which a row is skipped, in words. They are part of the frozen plan.

use crate::model::{RowKind, Words};

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

/// Which kind of row has this reason: which rule left it out.
pub(crate) fn kind_of(reason: &str) -> RowKind {
    match reason {
        BLANK_UID | BLANK_NAME | BLANK_UID_AND_NAME | BLANK_ID_AND_LABEL => RowKind::Blank,
        COMMENTED_OUT => RowKind::CommentedOut,
        NO_SUCH_LABEL | NO_SUCH_LABEL_BEFORE => RowKind::UnknownLabel,
        _ if reason.starts_with("repeats row ") => RowKind::Repeat,
        _ if reason.starts_with(PROTECTED) => RowKind::Protected,
        _ if reason.starts_with(EXCLUDED) => RowKind::Excluded,
        _ if reason.starts_with(NOT_INCLUDED) => RowKind::NotIncluded,
        _ if reason.starts_with(RECALLED) => RowKind::Recalled,
        _ if reason.starts_with(AMBIGUOUS) => RowKind::AmbiguousLabel,
        _ => RowKind::Conflict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Service;

    #[test]
    fn every_reason_tells_the_kind_of_its_row() {
        for (reason, kind) in [
            (BLANK_UID.to_owned(), RowKind::Blank),
            (BLANK_NAME.to_owned(), RowKind::Blank),
            (BLANK_UID_AND_NAME.to_owned(), RowKind::Blank),
            (BLANK_ID_AND_LABEL.to_owned(), RowKind::Blank),
            (COMMENTED_OUT.to_owned(), RowKind::CommentedOut),
            (repeats(3), RowKind::Repeat),
            (protected("keep.txt"), RowKind::Protected),
            (excluded("SRV-*"), RowKind::Excluded),
            (excluded_with(&excluded("SRV-*"), 3), RowKind::Excluded),
            (not_included(["PC-*"; 9].into_iter()), RowKind::NotIncluded),
            (conflicting(Service::Nexthink.words(), 3, 7), RowKind::Conflict),
            (conflicting(Service::Ubidots.words(), 3, 7), RowKind::Conflict),
            (recalled(4), RowKind::Recalled),
            (NO_SUCH_LABEL.to_owned(), RowKind::UnknownLabel),
            (NO_SUCH_LABEL_BEFORE.to_owned(), RowKind::UnknownLabel),
            (ambiguous("a", "b"), RowKind::AmbiguousLabel),
        ] {
            assert_eq!(kind_of(&reason), kind, "{reason}");
        }
    }
}
