//! Reads what is known of rows: their outcomes and their attempts.

use fleetpurge_engine::OutcomeKind;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::model::{Error, ErrorKind};

/// The outcome that holds for a row.
#[derive(Clone, Debug)]
pub(crate) struct KnownOutcome {
    pub(crate) kind: OutcomeKind,
    pub(crate) detail: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) at: Timestamp,
}

/// The last attempt of a row.
#[derive(Clone, Debug)]
pub(crate) struct KnownAttempt {
    pub(crate) attempt: u64,
    pub(crate) run: u64,
    pub(crate) batch: u64,
    pub(crate) request_id: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) begun_at: Timestamp,
    pub(crate) is_settled: bool,
}

/// An outcome by its first row and its id.
pub(crate) fn outcome(connection: &Connection, (first, id): (u64, u64)) -> Result<KnownOutcome, Error> {
    let (kind, detail, code, at) = connection
        .prepare_cached("SELECT outcome, detail, code, at FROM outcomes WHERE first = ?1 AND id = ?2")?
        .query_row((first.cast_signed(), id.cast_signed()), |row| {
            let kind: String = row.get(0)?;
            let at: String = row.get(3)?;
            Ok((kind, row.get(1)?, row.get(2)?, at))
        })?;
    Ok(KnownOutcome {
        kind: kind.parse().map_err(|error| {
            Error::new(ErrorKind::Altered, format!("outcome {id} is not a known one")).with_source(error)
        })?,
        detail,
        code,
        at: time(&at)?,
    })
}

/// An attempt by its number.
pub(crate) fn attempt(connection: &Connection, attempt: u64) -> Result<KnownAttempt, Error> {
    let mut statement = connection.prepare_cached(
        // Unanswered and certainly not applied: it never left, and nobody knows its id.
        "SELECT run, batch, CASE WHEN applied = 'no' AND status IS NULL THEN NULL ELSE request_id END, trace_id, begun_at,
                settled_at IS NOT NULL FROM attempts WHERE attempt = ?1",
    )?;
    let found = statement
        .query_row([attempt.cast_signed()], |row| {
            Ok((
                row.get::<_, i64>(0)?.unsigned_abs(),
                row.get::<_, i64>(1)?.unsigned_abs(),
                row.get(2)?,
                row.get(3)?,
                row.get::<_, String>(4)?,
                row.get(5)?,
            ))
        })
        .optional()?;
    let Some((run, batch, request_id, trace_id, begun_at, is_settled)) = found else {
        return Err(Error::new(
            ErrorKind::Altered,
            format!("attempt {attempt} is missing from the plan"),
        ));
    };
    Ok(KnownAttempt {
        attempt,
        run,
        batch,
        request_id,
        trace_id,
        begun_at: time(&begun_at)?,
        is_settled,
    })
}

/// When the last attempt was begun. `None`: never.
pub(crate) fn last_begun_at(connection: &Connection) -> Result<Option<Timestamp>, Error> {
    let text: Option<String> = connection
        .query_row(
            "SELECT begun_at FROM attempts ORDER BY attempt DESC LIMIT 1",
            (),
            |row| row.get(0),
        )
        .optional()?;
    text.map(|text| {
        text.parse().map_err(|error: jiff::Error| {
            Error::new(ErrorKind::Altered, "a date of the plan's attempts is not valid").with_source(error)
        })
    })
    .transpose()
}

fn time(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|error: jiff::Error| {
        Error::new(ErrorKind::Altered, "a date in the plan is not valid").with_source(error)
    })
}
