//! Adds rows and inputs to a draft.

use rusqlite::{Connection, Statement};

use crate::model::{Error, Source};
use crate::store::columns::count;

/// A row of an input, before it is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewRow<'a> {
    pub(crate) row: u64,
    pub(crate) uid: &'a str,
    pub(crate) name: &'a str,
    /// The number of its input, from 1.
    pub(crate) source: usize,
    pub(crate) line: u64,
    pub(crate) skipped: Option<&'a str>,
}

const INSERT: &str = "INSERT INTO rows (row, uid, name, source, line, skipped) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

pub(crate) fn insert_row(connection: &Connection, row: &NewRow<'_>) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(INSERT)?;
    insert(&mut statement, row)
}

fn insert(statement: &mut Statement<'_>, row: &NewRow<'_>) -> Result<(), Error> {
    statement.execute((
        row.row.cast_signed(),
        row.uid,
        row.name,
        row.source.cast_signed(),
        row.line.cast_signed(),
        row.skipped,
    ))?;
    Ok(())
}

/// So many rows are inserted with one statement: to get it costs as much as to use it.
const TOGETHER: usize = 256;

/// Rows that are not inserted yet.
#[derive(Debug, Default)]
pub(crate) struct PendingRows {
    /// Their uids and names, one after the other.
    text: String,
    rows: Vec<PendingRow>,
}

#[derive(Debug)]
struct PendingRow {
    row: u64,
    source: usize,
    line: u64,
    /// Where uid and name end.
    uid: usize,
    name: usize,
}

impl PendingRows {
    /// Adds a row, and inserts all that wait if they are many, or this one is skipped.
    pub(crate) fn add(&mut self, connection: &Connection, row: &NewRow<'_>) -> Result<(), Error> {
        if row.skipped.is_some() {
            self.insert(connection)?;
            return insert_row(connection, row);
        }
        self.text.push_str(row.uid);
        let uid = self.text.len();
        self.text.push_str(row.name);
        self.rows.push(PendingRow {
            row: row.row,
            source: row.source,
            line: row.line,
            uid,
            name: self.text.len(),
        });
        if self.rows.len() >= TOGETHER {
            self.insert(connection)?;
        }
        Ok(())
    }

    /// Inserts all that wait.
    pub(crate) fn insert(&mut self, connection: &Connection) -> Result<(), Error> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut statement = connection.prepare_cached(INSERT)?;
        let mut from = 0;
        for row in self.rows.drain(..) {
            let (Some(uid), Some(name)) = (self.text.get(from..row.uid), self.text.get(row.uid..row.name)) else {
                continue;
            };
            from = row.name;
            let new = NewRow {
                row: row.row,
                uid,
                name,
                source: row.source,
                line: row.line,
                skipped: None,
            };
            insert(&mut statement, &new)?;
        }
        self.text.clear();
        Ok(())
    }
}

/// `number` is that of the input, from 1.
pub(crate) fn insert_source(connection: &Connection, number: usize, source: &Source) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT INTO sources (source, name, sha256, first_row, rows, counted, sheet)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            number.cast_signed(),
            &source.name,
            &source.sha256,
            source.first_row.cast_signed(),
            source.rows.cast_signed(),
            source.counted.word(),
            source.counted.sheet(),
        ))?;
    Ok(())
}

/// How many rows may be sent so far.
pub(crate) fn count_to_send(connection: &Connection) -> Result<u64, Error> {
    count(connection, "SELECT count(*) FROM rows WHERE skipped IS NULL")
}
