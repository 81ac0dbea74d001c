//! Writes the records of a run into the tables of a file.

use fleetpurge_engine::Anomaly;
use rusqlite::{Connection, OptionalExtension};

use crate::model::{Error, RunEnd};
use crate::proof::{AttemptRecord, Checksum, OutcomeRecord, Tally};
use crate::store::columns::number;
use crate::store::records::{NewRun, Records};
use crate::store::runs;
use crate::store::schema::MAX_RANGE;

/// The tables of a file, within the transaction that the caller holds.
#[derive(Debug)]
pub(crate) struct SqliteRecords<'c>(pub(crate) &'c Connection);

impl Records for SqliteRecords<'_> {
    fn begin_run(&mut self, new: &NewRun<'_>, at: &str) -> Result<(), Error> {
        runs::begin(self.0, new, at)
    }

    fn end_run(&mut self, run: u64, end: &RunEnd, at: &str) -> Result<(), Error> {
        runs::end(self.0, run, end, at)
    }

    fn begin_attempt(
        &mut self,
        record: &AttemptRecord<'_>,
        ranges: &[(u64, u64)],
        checksum: &Checksum,
    ) -> Result<(), Error> {
        let mut rows = self
            .0
            .prepare_cached("INSERT INTO attempt_rows (first, attempt, last) VALUES (?1, ?2, ?3)")?;
        for (first, last) in ranges {
            rows.execute((first.cast_signed(), record.attempt.cast_signed(), last.cast_signed()))?;
        }
        self.0
            .prepare_cached(
                "INSERT INTO attempts (attempt, run, batch, number, request_id, devices, begun_at, checksum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute((
                record.attempt.cast_signed(),
                record.run.cast_signed(),
                record.batch.cast_signed(),
                record.number.cast_signed(),
                record.request_id,
                record.devices.cast_signed(),
                record.begun_at,
                checksum,
            ))?;
        Ok(())
    }

    fn end_attempt(
        &mut self,
        record: &AttemptRecord<'_>,
        anomalies: &[Anomaly],
        checksum: &Checksum,
    ) -> Result<(), Error> {
        self.0
            .prepare_cached(
                "UPDATE attempts SET settled_at = ?2, applied = ?3, status = ?4, code = ?5, reply_request_id = ?6,
                        trace_id = ?7, detail = ?8, body_head = ?9, checksum = ?10 WHERE attempt = ?1",
            )?
            .execute((
                record.attempt.cast_signed(),
                record.settled_at,
                record.applied,
                record.status.map(u64::cast_signed),
                record.code,
                record.reply_request_id,
                record.trace_id,
                record.detail,
                record.body_head,
                checksum,
            ))?;
        if anomalies.is_empty() {
            return Ok(());
        }
        let mut insert = self
            .0
            .prepare_cached("INSERT INTO anomalies (attempt, number, kind, detail) VALUES (?1, ?2, ?3, ?4)")?;
        for (number, anomaly) in (1_i64..).zip(anomalies) {
            insert.execute((
                record.attempt.cast_signed(),
                number,
                anomaly.kind.as_str(),
                &anomaly.detail,
            ))?;
        }
        Ok(())
    }

    fn outcome(&mut self, record: &OutcomeRecord<'_>, checksum: &Checksum) -> Result<(), Error> {
        self.0
            .prepare_cached(
                "INSERT INTO outcomes (first, id, last, attempt, outcome, detail, code, at, checksum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute((
                record.first.cast_signed(),
                record.id.cast_signed(),
                record.last.cast_signed(),
                record.attempt.cast_signed(),
                record.outcome,
                record.detail,
                record.code,
                record.at,
                checksum,
            ))?;
        Ok(())
    }

    fn last_attempt(&mut self, row: u64) -> Result<Option<(u64, String)>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT a.attempt, a.request_id FROM outcomes o JOIN attempts a USING (attempt)
             WHERE o.first > ?1 - ?2 AND o.first <= ?1 AND o.last >= ?1 ORDER BY o.id DESC LIMIT 1",
        )?;
        let found = statement
            .query_row((row.cast_signed(), MAX_RANGE.cast_signed()), |found| {
                Ok((number(found, 0), found.get(1)?))
            })
            .optional()?;
        found
            .map(|(attempt, request_id)| Ok((attempt?, request_id)))
            .transpose()
    }

    fn tally(&mut self, tally: &Tally, checksum: &Checksum) -> Result<(), Error> {
        self.0
            .prepare_cached(
                "UPDATE tally SET commits = ?1, attempts = ?2, settled = ?3, outcomes = ?4, anomalies = ?5, checksum = ?6",
            )?
            .execute((
                tally.commits.cast_signed(),
                tally.attempts.cast_signed(),
                tally.settled.cast_signed(),
                tally.outcomes.cast_signed(),
                tally.anomalies.cast_signed(),
                checksum,
            ))?;
        Ok(())
    }
}
