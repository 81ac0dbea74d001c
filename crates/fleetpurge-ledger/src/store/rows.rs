//! The rows of a plan.

use std::collections::VecDeque;

use fleetpurge_engine::Applied;
use rusqlite::Connection;

use crate::model::{Error, Selected};
use crate::proof::RowRecord;
use crate::store::columns::{maybe_text, number, text};

/// Every row of a plan, in order.
pub(crate) fn each_row(
    connection: &Connection,
    mut visit: impl FnMut(&RowRecord<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement = connection.prepare("SELECT row, uid, name, source, line, skipped FROM rows ORDER BY row")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        visit(&RowRecord {
            row: number(row, 0)?,
            uid: text(row, 1)?,
            name: text(row, 2)?,
            source: number(row, 3)?,
            line: number(row, 4)?,
            skipped: maybe_text(row, 5)?,
        })?;
    }
    Ok(())
}

/// A row of a plan, as it is reported.
#[derive(Debug)]
pub(crate) struct PlanRow {
    pub(crate) row: u64,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) line: u64,
    pub(crate) skipped: Option<String>,
}

/// Adds the next rows after this one.
pub(crate) fn page(connection: &Connection, after: u64, page: &mut VecDeque<PlanRow>) -> Result<(), Error> {
    // A parameter for the limit would make SQLite prepare the query anew for every page.
    let mut statement = connection
        .prepare_cached("SELECT row, uid, name, line, skipped FROM rows WHERE row > ?1 ORDER BY row LIMIT 512")?;
    let mut rows = statement.query((after.cast_signed(),))?;
    while let Some(row) = rows.next()? {
        page.push_back(PlanRow {
            row: number(row, 0)?,
            uid: row.get(1)?,
            name: row.get(2)?,
            line: number(row, 3)?,
            skipped: row.get(4)?,
        });
    }
    Ok(())
}

/// Adds the devices to send in a range of rows, no more than `limit`.
pub(crate) fn to_send(
    connection: &Connection,
    (first, last): (u64, u64),
    earlier: Applied,
    limit: u64,
    page: &mut VecDeque<Selected>,
) -> Result<(), Error> {
    let mut statement = connection.prepare_cached(
        "SELECT row, uid, name FROM rows WHERE row BETWEEN ?1 AND ?2 AND skipped IS NULL ORDER BY row",
    )?;
    let mut rows = statement.query((first.cast_signed(), last.cast_signed()))?;
    let mut left = limit;
    while left > 0
        && let Some(row) = rows.next()?
    {
        left -= 1;
        page.push_back(Selected {
            row: number(row, 0)?,
            uid: row.get(1)?,
            name: row.get(2)?,
            earlier,
        });
    }
    Ok(())
}
