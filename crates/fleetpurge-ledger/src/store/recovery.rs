//! Settles what a run that died left open: the service may have acted on it, so its devices become `unknown`.

use rusqlite::Connection;

use crate::model::Error;
use crate::proof::{OpenAttempt, Tally};
use crate::store::sqlite_records::SqliteRecords;
use crate::store::{attempts, runs};

/// Settles these attempts in one commit.
pub(crate) fn settle_as_unknown(
    connection: &Connection,
    plan: &str,
    open: &[OpenAttempt],
    at: &str,
    tally: &mut Tally,
) -> Result<(), Error> {
    let mut records = SqliteRecords(connection);
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for open in open {
        attempts::as_unknown(&mut records, plan, open, at, tally)?;
    }
    runs::note_dead(connection)?;
    attempts::count_commit(&mut records, plan, tally)?;
    connection.execute_batch("COMMIT")?;
    Ok(())
}
