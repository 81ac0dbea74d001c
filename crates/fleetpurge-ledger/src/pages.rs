//! Reads spans of a ledger in row order, a page at a time: no statement stays open, and memory stays flat.

use std::collections::VecDeque;

use fleetpurge_engine::OutcomeKind;
use rusqlite::Connection;

use crate::error::{Error, ErrorKind};
use crate::sweep::{Span, Sweep};
use crate::verify::number;

const PAGE: i64 = 512;

/// An outcome of contiguous rows.
#[derive(Clone, Debug)]
pub(crate) struct OutcomeSpan {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Of those over one row the highest holds.
    pub(crate) id: u64,
    pub(crate) kind: OutcomeKind,
}

impl Span for OutcomeSpan {
    fn first(&self) -> u64 {
        self.first
    }
    fn last(&self) -> u64 {
        self.last
    }
}

/// The rows of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct AttemptSpan {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) attempt: u64,
}

impl Span for AttemptSpan {
    fn first(&self) -> u64 {
        self.first
    }
    fn last(&self) -> u64 {
        self.last
    }
}

/// A table of spans, read by its primary key: (first, second).
pub(crate) trait Paged: Span + Sized {
    const QUERY: &'static str;
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error>;
    fn second(&self) -> u64;
}

impl Paged for OutcomeSpan {
    const QUERY: &'static str =
        "SELECT first, last, id, outcome FROM outcomes WHERE (first, id) > (?1, ?2) AND first <= ?3
         ORDER BY first, id LIMIT ?4";

    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            first: number(row, 0)?,
            last: number(row, 1)?,
            id: number(row, 2)?,
            kind: row
                .get_ref(3)?
                .as_str()
                .ok()
                .and_then(|word| word.parse().ok())
                .ok_or_else(|| Error::new(ErrorKind::Altered, "the ledger has an outcome that is none"))?,
        })
    }

    fn second(&self) -> u64 {
        self.id
    }
}

impl Paged for AttemptSpan {
    const QUERY: &'static str =
        "SELECT first, last, attempt FROM attempt_rows WHERE (first, attempt) > (?1, ?2) AND first <= ?3
         ORDER BY first, attempt LIMIT ?4";

    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            first: number(row, 0)?,
            last: number(row, 1)?,
            attempt: number(row, 2)?,
        })
    }

    fn second(&self) -> u64 {
        self.attempt
    }
}

/// All spans that begin in some rows, by first row.
#[derive(Debug)]
pub(crate) struct Pages<'c, T> {
    connection: &'c Connection,
    after: (u64, u64),
    end: u64,
    page: VecDeque<T>,
    is_last: bool,
}

impl<'c, T: Paged> Pages<'c, T> {
    /// Those that begin in a row from `start` to `end`, both included.
    pub(crate) fn new(connection: &'c Connection, start: u64, end: u64) -> Self {
        Self {
            connection,
            after: (start, 0),
            end,
            page: VecDeque::new(),
            is_last: false,
        }
    }

    fn turn(&mut self) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(T::QUERY)?;
        let mut rows = statement.query((
            self.after.0.cast_signed(),
            self.after.1.cast_signed(),
            self.end.cast_signed(),
            PAGE,
        ))?;
        while let Some(row) = rows.next()? {
            self.page.push_back(T::read(row)?);
        }
        self.is_last = (self.page.len() as u64) < PAGE.unsigned_abs();
        if let Some(last) = self.page.back() {
            self.after = (last.first(), last.second());
        }
        Ok(())
    }
}

impl<T: Paged> Iterator for Pages<'_, T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.is_last
            && let Err(error) = self.turn()
        {
            self.is_last = true;
            return Some(Err(error));
        }
        self.page.pop_front().map(Ok)
    }
}

/// Outcomes in row order.
pub(crate) type Outcomes<'c> = Sweep<OutcomeSpan, Pages<'c, OutcomeSpan>>;

/// The outcomes over some rows, both included. A page for one stretch, if the stretch is short.
pub(crate) fn outcomes(connection: &Connection, start: u64, end: u64) -> Outcomes<'_> {
    let reach = start.saturating_sub(crate::schema::MAX_SPAN - 1);
    Sweep::new(Pages::new(connection, reach, end), start, end)
}

/// The outcome that holds: the one that was written last.
pub(crate) fn holding(over: &[OutcomeSpan]) -> Option<&OutcomeSpan> {
    over.iter().max_by_key(|span| span.id)
}
