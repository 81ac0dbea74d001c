//! Reads outcomes, attempts and sightings in row order, a page at a time: no statement stays open, and memory stays flat.

use std::collections::VecDeque;

use fleetpurge_engine::OutcomeKind;
use rusqlite::Connection;

use crate::model::{Error, ErrorKind, RowRange, Segments, SightingKind};
use crate::store::columns::{maybe_text, number, text};
use crate::store::schema;
use crate::store::verifications::sighting_kind;

const PAGE: usize = 512;

/// An outcome of contiguous rows.
#[derive(Clone, Debug)]
pub(crate) struct OutcomeRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Of those over one row the highest holds.
    pub(crate) id: u64,
    pub(crate) kind: OutcomeKind,
}

impl RowRange for OutcomeRange {
    fn first(&self) -> u64 {
        self.first
    }
    fn last(&self) -> u64 {
        self.last
    }
}

/// The rows of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct AttemptRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) attempt: u64,
}

impl RowRange for AttemptRange {
    fn first(&self) -> u64 {
        self.first
    }
    fn last(&self) -> u64 {
        self.last
    }
}

/// What a verification showed of contiguous rows.
#[derive(Clone, Debug)]
pub(crate) struct SightingRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Of those over one row the highest is the latest.
    pub(crate) verification: u64,
    pub(crate) found: SightingKind,
    pub(crate) detail: Option<String>,
}

impl RowRange for SightingRange {
    fn first(&self) -> u64 {
        self.first
    }
    fn last(&self) -> u64 {
        self.last
    }
}

/// A table of ranges, read by its primary key: (first, second). Its pages have [`PAGE`] rows, which the query has as a number:
/// with a parameter for its limit, SQLite would prepare it anew for every page.
pub(crate) trait Paged: RowRange + Sized {
    const QUERY: &'static str;
    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error>;
    fn second(&self) -> u64;
}

impl Paged for OutcomeRange {
    const QUERY: &'static str =
        "SELECT first, last, id, outcome FROM outcomes WHERE (first, id) > (?1, ?2) AND first <= ?3
         ORDER BY first, id LIMIT 512";

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
                .ok_or_else(|| Error::new(ErrorKind::Altered, "the plan has an unknown outcome"))?,
        })
    }

    fn second(&self) -> u64 {
        self.id
    }
}

impl Paged for AttemptRange {
    const QUERY: &'static str =
        "SELECT first, last, attempt FROM attempt_rows WHERE (first, attempt) > (?1, ?2) AND first <= ?3
         ORDER BY first, attempt LIMIT 512";

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

impl Paged for SightingRange {
    const QUERY: &'static str = "SELECT first, last, verification, found, detail FROM sightings
         WHERE (first, verification) > (?1, ?2) AND first <= ?3 ORDER BY first, verification LIMIT 512";

    fn read(row: &rusqlite::Row<'_>) -> Result<Self, Error> {
        Ok(Self {
            first: number(row, 0)?,
            last: number(row, 1)?,
            verification: number(row, 2)?,
            found: sighting_kind(text(row, 3)?)?,
            detail: maybe_text(row, 4)?.map(str::to_owned),
        })
    }

    fn second(&self) -> u64 {
        self.verification
    }
}

/// All ranges that begin in some rows, by first row.
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
        ))?;
        while let Some(row) = rows.next()? {
            self.page.push_back(T::read(row)?);
        }
        self.is_last = self.page.len() < PAGE;
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
pub(crate) type Outcomes<'c> = Segments<OutcomeRange, Pages<'c, OutcomeRange>>;

/// The outcomes over some rows, both included. A page for one segment, if the segment is short.
pub(crate) fn outcomes(connection: &Connection, start: u64, end: u64) -> Outcomes<'_> {
    let reach = start.saturating_sub(schema::MAX_RANGE - 1);
    Segments::new(Pages::new(connection, reach, end), start, end)
}

/// The outcome that holds: the one that was written last.
pub(crate) fn holding(covering: &[OutcomeRange]) -> Option<&OutcomeRange> {
    covering.iter().max_by_key(|range| range.id)
}
