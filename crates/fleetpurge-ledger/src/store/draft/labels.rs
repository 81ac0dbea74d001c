//! The labels of rows, and the devices of the account that have them.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::model::{AmbiguousRow, Error, FINDINGS_SHOWN, Resolved};
use crate::rules::{AMBIGUOUS, NO_SUCH_LABEL, Rules, ambiguous, is_blank};
use crate::store::columns::{self, number};
use crate::store::draft::listing::each_row_at;
use crate::store::draft::unknown_labels;

/// What resolving needs of SQLite.
pub(crate) fn prepare(connection: &Connection, rules: &'static dyn Rules) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("needs_resolving", 2, flags, |context| {
        Ok(rules.needs_resolving(context.get_raw(0).as_str()?, context.get_raw(1).as_str()?))
    })?;
    connection.create_scalar_function("is_blank", 1, flags, |context| {
        Ok(is_blank(context.get_raw(0).as_str()?))
    })?;
    unknown_labels::prepare(connection)?;
    connection.execute_batch(
        "CREATE TEMP TABLE unresolved (label TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (label, row)) WITHOUT ROWID;
         CREATE TEMP TABLE candidates (label TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
                                       PRIMARY KEY (label, key)) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Notes the labels of the rows that have no id, in the order of the index: it is written from its beginning to its end,
/// and read likewise.
pub(crate) fn begin(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "DELETE FROM temp.candidates;
         DELETE FROM temp.unresolved;
         INSERT INTO temp.unresolved (label, row)
             SELECT name, row FROM rows WHERE skipped IS NULL AND needs_resolving(uid, name) ORDER BY name, row;",
    )?;
    Ok(())
}

/// Notes a device of the account whose label a row has.
pub(crate) fn add_candidate(connection: &Connection, rules: &dyn Rules, id: &str, label: &str) -> Result<(), Error> {
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO temp.candidates (label, key, id)
             SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM temp.unresolved WHERE label = ?1)",
        )?
        .execute((label, rules.key(id).spelled(), id))?;
    Ok(())
}

/// Gives each row its id, or the reason why it has none.
pub(crate) fn resolve(connection: &Connection) -> Result<Resolved, Error> {
    let mut resolved = Resolved::default();
    // Sorted, so that the rows are changed from the first to the last.
    let mut unresolved = connection.prepare(
        "SELECT u.row,
                (SELECT id FROM temp.candidates c WHERE c.label = u.label ORDER BY key LIMIT 1),
                (SELECT id FROM temp.candidates c WHERE c.label = u.label ORDER BY key LIMIT 1 OFFSET 1)
         FROM temp.unresolved u ORDER BY u.row",
    )?;
    let mut give = connection.prepare("UPDATE rows SET uid = ?2 WHERE row = ?1")?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut rows = unresolved.query(())?;
    while let Some(found) = rows.next()? {
        let row = number(found, 0)?.cast_signed();
        let id = |column| -> Result<Option<&str>, Error> {
            Ok(found.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?)
        };
        match (id(1)?, id(2)?) {
            (Some(id), None) => {
                give.execute((row, id))?;
                resolved.found += 1;
            }
            (Some(id), Some(other)) => {
                skip.execute((row, ambiguous(id, other)))?;
                resolved.ambiguous += 1;
            }
            (None, _) => {
                skip.execute((row, NO_SUCH_LABEL))?;
                resolved.unknown += 1;
            }
        }
    }
    connection.execute_batch("DELETE FROM temp.unresolved")?;
    Ok(resolved)
}

/// How many labels of rows more than one device has.
pub(crate) fn count_ambiguous(connection: &Connection) -> Result<u64, Error> {
    columns::count(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM temp.candidates GROUP BY label HAVING count(*) > 1)",
    )
}

/// The ids of the first few devices that have a label.
pub(crate) fn candidates(connection: &Connection, label: &str) -> Result<Vec<String>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM temp.candidates WHERE label = ?1 ORDER BY key LIMIT ?2")?;
    let ids = statement
        .query_map((label, FINDINGS_SHOWN.cast_signed()), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Rows of one label together, by the first of them.
pub(crate) fn each_ambiguous<E: From<Error>>(
    connection: &Connection,
    mut visit: impl FnMut(u64, AmbiguousRow) -> Result<(), E>,
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
                ids = candidates(connection, &row.name)?;
            }
            visit(label, AmbiguousRow { row, ids: ids.clone() })
        },
    )
}
