//! Walks over spans of rows that overlap, in row order.

use std::iter::Peekable;

use crate::error::Error;

/// Rows from `first` to `last`, both included.
pub(crate) trait Span {
    fn first(&self) -> u64;
    fn last(&self) -> u64;
}

/// Cuts overlapping spans into stretches of rows over which the same spans lie. Holds the spans over one row.
#[derive(Debug)]
pub(crate) struct Sweep<S, I>
where
    I: Iterator<Item = Result<S, Error>>,
{
    /// By `first`.
    spans: Peekable<I>,
    over: Vec<S>,
    next: u64,
    end: u64,
}

impl<S: Span, I: Iterator<Item = Result<S, Error>>> Sweep<S, I> {
    /// From row `start` to row `end`, both included. Spans that end before `start` are passed over.
    pub(crate) fn new(spans: I, start: u64, end: u64) -> Self {
        Self {
            spans: spans.peekable(),
            over: Vec::new(),
            next: start,
            end,
        }
    }

    /// The next stretch, first and last row; [`over`](Self::over) then has the spans that lie over all of it.
    pub(crate) fn stretch(&mut self) -> Result<Option<(u64, u64)>, Error> {
        if self.next > self.end {
            return Ok(None);
        }
        let first = self.next;
        self.over.retain(|span| span.last() >= first);
        while let Some(span) = self
            .spans
            .next_if(|span| span.as_ref().map_or(true, |span| span.first() <= first))
        {
            let span = span?;
            if span.last() >= first {
                self.over.push(span);
            }
        }
        let mut last = self.end;
        for span in &self.over {
            last = last.min(span.last());
        }
        if let Some(Ok(coming)) = self.spans.peek() {
            last = last.min(coming.first() - 1);
        }
        self.next = last + 1;
        Ok(Some((first, last)))
    }

    /// The spans over the stretch that was last returned.
    pub(crate) fn over(&self) -> &[S] {
        &self.over
    }
}

/// Merges what comes in ascending order with what lies beside it.
pub(crate) fn into_spans(mut keys: Vec<u64>, longest: u64) -> Option<Vec<(u64, u64)>> {
    // A batch is in row order already; a sort of what is sorted costs a pass.
    keys.sort_unstable();
    let mut spans: Vec<(u64, u64)> = Vec::with_capacity(1);
    for key in keys {
        match spans.last_mut() {
            Some((_, last)) if *last == key => return None,
            Some((first, last)) if *last + 1 == key && key - *first < longest => *last = key,
            _ => spans.push((key, key)),
        }
    }
    Some(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct At(u64, u64);

    impl Span for At {
        fn first(&self) -> u64 {
            self.0
        }
        fn last(&self) -> u64 {
            self.1
        }
    }

    fn sweep(spans: &[At], start: u64, end: u64) -> Vec<(u64, u64, usize)> {
        let mut sweep = Sweep::new(spans.iter().copied().map(Ok), start, end);
        let mut seen = Vec::new();
        while let Some((first, last)) = sweep.stretch().unwrap() {
            seen.push((first, last, sweep.over().len()));
        }
        seen
    }

    #[test]
    fn overlapping_spans_are_cut_where_they_begin_and_end() {
        assert_eq!(
            sweep(&[At(2, 5), At(4, 4), At(4, 8)], 1, 10),
            [(1, 1, 0), (2, 3, 1), (4, 4, 3), (5, 5, 2), (6, 8, 1), (9, 10, 0)]
        );
        assert_eq!(sweep(&[], 1, 3), [(1, 3, 0)]);
        assert_eq!(sweep(&[At(1, 9)], 4, 6), [(4, 6, 1)]);
        assert_eq!(sweep(&[At(1, 2), At(3, 9)], 5, 6), [(5, 6, 1)]);
        assert_eq!(sweep(&[], 1, 0), []);
    }

    #[test]
    fn keys_become_exact_spans() {
        for (keys, spans) in [
            (vec![], Some(vec![])),
            (vec![1, 2, 3], Some(vec![(1, 3)])),
            (vec![3, 1, 2, 9], Some(vec![(1, 3), (9, 9)])),
            (vec![1, 2, 3, 4, 5], Some(vec![(1, 4), (5, 5)])),
            (vec![1, 3, 3], None),
        ] {
            assert_eq!(into_spans(keys, 4), spans);
        }
    }
}
