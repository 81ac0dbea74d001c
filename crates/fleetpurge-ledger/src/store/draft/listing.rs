//! Lists rows of a draft with the place where they were read, all of them or the first few.

use rusqlite::{Connection, Row};

use crate::model::{Error, FINDINGS_SHOWN, RowAt};
use crate::store::columns::number;

/// Whether the first few findings are enough.
pub(crate) enum Enough {
    Shown,
    Failed(Error),
}

impl From<Error> for Enough {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Keeps a finding, and says when there are enough.
pub(crate) fn show<T>(shown: &mut Vec<T>, finding: T) -> Result<(), Enough> {
    shown.push(finding);
    if shown.len() < FINDINGS_SHOWN {
        Ok(())
    } else {
        Err(Enough::Shown)
    }
}

pub(crate) fn enough(shown: Result<(), Enough>) -> Result<(), Error> {
    match shown {
        Ok(()) | Err(Enough::Shown) => Ok(()),
        Err(Enough::Failed(error)) => Err(error),
    }
}

pub(crate) fn each_row_at<E: From<Error>>(
    connection: &Connection,
    query: &str,
    mut visit: impl FnMut(&Row<'_>, RowAt) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection.prepare(query).map_err(Error::from)?;
    let mut rows = statement.query(()).map_err(Error::from)?;
    while let Some(row) = rows.next().map_err(Error::from)? {
        let at = RowAt {
            row: number(row, 0)?,
            source: row.get(1).map_err(Error::from)?,
            line: number(row, 2)?,
            uid: row.get(3).map_err(Error::from)?,
            name: row.get(4).map_err(Error::from)?,
        };
        visit(row, at)?;
    }
    Ok(())
}

pub(crate) fn each_malformed<E: From<Error>>(
    connection: &Connection,
    mut visit: impl FnMut(RowAt) -> Result<(), E>,
) -> Result<(), E> {
    each_row_at(
        connection,
        "SELECT r.row, s.name, r.line, r.uid, r.name FROM rows r JOIN sources s ON s.source = r.source
         WHERE r.skipped IS NULL AND NOT is_well_formed(r.uid) ORDER BY r.row",
        |_, row| visit(row),
    )
}
