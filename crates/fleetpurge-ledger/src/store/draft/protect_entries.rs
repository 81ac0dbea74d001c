//! Lists the entries of protect lists that protect no row.

use rusqlite::{Connection, Row};

use crate::model::{Error, ProtectList, RowAt, Unmatched, UnmatchedEntry};
use crate::store::columns::number;

/// The kind of an entry that names no device.
pub(crate) const UNNAMED: &str = "unnamed";

/// Entries of protect lists that protect no row.
pub(crate) const UNMATCHED: &str = "rows = 0 AND kind <> 'invalid pattern'";

/// Entries of protect lists that are not valid patterns, and match no row as they stand.
pub(crate) const INVALID_PATTERNS: &str = "rows = 0 AND kind = 'invalid pattern'";

/// The entries of protect lists that meet this condition, in the order in which they came.
pub(crate) fn each_entry<E: From<Error>>(
    connection: &Connection,
    lists: &[ProtectList],
    condition: &str,
    mut visit: impl FnMut(UnmatchedEntry) -> Result<(), E>,
) -> Result<(), E> {
    let mut statement = connection
        .prepare(&format!(
            "SELECT e.list, e.line, e.text, r.row, s.name, r.line, r.uid, r.name, e.kind, e.skipped
             FROM (SELECT * FROM temp.protect_entries WHERE {condition}) e
             LEFT JOIN rows r ON r.row = e.near LEFT JOIN sources s ON s.source = r.source ORDER BY e.entry"
        ))
        .map_err(Error::from)?;
    let mut entries = statement.query(()).map_err(Error::from)?;
    while let Some(found) = entries.next().map_err(Error::from)? {
        let entry = entry_at(found, lists)?;
        visit(entry)?;
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
        why: match (
            found.get_ref(8)?.as_str().map_err(rusqlite::Error::from)?,
            number(found, 9)?,
        ) {
            (UNNAMED, _) => Unmatched::Unnamed,
            (_, 0) => Unmatched::NoRow,
            _ => Unmatched::OnlySkippedRows,
        },
    })
}
