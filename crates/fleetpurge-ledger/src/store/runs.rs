//! The runs over a plan.

use rusqlite::Connection;

use crate::model::{Error, ErrorKind, RunEnd, RunRecord};
use crate::store::columns::number;
use crate::store::records::NewRun;

pub(crate) fn begin(connection: &Connection, new: &NewRun<'_>, at: &str) -> Result<(), Error> {
    connection.execute(
        "INSERT INTO runs (run, who, host, pid, version, confirmation, options, started_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            new.run.cast_signed(),
            &new.holder.who,
            &new.holder.host,
            new.holder.pid,
            new.version,
            new.confirmation,
            new.options,
            at,
        ),
    )?;
    Ok(())
}

pub(crate) fn end(connection: &Connection, run: u64, end: &RunEnd, at: &str) -> Result<(), Error> {
    connection.execute(
        "UPDATE runs SET ended_at = ?2, exit = ?3, stop_reason = ?4 WHERE run = ?1",
        (run.cast_signed(), at, end.exit, &end.stop_reason),
    )?;
    Ok(())
}

/// Notes of runs that never ended that they died.
pub(crate) fn note_dead(connection: &Connection) -> Result<(), Error> {
    connection.execute(
        "UPDATE runs SET stop_reason = 'the run ended without closing the ledger'
         WHERE ended_at IS NULL AND stop_reason IS NULL",
        (),
    )?;
    Ok(())
}

/// The runs, in order.
pub(crate) fn all(connection: &Connection) -> Result<Vec<RunRecord>, Error> {
    let mut statement = connection.prepare(
        "SELECT run, who, host, version, confirmation, options, started_at, ended_at, exit, stop_reason
         FROM runs ORDER BY run",
    )?;
    let mut rows = statement.query(())?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next()? {
        let run = number(row, 0)?;
        let time = |text: String| {
            text.parse().map_err(|error: jiff::Error| {
                Error::new(ErrorKind::Altered, format!("a date of run {run} is not valid")).with_source(error)
            })
        };
        runs.push(RunRecord {
            run,
            who: row.get(1)?,
            host: row.get(2)?,
            version: row.get(3)?,
            confirmation: row.get(4)?,
            options: row.get(5)?,
            started_at: time(row.get(6)?)?,
            ended_at: row.get::<_, Option<String>>(7)?.map(time).transpose()?,
            exit: row.get(8)?,
            stop_reason: row.get(9)?,
        });
    }
    Ok(runs)
}
