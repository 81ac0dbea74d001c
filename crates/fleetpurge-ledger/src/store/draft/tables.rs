//! The temporary tables and the functions that planning needs of SQLite.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::model::Error;
use crate::rules::{Rules, is_blank};
use crate::store::columns::value;
use crate::store::draft::{commented_out, labels, name_filters, protect};

/// What the rules need of SQLite while a plan is drafted.
pub(crate) fn prepare(connection: &Connection, rules: &'static dyn Rules) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("uid_key", 1, flags, |context| {
        Ok(value(rules.key(context.get_raw(0).as_str()?)))
    })?;
    connection.create_scalar_function("is_well_formed", 1, flags, |context| {
        Ok(rules.is_well_formed(context.get_raw(0).as_str()?))
    })?;
    connection.create_scalar_function("is_blank", 1, flags, |context| {
        Ok(is_blank(context.get_raw(0).as_str()?))
    })?;
    connection.execute_batch(
        "CREATE TEMP TABLE conflicts (key PRIMARY KEY, first INTEGER NOT NULL, other INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    protect::prepare(connection)?;
    name_filters::prepare(connection)?;
    commented_out::prepare(connection, rules)?;
    labels::prepare(connection, rules)
}
