//! What a report tells of attempts beside the outcomes: batches over all runs, and the anomalies.

use rusqlite::Connection;

use crate::model::{AnomalyRecord, Error};
use crate::store::columns::{altered, maybe_text, number, text};

/// How the batches of all runs are numbered: those of a run go on after those of the runs before it. Runs at the same
/// time are numbered as if one had followed the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct BatchNumbers {
    /// Each run that has attempts, and how many batches there were before it.
    runs: Vec<(u64, u64)>,
}

impl BatchNumbers {
    /// Reads how many batches each run had.
    pub(crate) fn read(connection: &Connection) -> Result<Self, Error> {
        let mut statement = connection.prepare("SELECT run, max(batch) FROM attempts GROUP BY run ORDER BY run")?;
        let mut rows = statement.query(())?;
        let mut runs = Vec::new();
        let mut before = 0;
        while let Some(row) = rows.next()? {
            runs.push((number(row, 0)?, before));
            before += number(row, 1)?;
        }
        Ok(Self { runs })
    }

    /// The number in the plan of the batch that has this number in its run.
    pub(crate) fn in_plan(&self, run: u64, batch: u64) -> u64 {
        let at = self.runs.binary_search_by_key(&run, |(run, _)| *run);
        let before = at.ok().and_then(|at| self.runs.get(at));
        batch + before.map_or(0, |(_, before)| *before)
    }
}

/// The anomalies in the order in which they were recorded, no more than `most`.
pub(crate) fn anomalies(connection: &Connection, most: u64) -> Result<Vec<AnomalyRecord>, Error> {
    let numbers = BatchNumbers::read(connection)?;
    let mut statement = connection.prepare(
        "SELECT o.attempt, o.kind, o.detail, a.run, a.batch, a.request_id, a.trace_id, a.settled_at
         FROM anomalies o JOIN attempts a USING (attempt) ORDER BY o.attempt, o.number LIMIT ?1",
    )?;
    let mut rows = statement.query([most.cast_signed()])?;
    let mut anomalies = Vec::new();
    while let Some(row) = rows.next()? {
        let run = number(row, 3)?;
        anomalies.push(AnomalyRecord {
            kind: text(row, 1)?.to_owned(),
            detail: text(row, 2)?.to_owned(),
            run,
            batch: numbers.in_plan(run, number(row, 4)?),
            request_id: text(row, 5)?.to_owned(),
            trace_id: maybe_text(row, 6)?.map(str::to_owned),
            at: maybe_text(row, 7)?
                .map(|at| at.parse().map_err(|_| altered("a date in the plan is not valid")))
                .transpose()?,
        });
    }
    Ok(anomalies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_numbered_over_all_runs() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE attempts (attempt, run, batch);
                 INSERT INTO attempts VALUES (1, 1, 1), (2, 3, 1), (3, 1, 2), (4, 1, 1), (5, 4, 1), (6, 3, 2), (7, 4, 2);",
            )
            .unwrap();
        let numbers = BatchNumbers::read(&connection).unwrap();
        // Runs 1 and 3 went on at the same time.
        let in_plan =
            [(1, 1), (3, 1), (1, 2), (1, 1), (4, 1), (3, 2), (4, 2)].map(|(run, batch)| numbers.in_plan(run, batch));
        assert_eq!(in_plan, [1, 3, 2, 1, 5, 4, 6]);
        assert_eq!(BatchNumbers::default().in_plan(1, 1), 1);
    }
}
