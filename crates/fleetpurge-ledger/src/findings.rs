//! Lists the rows that a refused plan was refused for, however many they are.

use rusqlite::{Connection, Row};

use crate::draft::RowAt;
use crate::error::Error;
use crate::labels::{self, AmbiguousRow};
use crate::rules::AMBIGUOUS;
use crate::verify::number;

pub(crate) fn each_conflict<E: From<Error>>(
    connection: &Connection,
    mut tell: impl FnMut(u64, RowAt) -> Result<(), E>,
) -> Result<(), E> {
    let mut conflict = 0;
    let mut first_row = 0;
    each_row_at(
        connection,
        "SELECT r.row, s.name, r.line, r.uid, r.name, c.first
         FROM rows r JOIN temp.conflicts c ON c.key = uid_key(r.uid) JOIN sources s ON s.source = r.source
         WHERE r.skipped LIKE 'conflict: %' ORDER BY c.first, r.row",
        |found, row| {
            let first = number(found, 5)?;
            if first != first_row {
                first_row = first;
                conflict += 1;
            }
            tell(conflict, row)
        },
    )
}

pub(crate) fn each_malformed<E: From<Error>>(
    connection: &Connection,
    mut tell: impl FnMut(RowAt) -> Result<(), E>,
) -> Result<(), E> {
    each_row_at(
        connection,
        "SELECT r.row, s.name, r.line, r.uid, r.name FROM rows r JOIN sources s ON s.source = r.source
         WHERE r.skipped IS NULL AND NOT is_well_formed(r.uid) ORDER BY r.row",
        |_, row| tell(row),
    )
}

/// Rows of one label together, by the first of them.
pub(crate) fn each_ambiguous<E: From<Error>>(
    connection: &Connection,
    mut tell: impl FnMut(u64, AmbiguousRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut label = 0;
    let mut first_row = 0;
    let mut ids = Vec::new();
    each_row_at(
        connection,
        &format!(
            "SELECT r.row, s.name, r.line, r.uid, r.name, min(r.row) OVER (PARTITION BY r.name) AS first
             FROM rows r JOIN sources s ON s.source = r.source
             WHERE r.skipped LIKE '{AMBIGUOUS}%' ORDER BY first, r.row"
        ),
        |found, row| {
            let first = number(found, 5)?;
            if first != first_row {
                first_row = first;
                label += 1;
                ids = labels::candidates(connection, &row.name)?;
            }
            tell(label, AmbiguousRow { row, ids: ids.clone() })
        },
    )
}

fn each_row_at<E: From<Error>>(
    connection: &Connection,
    query: &str,
    mut tell: impl FnMut(&Row<'_>, RowAt) -> Result<(), E>,
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
        tell(row, at)?;
    }
    Ok(())
}
