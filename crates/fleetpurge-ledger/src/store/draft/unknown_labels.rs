//! The planned devices of which no label is known while labels protect.
//!
//! A list of the account that changes while it is read can hide a device, and its count is right all the same. What a list
//! does not show with a label has to be asked for by id: a device that nobody knows the label of may be a protected one.

use rusqlite::Connection;

use crate::model::{Error, ErrorKind};
use crate::rules::Rules;
use crate::store::columns;
use crate::store::draft::protect::ProtectLists;

pub(crate) fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch("CREATE TEMP TABLE undecided (key TEXT PRIMARY KEY) WITHOUT ROWID;")?;
    Ok(())
}

/// Notes every id of the rows that a label might protect and nothing protects yet.
pub(crate) fn begin(connection: &Connection, rules: &dyn Rules, lists: &ProtectLists) -> Result<(), Error> {
    connection.execute_batch("DELETE FROM temp.undecided")?;
    if !lists.names_labels() {
        return Ok(());
    }
    let mut rows = connection.prepare("SELECT uid, name FROM rows WHERE skipped IS NULL")?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO temp.undecided (key) VALUES (?1)")?;
    let mut rows = rows.query(())?;
    while let Some(row) = rows.next()? {
        let uid = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        // An id that is not well formed is never sent.
        if rules.is_well_formed(uid) && !lists.protects(connection, uid, name)? {
            insert.execute([rules.key(uid).spelled()])?;
        }
    }
    Ok(())
}

/// The label of this device is known, or that there is no such device.
pub(crate) fn decide(connection: &Connection, rules: &dyn Rules, id: &str) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM temp.undecided WHERE key = ?1")?
        .execute([rules.key(id).spelled()])?;
    Ok(())
}

/// The first ids that are left, in order, behind this one.
pub(crate) fn after(connection: &Connection, id: &str, limit: u64) -> Result<Vec<String>, Error> {
    let mut ids = connection.prepare_cached("SELECT key FROM temp.undecided WHERE key > ?1 ORDER BY key LIMIT ?2")?;
    let ids = ids
        .query_map((id, i64::try_from(limit).unwrap_or(i64::MAX)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

pub(crate) fn count(connection: &Connection) -> Result<u64, Error> {
    columns::count(connection, "SELECT count(*) FROM temp.undecided")
}

/// Nothing is protected by labels as long as some are not known.
pub(crate) fn check(connection: &Connection) -> Result<(), Error> {
    match count(connection)? {
        0 => Ok(()),
        left => Err(Error::new(
            ErrorKind::Inconsistent,
            format!("labels protect devices, and the labels of {left} planned devices are not known"),
        )),
    }
}
