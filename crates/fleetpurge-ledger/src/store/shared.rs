//! How many devices two plans share. The keys of the smaller plan are in a temporary table, so that memory stays flat.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::model::Error;
use crate::rules::Rules;
use crate::store::columns::value;
use crate::store::database::cache_temporary;

/// How many devices of `large` are in `small`. Rows that are left out do not count.
pub(crate) fn count(small: &Connection, large: &Connection, rules: &'static dyn Rules) -> Result<u64, Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    small.create_scalar_function("shared_key", 1, flags, move |context| {
        Ok(value(rules.key(context.get_raw(0).as_str()?)))
    })?;
    cache_temporary(small)?;
    // Sorted, so that the table is written from its beginning to its end.
    small.execute_batch(
        "DROP TABLE IF EXISTS temp.shared;
         CREATE TEMP TABLE shared (key PRIMARY KEY) WITHOUT ROWID;
         INSERT OR IGNORE INTO temp.shared (key)
             SELECT shared_key(uid) AS key FROM rows WHERE skipped IS NULL ORDER BY key;",
    )?;
    let mut holds = small.prepare("SELECT 1 FROM temp.shared WHERE key = ?1")?;
    let mut rows = large.prepare("SELECT uid FROM rows WHERE skipped IS NULL")?;
    let mut rows = rows.query(())?;
    let mut shared = 0;
    while let Some(row) = rows.next()? {
        let uid = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        shared += u64::from(holds.exists([value(rules.key(uid))])?);
    }
    Ok(shared)
}
