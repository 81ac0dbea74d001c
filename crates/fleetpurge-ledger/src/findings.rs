//! Lists all rows because of which a plan was refused.

use rusqlite::{Connection, Row};

use crate::draft::RowAt;
use crate::error::Error;
use crate::labels::{self, AmbiguousRow};
use crate::protection::{ProtectList, UnmatchedEntry};
use crate::refused::FINDINGS_SHOWN;
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

/// Entries of protect lists that match no row.
pub(crate) const UNMATCHED: &str = "rows = 0 AND kind <> 'invalid pattern'";
/// Entries of protect lists that are not valid patterns, and match no row as they stand.
pub(crate) const INVALID_PATTERNS: &str = "rows = 0 AND kind = 'invalid pattern'";

/// The entries of protect lists that meet this condition, in the order in which they came.
pub(crate) fn each_entry<E: From<Error>>(
    connection: &Connection,
    lists: &[ProtectList],
    condition: &str,
    mut tell: impl FnMut(UnmatchedEntry) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection
        .prepare(&format!(
            "SELECT e.list, e.line, e.text, r.row, s.name, r.line, r.uid, r.name
             FROM (SELECT * FROM temp.protect_entries WHERE {condition}) e
             LEFT JOIN rows r ON r.row = e.near LEFT JOIN sources s ON s.source = r.source ORDER BY e.entry"
        ))
        .map_err(Error::from)?;
    let mut entries = statement.query(()).map_err(Error::from)?;
    while let Some(found) = entries.next().map_err(Error::from)? {
        let entry = entry_at(found, lists)?;
        tell(entry)?;
    }
    Ok(())
}

fn entry_at(found: &Row<'_>, lists: &[ProtectList]) -> Result<UnmatchedEntry, Error> {
    let near = match found.get::<_, Option<i64>>(3)? {
        Some(row) => Some(RowAt {
            row: row.unsigned_abs(),
            source: found.get(4)?,
            line: number(found, 5)?,
            uid: found.get(6)?,
            name: found.get(7)?,
        }),
        None => None,
    };
    let list = usize::try_from(number(found, 0)?).ok().and_then(|list| lists.get(list));
    Ok(UnmatchedEntry {
        file: list.map_or_else(String::new, |list| list.file.clone()),
        line: number(found, 1)?,
        entry: found.get(2)?,
        near,
    })
}

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
