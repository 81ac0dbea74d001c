//! Devices that a person has commented out in one row and that another row would send.
//!
//! A comment means that the device stays. That holds for every list of the plan, whichever of them it stands in.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::model::{Error, RowAt, Unmarked};
use crate::rules::{RECALLED, Rules, Sent, name_key, recalled};
use crate::store::columns::{self, number, value};
use crate::store::draft::listing;

/// What it needs of SQLite.
pub(crate) fn prepare(connection: &Connection, rules: &'static dyn Rules) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("trimmed_key", 1, flags, move |context| {
        Ok(value(rules.key(context.get_raw(0).as_str()?.trim())))
    })?;
    connection.create_scalar_function("name_key", 1, flags, |context| {
        Ok(name_key(context.get_raw(0).as_str()?))
    })?;
    connection.execute_batch(
        "CREATE TEMP TABLE commented_uids (key PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TEMP TABLE commented_names (name TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TEMP TABLE recalled (key PRIMARY KEY, comment INTEGER NOT NULL, first INTEGER) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Keeps in mind a row that is commented out.
pub(crate) fn add(connection: &Connection, rules: &dyn Rules, row: u64, device: Unmarked<'_>) -> Result<(), Error> {
    let uid = device.uid.trim();
    if !uid.is_empty() && !rules.is_nil(uid) {
        connection
            .prepare_cached("INSERT OR IGNORE INTO temp.commented_uids (key, row) VALUES (?1, ?2)")?
            .execute((value(rules.key(uid)), row.cast_signed()))?;
    }
    let name = name_key(device.name);
    // Where devices are sent by id, a label may have been looked up, and found under another id.
    if (rules.sent() == Sent::ById || !rules.is_device(uid)) && !name.is_empty() {
        connection
            .prepare_cached("INSERT OR IGNORE INTO temp.commented_names (name, row) VALUES (?1, ?2)")?
            .execute((name, row.cast_signed()))?;
    }
    Ok(())
}

/// Leaves out the rows whose devices are commented out elsewhere, and returns how many devices those are. Repeats were
/// found already: they say by which names a device goes.
pub(crate) fn leave_out(connection: &Connection) -> Result<u64, Error> {
    if columns::count(
        connection,
        "SELECT EXISTS (SELECT 1 FROM temp.commented_uids) OR EXISTS (SELECT 1 FROM temp.commented_names)",
    )? == 0
    {
        return Ok(0);
    }
    // The rows come first in each join: each is looked up among the comments once.
    connection.execute_batch(
        "INSERT OR IGNORE INTO temp.recalled (key, comment)
             SELECT uid_key(r.uid), c.row FROM rows r CROSS JOIN temp.commented_uids c ON c.key = trimmed_key(r.uid)
             WHERE r.skipped IS NULL OR r.skipped LIKE 'repeats row %';
         INSERT OR IGNORE INTO temp.recalled (key, comment)
             SELECT uid_key(r.uid), c.row FROM rows r CROSS JOIN temp.commented_names c ON c.name = name_key(r.name)
             WHERE r.skipped IS NULL OR r.skipped LIKE 'repeats row %';",
    )?;
    {
        let mut rows = connection.prepare(
            "SELECT r.row, x.comment, uid_key(r.uid) FROM rows r CROSS JOIN temp.recalled x ON x.key = uid_key(r.uid)
             WHERE r.skipped IS NULL ORDER BY r.row",
        )?;
        let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
        let mut first = connection.prepare("UPDATE temp.recalled SET first = ?2 WHERE key = ?1 AND first IS NULL")?;
        let mut rows = rows.query(())?;
        while let Some(found) = rows.next()? {
            let row = number(found, 0)?.cast_signed();
            skip.execute((row, recalled(number(found, 1)?)))?;
            first.execute((found.get::<_, rusqlite::types::Value>(2)?, row))?;
        }
    }
    // What is left would not have been sent anyway.
    connection.execute_batch("DELETE FROM temp.recalled WHERE first IS NULL")?;
    columns::count(connection, "SELECT count(*) FROM temp.recalled")
}

/// The comment and the rows of each such device, by the first of those rows.
pub(crate) fn each<E: From<Error>>(
    connection: &Connection,
    mut visit: impl FnMut(u64, RowAt) -> Result<(), E>,
) -> Result<(), E> {
    let mut device = 0;
    let mut first_row = 0;
    listing::each_row_at(
        connection,
        &format!(
            "SELECT r.row, s.name, r.line, r.uid, r.name, x.first
             FROM temp.recalled x JOIN rows r ON r.row = x.comment JOIN sources s ON s.source = r.source
             UNION ALL
             SELECT r.row, s.name, r.line, r.uid, r.name, x.first
             FROM rows r CROSS JOIN temp.recalled x ON x.key = uid_key(r.uid) JOIN sources s ON s.source = r.source
             WHERE r.skipped LIKE '{RECALLED}%' OR r.skipped LIKE 'conflict: %'
             ORDER BY 6, 1"
        ),
        |found, row| {
            let first = number(found, 5)?;
            if first != first_row {
                first_row = first;
                device += 1;
            }
            visit(device, row)
        },
    )
}
