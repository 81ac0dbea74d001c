//! Reads the columns of a row.

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use crate::model::{Error, ErrorKind};
use crate::rules::UidKey;

/// Numbers of ours are never negative.
pub(crate) fn number(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| altered("a number in the plan is negative"))
}

pub(crate) fn maybe_number(row: &Row<'_>, column: usize) -> Result<Option<u64>, Error> {
    row.get::<_, Option<i64>>(column)?
        .map(|number| u64::try_from(number).map_err(|_| altered("a number in the plan is negative")))
        .transpose()
}

pub(crate) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, Error> {
    maybe_text(row, column)?.ok_or_else(|| altered("a field of the plan is missing"))
}

pub(crate) fn maybe_text<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>, Error> {
    row.get_ref(column)?
        .as_str_or_null()
        .map_err(|error| altered("a text column of the plan is not valid").with_source(error))
}

pub(crate) fn altered(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Altered, what)
}

pub(crate) fn count(connection: &Connection, query: &str) -> Result<u64, Error> {
    let count: i64 = connection.query_row(query, (), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// A key as SQLite holds it.
pub(crate) fn value(key: UidKey<'_>) -> Value {
    match key {
        UidKey::Uuid(uuid) => Value::Blob(uuid.to_vec()),
        UidKey::Text(text) => Value::Text(text.into_owned()),
    }
}
