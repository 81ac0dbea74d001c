//! Leaves rows out by their names.
//!
//! A device is left out or kept as a whole: it may be in several rows, of which some have no name.

use rusqlite::Connection;

use crate::model::{Error, NamesFiltered};
use crate::rules::{EXCLUDED, NOT_INCLUDED, NameFilters, PROTECTED, excluded_with};
use crate::store::columns::{self, number};
use crate::store::draft::listing;

/// What it needs of SQLite.
pub(crate) fn prepare(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE TEMP TABLE excluded_devices (key PRIMARY KEY, row INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
         CREATE TEMP TABLE named_devices (key PRIMARY KEY) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Skips rows by their names. Needs to know the suspects: [`duplicates`](super::duplicates).
///
/// A protected row keeps its reason, and a pattern that matches it matches something.
pub(crate) fn leave_out(connection: &Connection, mut filters: NameFilters) -> Result<NamesFiltered, Error> {
    if filters.is_empty() {
        return Ok(NamesFiltered::default());
    }
    leave_out_rows(connection, &mut filters)?;
    join_rows_of_devices(connection)?;
    let mut filtered = NamesFiltered::default();
    if filters.excludes() {
        filtered.unnamed = columns::count(connection, &format!("SELECT count(*) {UNNAMED}"))?;
        let mut first = Vec::new();
        listing::enough(listing::each_row_at(
            connection,
            &format!("SELECT r.row, s.name, r.line, r.uid, r.name {UNNAMED} ORDER BY r.row LIMIT 1"),
            |_, row| listing::show(&mut first, row),
        ))?;
        filtered.unnamed_first = first.pop();
    }
    filtered.patterns = filters.into_matches();
    Ok(filtered)
}

/// Rows that would be sent and of whose device no row has a name.
const UNNAMED: &str = "FROM rows r JOIN sources s ON s.source = r.source
     WHERE r.skipped IS NULL AND is_blank(r.name) AND uid_key(r.uid) NOT IN (SELECT key FROM temp.named_devices)";

fn leave_out_rows(connection: &Connection, filters: &mut NameFilters) -> Result<(), Error> {
    let mut rows = connection.prepare(&format!(
        "SELECT row, name, skipped IS NOT NULL FROM rows WHERE skipped IS NULL OR skipped LIKE '{PROTECTED}%' ORDER BY row"
    ))?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut rows = rows.query(())?;
    while let Some(found) = rows.next()? {
        let name = found.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let is_protected: bool = found.get(2)?;
        if let (Some(reason), false) = (filters.judge(name), is_protected) {
            skip.execute((found.get::<_, i64>(0)?, reason))?;
        }
    }
    Ok(())
}

/// All rows of a device follow the one that is excluded, or else the one that is included. Only suspects can have
/// several rows.
fn join_rows_of_devices(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&format!(
        "INSERT OR IGNORE INTO temp.excluded_devices (key, row, reason)
             SELECT uid_key(uid), row, skipped FROM rows WHERE skipped LIKE '{EXCLUDED}%' AND is_suspect(uid) ORDER BY row;
         INSERT OR IGNORE INTO temp.named_devices (key)
             SELECT uid_key(uid) FROM rows WHERE skipped IS NULL AND is_suspect(uid) AND NOT is_blank(name);
         UPDATE rows SET skipped = NULL
             WHERE skipped LIKE '{NOT_INCLUDED}%' AND is_suspect(uid)
             AND uid_key(uid) IN (SELECT uid_key(uid) FROM rows WHERE skipped IS NULL AND is_suspect(uid));"
    ))?;
    let mut rows = connection.prepare(&format!(
        "SELECT r.row, x.row, x.reason FROM rows r CROSS JOIN temp.excluded_devices x ON x.key = uid_key(r.uid)
         WHERE is_suspect(r.uid) AND (r.skipped IS NULL OR r.skipped LIKE '{NOT_INCLUDED}%') ORDER BY r.row"
    ))?;
    let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
    let mut rows = rows.query(())?;
    while let Some(found) = rows.next()? {
        let reason = found.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        skip.execute((found.get::<_, i64>(0)?, excluded_with(reason, number(found, 1)?)))?;
    }
    Ok(())
}
