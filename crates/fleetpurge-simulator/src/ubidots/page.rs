//! One page of a list, with its links to other pages. Pure.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::query::{InvalidPage, Query};

/// A page cut from a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<'a, T> {
    pub(crate) number: u64,
    pub(crate) items: &'a [T],
    pub(crate) last: bool,
}

/// Cuts a page. One beyond the end is invalid, but for the first, which may be empty.
pub(crate) fn cut<T>(all: &[T], number: u64, size: u64, empty_beyond_end: bool) -> Result<Page<'_, T>, InvalidPage> {
    let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(all.len());
    let start = at((number - 1).saturating_mul(size));
    let end = at(number.saturating_mul(size));
    if start == all.len() && number > 1 && !empty_beyond_end {
        return Err(InvalidPage);
    }
    Ok(Page {
        number,
        items: &all[start..end],
        last: end == all.len(),
    })
}

/// The envelope of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Envelope<'a> {
    count: &'a Value,
    next: Option<String>,
    previous: Option<String>,
    results: &'a [Box<RawValue>],
}

/// The envelope of a list. Its links are where `list` is: on another host than the one that was asked.
pub(crate) fn envelope<'a, T>(
    page: &Page<'_, T>,
    count: &'a Value,
    list: &str,
    query: &Query,
    results: &'a [Box<RawValue>],
) -> Envelope<'a> {
    let link = |number: u64| format!("{list}?{}", query.with_page(number));
    Envelope {
        count,
        next: (!page.last).then(|| link(page.number + 1)),
        previous: (page.number > 1).then(|| link(page.number - 1)),
        results,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_pages() {
        let all = [1, 2, 3, 4, 5];
        for (number, size, expected) in [
            (1, 2, Ok((&[1, 2][..], false))),
            (3, 2, Ok((&[5], true))),
            (1, 5, Ok((&all, true))),
            (1, 9, Ok((&all, true))),
            (2, 5, Err(InvalidPage)),
            (u64::MAX, u64::MAX, Err(InvalidPage)),
        ] {
            let page = cut(&all, number, size, false).map(|page| (page.items, page.last));
            assert_eq!(page, expected, "page {number} of {size}");
        }
        assert!(cut::<u8>(&[], 1, 5, false).is_ok_and(|page| page.last));
        assert!(cut(&all, 9, 5, true).is_ok_and(|page| page.last && page.items.is_empty()));
    }
}
