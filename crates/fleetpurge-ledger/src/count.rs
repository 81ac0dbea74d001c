//! Counts what the rows have come to, span by span.

use fleetpurge_engine::OutcomeKind;
use rusqlite::Connection;

use crate::error::Error;
use crate::pages::{holding, outcomes};
use crate::read::Counts;
use crate::records::Tally;
use crate::verify::number;

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
    let mut sweep = outcomes(connection, 1, planned);
    let mut open = open.iter().peekable();
    while let Some((first, last)) = sweep.stretch()? {
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
        match holding(sweep.over()).map_or(OutcomeKind::Pending, |span| span.kind) {
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
pub(crate) fn now(connection: &Connection) -> Result<(Tally, Vec<(u64, u64)>), Error> {
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
