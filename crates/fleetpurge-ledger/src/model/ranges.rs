//! Ranges of rows, and how overlapping ranges are walked over in row order.

use std::iter::Peekable;

use crate::model::error::Error;

/// Rows from `first` to `last`, both included.
pub(crate) trait RowRange {
    fn first(&self) -> u64;
    fn last(&self) -> u64;
}

/// Cuts overlapping ranges into segments of rows that the same ranges cover. Holds the ranges that cover one row.
#[derive(Debug)]
pub(crate) struct Segments<S, I>
where
    I: Iterator<Item = Result<S, Error>>,
{
    /// By `first`.
    ranges: Peekable<I>,
    covering: Vec<S>,
    next: u64,
    end: u64,
}

impl<S: RowRange, I: Iterator<Item = Result<S, Error>>> Segments<S, I> {
    /// From row `start` to row `end`, both included. Ranges that end before `start` are skipped.
    pub(crate) fn new(ranges: I, start: u64, end: u64) -> Self {
        Self {
            ranges: ranges.peekable(),
            covering: Vec::new(),
            next: start,
            end,
        }
    }

    /// The next segment, first and last row; [`covering`](Self::covering) then has the ranges that cover it.
    pub(crate) fn next_segment(&mut self) -> Result<Option<(u64, u64)>, Error> {
        if self.next > self.end {
            return Ok(None);
        }
        let first = self.next;
        self.covering.retain(|range| range.last() >= first);
        while let Some(range) = self
            .ranges
            .next_if(|range| range.as_ref().map_or(true, |range| range.first() <= first))
        {
            let range = range?;
            if range.last() >= first {
                self.covering.push(range);
            }
        }
        let mut last = self.end;
        for range in &self.covering {
            last = last.min(range.last());
        }
        if let Some(Ok(coming)) = self.ranges.peek() {
            last = last.min(coming.first() - 1);
        }
        self.next = last + 1;
        Ok(Some((first, last)))
    }

    /// The ranges that cover the segment that was last returned.
    pub(crate) fn covering(&self) -> &[S] {
        &self.covering
    }
}

/// Merges what comes in ascending order with what lies beside it.
pub(crate) fn into_ranges(mut keys: Vec<u64>, longest: u64) -> Option<Vec<(u64, u64)>> {
    // A batch is in row order already; a sort of what is sorted costs a pass.
    keys.sort_unstable();
    let mut ranges: Vec<(u64, u64)> = Vec::with_capacity(1);
    for key in keys {
        match ranges.last_mut() {
            Some((_, last)) if *last == key => return None,
            Some((first, last)) if *last + 1 == key && key - *first < longest => *last = key,
            _ => ranges.push((key, key)),
        }
    }
    Some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct At(u64, u64);

    impl RowRange for At {
        fn first(&self) -> u64 {
            self.0
        }
        fn last(&self) -> u64 {
            self.1
        }
    }

    fn segments(ranges: &[At], start: u64, end: u64) -> Vec<(u64, u64, usize)> {
        let mut segments = Segments::new(ranges.iter().copied().map(Ok), start, end);
        let mut seen = Vec::new();
        while let Some((first, last)) = segments.next_segment().unwrap() {
            seen.push((first, last, segments.covering().len()));
        }
        seen
    }

    #[test]
    fn overlapping_spans_are_cut_where_they_begin_and_end() {
        assert_eq!(
            segments(&[At(2, 5), At(4, 4), At(4, 8)], 1, 10),
            [(1, 1, 0), (2, 3, 1), (4, 4, 3), (5, 5, 2), (6, 8, 1), (9, 10, 0)]
        );
        assert_eq!(segments(&[], 1, 3), [(1, 3, 0)]);
        assert_eq!(segments(&[At(1, 9)], 4, 6), [(4, 6, 1)]);
        assert_eq!(segments(&[At(1, 2), At(3, 9)], 5, 6), [(5, 6, 1)]);
        assert_eq!(segments(&[], 1, 0), []);
    }

    #[test]
    fn keys_become_exact_spans() {
        for (keys, ranges) in [
            (vec![], Some(vec![])),
            (vec![1, 2, 3], Some(vec![(1, 3)])),
            (vec![3, 1, 2, 9], Some(vec![(1, 3), (9, 9)])),
            (vec![1, 2, 3, 4, 5], Some(vec![(1, 4), (5, 5)])),
            (vec![1, 3, 3], None),
        ] {
            assert_eq!(into_ranges(keys, 4), ranges);
        }
    }
}
