//! What a verification has found so far, in a temporary file: memory stays flat, and the plan is not written to.

use std::fmt;

use rusqlite::Connection;

use crate::model::{Error, ErrorKind, SightingKind};
use crate::proof::SightingRecord;
use crate::store::columns::{maybe_text, number, text};
use crate::store::schema::MAX_RANGE;

/// Sightings of contiguous rows that are alike are one record.
#[derive(Debug)]
struct Range {
    first: u64,
    last: u64,
    found: SightingKind,
    detail: Option<String>,
}

/// The sightings of one verification.
pub(crate) struct Spool {
    /// Of a file without a name, which goes with it.
    connection: Connection,
    /// The range that the next row may belong to.
    open: Option<Range>,
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool")
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

impl Spool {
    pub(crate) fn new() -> Result<Self, Error> {
        // An empty name is a private file that SQLite removes itself: <https://www.sqlite.org/inmemorydb.html>.
        let connection = Connection::open("")?;
        connection.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.execute_batch(
            "CREATE TABLE found (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, found TEXT NOT NULL, detail TEXT) STRICT;
             BEGIN",
        )?;
        Ok(Self { connection, open: None })
    }

    /// Adds what was seen of the device of a row. Rows that come in order take the least space.
    pub(crate) fn add(&mut self, row: u64, found: SightingKind, detail: Option<&str>) -> Result<(), Error> {
        if let Some(open) = &mut self.open
            && open.last + 1 == row
            && row - open.first < MAX_RANGE
            && open.found == found
            && open.detail.as_deref() == detail
        {
            open.last = row;
            return Ok(());
        }
        self.write_open()?;
        self.open = Some(Range {
            first: row,
            last: row,
            found,
            detail: detail.map(str::to_owned),
        });
        Ok(())
    }

    fn write_open(&mut self) -> Result<(), Error> {
        let Some(range) = self.open.take() else { return Ok(()) };
        self.connection
            .prepare_cached("INSERT INTO found (first, last, found, detail) VALUES (?1, ?2, ?3, ?4)")?
            .execute((
                range.first.cast_signed(),
                range.last.cast_signed(),
                range.found.as_str(),
                range.detail,
            ))?;
        Ok(())
    }

    /// Every range in row order.
    pub(crate) fn each(
        &mut self,
        mut visit: impl FnMut(&SightingRecord<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.write_open()?;
        let mut statement = self
            .connection
            .prepare("SELECT first, last, found, detail FROM found ORDER BY first")?;
        let mut rows = statement.query(())?;
        let mut before = 0;
        while let Some(row) = rows.next()? {
            let record = SightingRecord {
                first: number(row, 0)?,
                last: number(row, 1)?,
                found: text(row, 2)?,
                detail: maybe_text(row, 3)?,
            };
            if record.first <= before {
                return Err(Error::new(
                    ErrorKind::Inconsistent,
                    format!("row {} was looked for twice in one verification", record.first),
                ));
            }
            before = record.last;
            visit(&record)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SightingKind::{Gone, Present};

    fn ranges(rows: &[(u64, SightingKind, Option<&str>)]) -> Result<Vec<(u64, u64, String)>, Error> {
        let mut spool = Spool::new().unwrap();
        for &(row, found, detail) in rows {
            spool.add(row, found, detail)?;
        }
        let mut ranges = Vec::new();
        spool.each(|range| {
            ranges.push((range.first, range.last, range.found.to_owned()));
            Ok(())
        })?;
        Ok(ranges)
    }

    #[test]
    fn contiguous_rows_that_are_alike_are_one_range_and_rows_need_no_order() {
        type Verdicts = &'static [(u64, SightingKind, Option<&'static str>)];
        type Ranges = &'static [(u64, u64, &'static str)];
        let table: [(Verdicts, Ranges); 4] = [
            (&[], &[]),
            (
                &[(1, Gone, None), (2, Gone, None), (4, Gone, None), (5, Present, None)],
                &[(1, 2, "gone"), (4, 4, "gone"), (5, 5, "present")],
            ),
            (
                &[(1, Gone, None), (2, Gone, Some("x")), (3, Gone, Some("x"))],
                &[(1, 1, "gone"), (2, 3, "gone")],
            ),
            (&[(9, Gone, None), (3, Gone, None)], &[(3, 3, "gone"), (9, 9, "gone")]),
        ];
        for (rows, expected) in table {
            let expected: Vec<_> = expected.iter().map(|(a, b, c)| (*a, *b, (*c).to_owned())).collect();
            assert_eq!(ranges(rows).unwrap(), expected, "{rows:?}");
        }
        let many: Vec<_> = (1..=600).map(|row| (row, Gone, None)).collect();
        let lengths: Vec<_> = ranges(&many)
            .unwrap()
            .iter()
            .map(|range| range.1 - range.0 + 1)
            .collect();
        assert_eq!(lengths, [256, 256, 88]);
    }

    #[test]
    fn a_row_that_was_looked_for_twice_is_an_error() {
        for rows in [
            &[(5, Gone, None), (5, Gone, None)][..],
            &[(5, Gone, None), (4, Gone, None), (5, Gone, None)],
        ] {
            assert_eq!(ranges(rows).unwrap_err().kind(), ErrorKind::Inconsistent, "{rows:?}");
        }
    }
}
