//! When a paged list is complete. Pure.
//!
//! Pages are requested by number, without following `next`: the samples of Ubidots' documentation have other hosts
//! there, and plain http. A list that changes while it is read shifts: a device may appear twice, or never.

use std::collections::HashSet;
use std::hash::Hash;

/// What one page says beside its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageHead {
    /// How many entries there are on all pages.
    pub(crate) count: Option<i64>,
    /// Whether another page is announced.
    pub(crate) has_next: bool,
}

/// Whether another page is to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Next,
    End,
}

/// Why the entries that came are not the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unwhole {
    #[error("an entry came twice: the list changed while it was read")]
    Repeated,
    #[error("the service counted {before} entries and then {after}: the list changed while it was read")]
    Recounted { before: i64, after: i64 },
    #[error("the service counts {count} entries and listed {listed}")]
    Miscounted { count: i64, listed: usize },
    #[error("an earlier page was not valid")]
    Broken,
}

/// The pages that have come so far.
#[derive(Debug)]
pub(crate) struct Pages<K> {
    seen: HashSet<K>,
    count: Option<i64>,
}

impl<K: Eq + Hash> Pages<K> {
    pub(crate) fn new() -> Self {
        Self {
            seen: HashSet::new(),
            count: None,
        }
    }

    /// Takes the next page. Its entries are seen, also where the list turns out not to be whole.
    pub(crate) fn take(&mut self, head: PageHead, entries: impl IntoIterator<Item = K>) -> Result<Step, Unwhole> {
        let before = self.seen.len();
        let is_repeated = self.see(entries);
        match (self.count, head.count) {
            (Some(before), Some(after)) if before != after => return Err(Unwhole::Recounted { before, after }),
            (_, count) => self.count = count.or(self.count),
        }
        if is_repeated {
            return Err(Unwhole::Repeated);
        }
        let is_empty = self.seen.len() == before;
        // A page may be shorter than it was asked to be; only an empty one ends the list for certain, or the last
        // entry of a count that is right.
        if is_empty || (!head.has_next && self.is_counted()) {
            return self.end();
        }
        Ok(Step::Next)
    }

    /// Notes entries of a page. Says whether one of them had come before.
    pub(crate) fn see(&mut self, entries: impl IntoIterator<Item = K>) -> bool {
        let mut is_repeated = false;
        for entry in entries {
            is_repeated |= !self.seen.insert(entry);
        }
        is_repeated
    }

    /// Whether an entry stood on any page that came.
    pub(crate) fn has_seen(&self, entry: &K) -> bool {
        self.seen.contains(entry)
    }

    /// How many entries the service counts on all pages.
    pub(crate) fn count(&self) -> Option<u64> {
        self.count.and_then(|count| u64::try_from(count).ok())
    }

    /// There is no further page.
    pub(crate) fn end(&self) -> Result<Step, Unwhole> {
        match self.count {
            Some(count) if !self.is_counted() => Err(Unwhole::Miscounted {
                count,
                listed: self.seen.len(),
            }),
            _ => Ok(Step::End),
        }
    }

    fn is_counted(&self) -> bool {
        self.count
            .is_none_or(|count| usize::try_from(count).is_ok_and(|count| count == self.seen.len()))
    }
}

/// The page sizes that Ubidots documents as defaults are multiples of this: 50, 100, 200.
const ROUND: u64 = 50;

