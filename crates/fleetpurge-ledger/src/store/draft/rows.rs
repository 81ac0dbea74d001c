//! Adds rows and inputs to a draft.

use rusqlite::Connection;

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

pub(crate) fn insert_row(connection: &Connection, row: &NewRow<'_>) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO rows (row, uid, name, source, line, skipped) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute((
            row.row.cast_signed(),
            row.uid,
            row.name,
            row.source.cast_signed(),
            row.line.cast_signed(),
            row.skipped,
        ))?;
    Ok(())
}

/// `number` is that of the input, from 1.
pub(crate) fn insert_source(connection: &Connection, number: usize, source: &Source) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO sources (source, name, sha256, first_row, rows) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((
            number.cast_signed(),
            &source.name,
            &source.sha256,
            source.first_row.cast_signed(),
            source.rows.cast_signed(),
        ))?;
    Ok(())
}

/// How many rows may be sent so far.
pub(crate) fn count_to_send(connection: &Connection) -> Result<u64, Error> {
    count(connection, "SELECT count(*) FROM rows WHERE skipped IS NULL")
}
