//! Rows of one uid: which is the first, which repeat it, and which contradict it.

use crate::rules::blank::is_blank;
use crate::rules::service_rules::Rules;

/// What a row is to the rows of the same uid before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duplicate {
    /// The first of its uid.
    First,
    /// It says nothing that the first of its uid, whose number this is, does not.
    Repeats(u64),
    /// The same uid and another name than this row has: a conflict of the two.
    Conflicts(u64),
}

/// Compares rows that come sorted by uid key, then by row. Holds one row, however many there are.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    first: Option<First>,
}

#[derive(Debug)]
struct First {
    key: Vec<u8>,
    row: u64,
    name: String,
    /// The row that the name was read in: not the first, where that had none.
    named_in: u64,
}

impl Duplicates {
    /// `key` is the uid key as bytes that differ for different keys.
    pub(crate) fn judge(&mut self, rules: &dyn Rules, key: &[u8], row: u64, name: &str) -> Duplicate {
        match &mut self.first {
            Some(first) if first.key.as_slice() == key => {
                if !rules.agree(&first.name, name) {
                    return Duplicate::Conflicts(first.named_in);
                }
                if is_blank(&first.name) {
                    name.clone_into(&mut first.name);
                    first.named_in = row;
                }
                Duplicate::Repeats(first.row)
            }
            first => {
                *first = Some(First {
                    key: key.to_vec(),
                    row,
                    name: name.to_owned(),
                    named_in: row,
                });
                Duplicate::First
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Service;

    #[test]
    fn a_later_row_repeats_the_first_of_its_uid_or_conflicts_with_it() {
        let mut duplicates = Duplicates::default();
        for (key, row, name, expected) in [
            ("a", 1, "x", Duplicate::First),
            ("a", 4, "x", Duplicate::Repeats(1)),
            ("a", 5, "X", Duplicate::Conflicts(1)),
            ("a", 6, "x", Duplicate::Repeats(1)),
            ("b", 2, "x", Duplicate::First),
            ("b", 3, "x ", Duplicate::Conflicts(2)),
            ("c", 7, "", Duplicate::First),
        ] {
            let rules = Service::Nexthink.rules();
            assert_eq!(
                duplicates.judge(rules, key.as_bytes(), row, name),
                expected,
                "row {row}"
            );
        }
    }

    #[test]
    fn a_row_without_a_label_repeats_any_and_the_first_label_is_held_against_the_rest() {
        let mut duplicates = Duplicates::default();
        for (key, row, label, expected) in [
            ("a", 1, "", Duplicate::First),
            ("a", 2, "x", Duplicate::Repeats(1)),
            ("a", 3, "", Duplicate::Repeats(1)),
            ("a", 4, "y", Duplicate::Conflicts(2)),
            ("a", 5, "x", Duplicate::Repeats(1)),
            ("b", 6, "", Duplicate::First),
            ("b", 7, "", Duplicate::Repeats(6)),
        ] {
            let rules = Service::Ubidots.rules();
            assert_eq!(
                duplicates.judge(rules, key.as_bytes(), row, label),
                expected,
                "row {row}"
            );
        }
    }
}