/// Whether a further page of values is to be asked for, after the page of this number. The list of values has no count to
/// be compared with, only `true`; so where the service announces no page, a page that may have been cut off is not believed
/// to be the last: one as long as it was asked to be, a first one of a size that a server may have chosen instead, or one
/// that leaves a count short, where that is a number after all.
pub(crate) fn may_go_on(has_next: bool, count: Option<u64>, number: u64, size: u64, entries: u64) -> bool {
    let so_far = (number - 1).saturating_mul(size).saturating_add(entries);
    let is_full = entries >= size || (number == 1 && entries.is_multiple_of(ROUND));
    entries > 0 && (has_next || is_full || count.is_some_and(|count| count > so_far))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Page<'a> = (Option<i64>, bool, &'a [u32]);

    fn read(pages: &[Page<'_>]) -> Result<usize, Unwhole> {
        let mut list = Pages::new();
        for (number, (count, has_next, entries)) in pages.iter().enumerate() {
            let head = PageHead {
                count: *count,
                has_next: *has_next,
            };
            if list.take(head, entries.iter().copied())? == Step::End {
                return Ok(number + 1);
            }
        }
        panic!("it asks for more than there is")
    }

    #[test]
    fn every_entry_that_came_is_seen_also_where_the_list_is_not_whole() {
        for second in [(Some(4), false, &[2, 3][..]), (Some(3), false, &[1, 3])] {
            let mut list = Pages::new();
            for (count, has_next, entries) in [(Some(4), true, &[1, 2][..]), second] {
                let _ = list.take(PageHead { count, has_next }, entries.iter().copied());
            }
            assert_eq!(
                [1, 2, 3, 4].map(|entry| list.has_seen(&entry)),
                [true, true, true, false],
                "{second:?}"
            );
            assert_eq!(list.count(), Some(4));
        }
    }

    #[test]
    fn a_list_is_whole_when_every_entry_came_once() {
        let table: &[(&[Page<'_>], Result<usize, Unwhole>)] = &[
            (&[(Some(0), false, &[])], Ok(1)),
            (&[(Some(2), false, &[1, 2])], Ok(1)),
            (&[(Some(3), true, &[1, 2]), (Some(3), false, &[3])], Ok(2)),
            // A page is shorter than asked for, and `next` promises one that is not there.
            (
                &[(Some(3), true, &[1]), (Some(3), true, &[2, 3]), (Some(3), true, &[])],
                Ok(3),
            ),
            // Without a count the end is where `next` ends, or an empty page.
            (&[(None, true, &[1]), (None, false, &[2])], Ok(2)),
            (&[(None, true, &[1]), (None, true, &[])], Ok(2)),
            (
                &[(Some(3), true, &[1, 2]), (Some(3), false, &[2, 3])],
                Err(Unwhole::Repeated),
            ),
            (
                &[(Some(4), true, &[1, 2]), (Some(3), false, &[4])],
                Err(Unwhole::Recounted { before: 4, after: 3 }),
            ),
            (
                &[(Some(3), true, &[1, 2]), (Some(3), true, &[])],
                Err(Unwhole::Miscounted { count: 3, listed: 2 }),
            ),
            // The count says less than there is: it goes on to the end before it says so.
            (
                &[(Some(2), true, &[1, 2]), (Some(2), true, &[3]), (Some(2), false, &[])],
                Err(Unwhole::Miscounted { count: 2, listed: 3 }),
            ),
            (
                &[(Some(-1), false, &[1]), (Some(-1), false, &[])],
                Err(Unwhole::Miscounted { count: -1, listed: 1 }),
            ),
        ];
        for (pages, expected) in table {
            assert_eq!(read(pages), *expected, "{pages:?}");
        }
    }

    #[test]
    fn a_page_of_values_that_may_be_cut_off_is_not_believed_to_be_the_last() {
        for (has_next, count, number, entries, expected) in [
            (true, None, 1, 3, true),
            (false, None, 1, 3, false),
            (false, None, 1, 200, true),
            (false, None, 7, 200, true),
            (false, None, 2, 201, true),
            // It may give fewer than it is asked for.
            (false, None, 1, 50, true),
            (false, None, 1, 100, true),
            (false, None, 1, 199, false),
            // How long its pages are is known by now.
            (false, None, 2, 50, false),
            (false, Some(4), 1, 3, true),
            (false, Some(3), 1, 3, false),
            (false, Some(203), 2, 3, false),
            (false, Some(204), 2, 3, true),
            // An empty page is the end, whatever it says.
            (true, None, 1, 0, false),
            (false, Some(9), 1, 0, false),
        ] {
            assert_eq!(
                may_go_on(has_next, count, number, 200, entries),
                expected,
                "{has_next} {count:?} {number} {entries}"
            );
        }
    }
}
