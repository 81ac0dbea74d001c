//! Finds repeated and contradicting rows: SQLite sorts the rows by uid, outside memory.

use std::collections::HashSet;

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::model::{Error, ErrorKind, RowAt, RowKind, Words};
use crate::rules::{Duplicate, Duplicates, EXCLUDED, PROTECTED, Rules, conflicting, kind_of, repeats};
use crate::store::columns::{count, number};
use crate::store::draft::listing::each_row_at;
use crate::store::draft::seen::Suspects;

/// Whether there may be repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    Possible,
    None,
}

/// Tells SQLite which rows are suspects: only those can be repeats.
pub(crate) fn prepare_suspects(
    connection: &Connection,
    rules: &'static dyn Rules,
    suspects: Suspects,
) -> Result<Repeats, Error> {
    let repeats = if suspects == Suspects::These(HashSet::new()) {
        Repeats::None
    } else {
        Repeats::Possible
    };
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("is_suspect", 1, flags, move |context| {
        Ok(suspects.has(&rules.key(context.get_raw(0).as_str()?)))
    })?;
    Ok(repeats)
}

/// Finds repeats and conflicts among the rows that are not blank.
///
/// Protected and excluded rows take part in conflicts: a device that stays under one name must not go under another.
/// They keep their reason where they repeat one another.
pub(crate) fn judge_rows(connection: &Connection, rules: &dyn Rules) -> Result<(), Error> {
    let mut sorted = connection.prepare(&format!(
        "SELECT uid_key(uid) AS key, row, name, skipped IS NOT NULL FROM rows
         WHERE (skipped IS NULL OR skipped LIKE '{PROTECTED}%' OR skipped LIKE '{EXCLUDED}%') AND is_suspect(uid)
         ORDER BY key, row"
    ))?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut conflict =
        connection.prepare("INSERT OR IGNORE INTO temp.conflicts (key, first, other) VALUES (?1, ?2, ?3)")?;
    let mut duplicates = Duplicates::default();
    let mut key = Vec::new();
    let mut rows = sorted.query(())?;
    // The sort has read all rows before the first comes out of it, so that changing them here changes nothing there.
    while let Some(found) = rows.next()? {
        let uid = found.get_ref(0)?;
        let row = number(found, 1)?;
        let name = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        key.clear();
        match uid {
            ValueRef::Blob(uuid) => {
                key.push(b'u');
                key.extend_from_slice(uuid);
            }
            ValueRef::Text(text) => {
                key.push(b't');
                key.extend_from_slice(text);
            }
            _ => return Err(Error::new(ErrorKind::Altered, "a uid of the draft is not text")),
        }
        let duplicate = duplicates.judge(rules, &key, row, name);
        if let Duplicate::Conflicts(first) = duplicate {
            conflict.execute((ToSqlOutput::Borrowed(uid), first.cast_signed(), row.cast_signed()))?;
        }
        let stays: bool = found.get(3)?;
        if let (Duplicate::Repeats(first), false) = (duplicate, stays) {
            skip.execute((row.cast_signed(), repeats(first)))?;
        }
    }
    Ok(())
}

/// Leaves out all rows of the conflicting uids, whatever else they were taken for but blank or a comment.
pub(crate) fn leave_out_conflicts(connection: &Connection, words: Words) -> Result<(), Error> {
    let mut rows = connection.prepare(
        "SELECT r.row, c.first, c.other, r.skipped FROM rows r JOIN temp.conflicts c ON c.key = uid_key(r.uid)
         ORDER BY r.row",
    )?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let skipped = row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        if skipped.is_some_and(|reason| matches!(kind_of(reason), RowKind::Blank | RowKind::CommentedOut)) {
            continue;
        }
        let reason = conflicting(words, number(row, 1)?, number(row, 2)?);
        skip.execute((row.get::<_, i64>(0)?, reason))?;
    }
    Ok(())
}

pub(crate) fn each_conflict<E: From<Error>>(
    connection: &Connection,
    mut visit: impl FnMut(u64, RowAt) -> Result<(), E>,
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
            visit(conflict, row)
        },
    )
}

/// How many uids have rows that contradict each other.
pub(crate) fn count_conflicts(connection: &Connection) -> Result<u64, Error> {
    count(connection, "SELECT count(*) FROM temp.conflicts")
}
