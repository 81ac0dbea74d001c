//! Counts what the rows have come to, range by range, and why.

use std::collections::HashMap;

use fleetpurge_engine::OutcomeKind;
use rusqlite::Connection;

use crate::model::{Counts, Error, Reason};
use crate::proof::Tally;
use crate::store::columns::number;
use crate::store::database::Database;
use crate::store::ranges::{holding, outcomes};

/// `open` are the rows of attempts under way, in row order: they are unknown, whatever was known before.
pub(crate) fn count(
    connection: &Connection,
    planned: u64,
    skipped: u64,
    tally: &Tally,
    open: &[(u64, u64)],
) -> Result<Counts, Error> {
    let mut counts = Counts {
        planned,
        skipped,
        attempts: tally.attempts,
        anomalies: tally.anomalies,
        ..Counts::default()
    };
    let mut segments = outcomes(connection, 1, planned);
    let mut open = open.iter().peekable();
    while let Some((first, last)) = segments.next_segment()? {
        let rows = last - first + 1;
        let mut under_way = 0;
        while let Some((open_first, open_last)) = open.peek() {
            let from = first.max(*open_first);
            let to = last.min(*open_last);
            if from <= to {
                under_way += to - from + 1;
            }
            if *open_last > last {
                break;
            }
            open.next();
        }
        counts.unknown += under_way;
        match holding(segments.covering()).map_or(OutcomeKind::Pending, |range| range.kind) {
            OutcomeKind::Scheduled => counts.scheduled += rows - under_way,
            OutcomeKind::Invalid => counts.invalid += rows - under_way,
            OutcomeKind::Failed => counts.failed += rows - under_way,
            OutcomeKind::Rejected => counts.rejected += rows - under_way,
            OutcomeKind::Unknown => counts.unknown += rows - under_way,
            OutcomeKind::Pending | OutcomeKind::Skipped => counts.pending += rows - under_way,
        }
    }
    // Rows that were left out have no outcome, and were counted with the pending.
    counts.pending = counts.pending.saturating_sub(skipped);
    Ok(counts)
}

/// The tally, and the rows of attempts under way in row order, as they are now.
/// Counts as they are now, whatever is written meanwhile.
pub(crate) fn count_now(database: &Database, planned: u64, skipped: u64) -> Result<Counts, Error> {
    database.at_one_moment(|| {
        let (tally, under_way) = now(database)?;
        count(database, planned, skipped, &tally, &under_way)
    })
}

/// Reasons as they are now, whatever is written meanwhile.
pub(crate) fn reasons_now(database: &Database, planned: u64, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
    database.at_one_moment(|| {
        let (_, under_way) = now(database)?;
        reasons(database, planned, kind, &under_way)
    })
}

fn now(connection: &Connection) -> Result<(Tally, Vec<(u64, u64)>), Error> {
    let mut statement =
        connection.prepare_cached("SELECT commits, attempts, settled, outcomes, anomalies FROM tally WHERE id = 1")?;
    let mut rows = statement.query(())?;
    let tally = match rows.next()? {
        Some(row) => Tally {
            commits: number(row, 0)?,
            attempts: number(row, 1)?,
            settled: number(row, 2)?,
            outcomes: number(row, 3)?,
            anomalies: number(row, 4)?,
        },
        None => Tally::default(),
    };
    let mut open = Vec::new();
    if tally.settled < tally.attempts {
        let mut statement = connection.prepare_cached(
            "SELECT r.first, r.last FROM attempt_rows r
             WHERE r.attempt IN (SELECT attempt FROM attempts WHERE settled_at IS NULL) ORDER BY r.first",
        )?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            open.push((number(row, 0)?, number(row, 1)?));
        }
    }
    Ok((tally, open))
}

/// How many different reasons are counted separately. What a service sends as a reason may differ from row to row.
const MOST: usize = 100;

/// `open` are the rows of attempts under way, in row order.
pub(crate) fn reasons(
    connection: &Connection,
    planned: u64,
    kind: OutcomeKind,
    open: &[(u64, u64)],
) -> Result<Vec<Reason>, Error> {
    let mut rows: HashMap<Option<String>, u64> = HashMap::new();
    let mut open = open.iter().peekable();
    let mut segments = outcomes(connection, 1, planned);
    while let Some((first, last)) = segments.next_segment()? {
        let mut settled = last - first + 1;
        while let Some((open_first, open_last)) = open.peek() {
            let (from, to) = (first.max(*open_first), last.min(*open_last));
            if from <= to {
                settled -= to - from + 1;
            }
            if *open_last > last {
                break;
            }
            open.next();
        }
        let Some(range) = holding(segments.covering()).filter(|range| range.kind == kind && settled > 0) else {
            continue;
        };
        let mut detail: Option<String> = connection
            .prepare_cached("SELECT detail FROM outcomes WHERE first = ?1 AND id = ?2")?
            .query_row((range.first.cast_signed(), range.id.cast_signed()), |row| row.get(0))?;
        if rows.len() >= MOST && !rows.contains_key(&detail) {
            detail = None;
        }
        *rows.entry(detail).or_default() += settled;
    }
    let mut reasons: Vec<Reason> = rows.into_iter().map(|(detail, rows)| Reason { detail, rows }).collect();
    reasons.sort_by(|left, right| right.rows.cmp(&left.rows).then_with(|| left.detail.cmp(&right.detail)));
    Ok(reasons)
}
