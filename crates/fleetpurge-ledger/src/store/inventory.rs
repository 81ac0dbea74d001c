//! A fresh inventory in temporary tables: they use a file, so that memory stays flat.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use crate::model::Error;
use crate::rules::inventory::{Namesake, Survey};
use crate::rules::{Rules, UidKey, name_key};
use crate::store::columns::{count, value};
use crate::store::database::cache_temporary;

/// Makes the tables anew.
pub(crate) fn prepare(connection: &Connection, rules: &'static dyn Rules) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("inventory_key", 1, flags, move |context| {
        Ok(value(rules.key(context.get_raw(0).as_str()?.trim())))
    })?;
    connection.create_scalar_function("name_key", 1, flags, |context| {
        Ok(name_key(context.get_raw(0).as_str()?))
    })?;
    cache_temporary(connection)?;
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.inventory;
         DROP TABLE IF EXISTS temp.known;
         DROP TABLE IF EXISTS temp.strangers;
         CREATE TEMP TABLE inventory (key NOT NULL, name TEXT NOT NULL, line INTEGER NOT NULL);
         CREATE TEMP TABLE known (key NOT NULL, name TEXT NOT NULL, PRIMARY KEY (key, name)) WITHOUT ROWID;
         CREATE TEMP TABLE strangers (name TEXT PRIMARY KEY, key NOT NULL, line INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// Adds a device of the inventory.
pub(crate) fn add(connection: &Connection, key: UidKey<'_>, name: &str, line: u64) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO temp.inventory (key, name, line) VALUES (?1, ?2, ?3)")?
        .execute((value(key), name, line.cast_signed()))?;
    Ok(())
}

/// Compares all devices of the inventory with the rows of the plan, by count.
pub(crate) fn compare(connection: &Connection, survey: &mut Survey) -> Result<(), Error> {
    // Sorted, so that the tables are written from their beginning to their end.
    connection.execute_batch(
        "CREATE INDEX temp.inventory_key ON inventory (key);
         INSERT INTO temp.known (key, name)
             SELECT DISTINCT inventory_key(uid) AS key, name_key(name) AS name FROM rows ORDER BY key, name;
         INSERT OR IGNORE INTO temp.strangers (name, key, line)
             SELECT i.name, i.key, i.line FROM temp.inventory i
             WHERE i.name <> '' AND NOT EXISTS (SELECT 1 FROM temp.known k WHERE k.key = i.key AND k.name = i.name)
             ORDER BY i.name, i.line;",
    )?;
    survey.devices = count(connection, "SELECT count(DISTINCT key) FROM temp.inventory")?;
    survey.in_plan = count(
        connection,
        "SELECT count(DISTINCT key) FROM temp.inventory i
         WHERE EXISTS (SELECT 1 FROM temp.known k WHERE k.key = i.key)",
    )?;
    if survey.in_plan == 0 {
        connection.execute_batch("CREATE INDEX temp.known_name ON known (name)")?;
        survey.names_in_plan = count(
            connection,
            "SELECT count(DISTINCT key) FROM temp.inventory i
             WHERE i.name <> '' AND EXISTS (SELECT 1 FROM temp.known k WHERE k.name = i.name)",
        )?;
    }
    Ok(())
}

/// Whether the inventory lists this device.
pub(crate) fn lists(connection: &Connection, key: UidKey<'_>) -> Result<bool, Error> {
    let is_listed = connection
        .prepare_cached("SELECT 1 FROM temp.inventory WHERE key = ?1 LIMIT 1")?
        .exists([value(key)])?;
    Ok(is_listed)
}

/// A device of the inventory that has this name under a uid that the plan does not know by it: one that it does is another
/// device, as a replaced machine is, and no sign of another column.
pub(crate) fn namesake(connection: &Connection, name: &str) -> Result<Option<Namesake>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    connection
        .prepare_cached("SELECT line, key FROM temp.strangers WHERE name = ?1")?
        .query_row([name], |row| {
            let uid = match row.get(1)? {
                Value::Blob(uuid) => {
                    uuid::Uuid::from_slice(&uuid).map_or_else(|_| String::new(), |uuid| uuid.to_string())
                }
                Value::Text(text) => text,
                _ => String::new(),
            };
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), uid))
        })
        .optional()
        .map(|found| found.map(|(line, uid)| Namesake { line, uid }))
        .map_err(Error::from)
}
