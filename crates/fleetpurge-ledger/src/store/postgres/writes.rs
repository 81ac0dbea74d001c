//! The records of one transaction: collected, and written in few round trips.

use std::fmt;

use fleetpurge_engine::Anomaly;
use fleetpurge_engine::tenant::{Begun as Admission, Signal};
use fleetpurge_postgres::Error as DatabaseError;

use super::link::{Link, field, number, wait};
use super::put::ROWS_OF_A_PLAN;
use super::tenant::Tenant;
use super::texts::stored;
use crate::model::{Error, RunEnd};
use crate::proof::{AttemptRecord, Checksum, OutcomeRecord, Tally};
use crate::store::records::{NewRun, Records};

/// Columns of records that are written together.
#[derive(Debug, Default)]
struct Ended {
    attempt: Vec<i64>,
    settled_at: Vec<Option<String>>,
    applied: Vec<Option<String>>,
    status: Vec<Option<i64>>,
    code: Vec<Option<String>>,
    reply_request_id: Vec<Option<String>>,
    trace_id: Vec<Option<String>>,
    detail: Vec<Option<String>>,
    body_head: Vec<Option<String>>,
    checksum: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Anomalies {
    attempt: Vec<i64>,
    number: Vec<i64>,
    kind: Vec<String>,
    detail: Vec<String>,
}

#[derive(Debug, Default)]
struct Outcomes {
    first: Vec<i64>,
    id: Vec<i64>,
    last: Vec<i64>,
    attempt: Vec<i64>,
    outcome: Vec<String>,
    detail: Vec<Option<String>>,
    code: Vec<Option<String>>,
    at: Vec<String>,
    checksum: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Begun {
    attempt: Vec<i64>,
    run: Vec<i64>,
    batch: Vec<i64>,
    number: Vec<i64>,
    request_id: Vec<String>,
    devices: Vec<i64>,
    begun_at: Vec<String>,
    checksum: Vec<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Spans {
    attempt: Vec<i64>,
    first: Vec<i64>,
    last: Vec<i64>,
}

#[derive(Debug)]
struct RunBegins {
    run: i64,
    who: String,
    host: String,
    pid: i64,
    version: String,
    confirmation: String,
    options: String,
    at: String,
}

#[derive(Debug)]
struct RunEnds {
    run: i64,
    at: String,
    exit: i64,
    stop_reason: Option<String>,
}

const RUN_BEGINS: &str = "INSERT INTO fleetpurge.runs
         (plan, run, who, host, pid, version, confirmation, options, started_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// The rows that it had claimed are free.
const RUN_ENDS: &str = "WITH free AS (
         UPDATE fleetpurge.chunks SET run = NULL WHERE plan = $1 AND run = $2
     )
     UPDATE fleetpurge.runs SET ended_at = $3, exit = $4, stop_reason = $5 WHERE plan = $1 AND run = $2";

/// Results of attempts, whose rows are no longer in flight.
const ENDED: &str = "WITH closed AS (
         DELETE FROM fleetpurge.open_rows WHERE plan = $1 AND attempt = ANY ($2::bigint[])
     )
     UPDATE fleetpurge.attempts a
     SET settled_at = e.settled_at, applied = e.applied, status = e.status, code = e.code,
         reply_request_id = e.reply_request_id, trace_id = e.trace_id, detail = e.detail,
         body_head = e.body_head, checksum = e.checksum
     FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                 $9::text[], $10::text[], $11::bytea[])
         AS e (attempt, settled_at, applied, status, code, reply_request_id, trace_id, detail, body_head,
               checksum)
     WHERE a.plan = $1 AND a.attempt = e.attempt";

/// What was unusual about them.
const ANOMALIES: &str = "INSERT INTO fleetpurge.anomalies (plan, attempt, number, kind, detail)
     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[])";

/// What is known of devices.
const OUTCOMES: &str =
    "INSERT INTO fleetpurge.outcomes (plan, first, id, last, attempt, outcome, detail, code, at, checksum)
     SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
                              $7::text[], $8::text[], $9::text[], $10::bytea[])";

/// Attempts that are about to be sent, with their rows.
const BEGUN: &str = "WITH a AS (
         INSERT INTO fleetpurge.attempts
             (plan, attempt, run, batch, number, request_id, devices, begun_at, checksum)
         SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
                                  $7::bigint[], $8::text[], $9::bytea[])
     ), r AS (
         INSERT INTO fleetpurge.attempt_rows (plan, attempt, first, last)
         SELECT $1, * FROM unnest($10::bigint[], $11::bigint[], $12::bigint[])
     )
     INSERT INTO fleetpurge.open_rows (plan, attempt, rows)
     SELECT $1, attempt, int8range($1 * $13::bigint + first, $1 * $13::bigint + last, '[]')
     FROM unnest($10::bigint[], $11::bigint[], $12::bigint[]) AS s (attempt, first, last)";

/// How many records there are.
const TALLY: &str = "UPDATE fleetpurge.tally
     SET commits = $2, attempts = $3, settled = $4, outcomes = $5, anomalies = $6, checksum = $7
     WHERE plan = $1";

/// All of them are prepared before the first is used: those that are not would be late, and come out of their order.
pub(super) const STATEMENTS: &[&str] = &[RUN_BEGINS, RUN_ENDS, ENDED, ANOMALIES, OUTCOMES, BEGUN, TALLY];

/// The records of one transaction of a plan.
pub(crate) struct Writes<'l> {
    link: &'l Link,
    plan: i64,
    ended: Ended,
    anomalies: Anomalies,
    outcomes: Outcomes,
    begun: Begun,
    spans: Spans,
    run_begins: Option<RunBegins>,
    run_ends: Option<RunEnds>,
    tally: Option<(Tally, Checksum)>,
    /// What the chain covers.
    checksums: Vec<Checksum>,
    /// What the runs of the tenant know. `None`: these are not the records of attempts that are sent.
    tenant: Option<Tenant>,
    /// Whether there is anything but the number of records.
    is_something: bool,
}

impl fmt::Debug for Writes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writes")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

fn kept(text: &str) -> String {
    stored(text).into_owned()
}

fn maybe_kept(text: Option<&str>) -> Option<String> {
    text.map(kept)
}

impl<'l> Writes<'l> {
    pub(crate) fn new(link: &'l Link, plan: i64) -> Self {
        Self {
            link,
            plan,
            ended: Ended::default(),
            anomalies: Anomalies::default(),
            outcomes: Outcomes::default(),
            begun: Begun::default(),
            spans: Spans::default(),
            run_begins: None,
            run_ends: None,
            tally: None,
            checksums: Vec::new(),
            tenant: None,
            is_something: false,
        }
    }

    /// The same, and attempts begin and end beside those of other runs.
    pub(super) fn beside(link: &'l Link, plan: i64, tenant: Tenant) -> Self {
        Self {
            tenant: Some(tenant),
            ..Self::new(link, plan)
        }
    }

    /// Whether there is anything to write.
    pub(super) const fn is_something(&self) -> bool {
        self.is_something
    }

    /// Keeps what other runs have to know of these records.
    pub(super) async fn keep_tenant(&mut self) -> Result<(), Error> {
        match self.tenant.take() {
            Some(tenant) => tenant.keep(self.link).await,
            None => Ok(()),
        }
    }

    /// The checksums of all records so far, in their order.
    pub(crate) fn checksums(&self) -> &[Checksum] {
        &self.checksums
    }

    /// Writes what was collected. Results come before attempts: one device may be in both.
    pub(crate) async fn flush(&mut self) -> Result<(), DatabaseError> {
        // The statements go out one after the other without waiting: the server answers them in order. Whoever calls this may send
        // the end of the transaction after them in the same way, so that none of them may wait for anything before it goes out.
        let (run, ended, anomalies, outcomes, begun, tally) = (
            async { tokio::join!(biased; self.flush_run_begins(), self.flush_run_ends()) },
            self.flush_ended(),
            self.flush_anomalies(),
            self.flush_outcomes(),
            self.flush_begun(),
            self.flush_tally(),
        );
        let (run, ended, anomalies, outcomes, begun, tally) =
            tokio::join!(biased; run, ended, anomalies, outcomes, begun, tally);
        // The first that failed is the reason why those after it did.
        run.0
            .and(run.1)
            .and(ended)
            .and(anomalies)
            .and(outcomes)
            .and(begun)
            .and(tally)?;
        (self.run_begins, self.run_ends) = (None, None);
        self.ended = Ended::default();
        self.anomalies = Anomalies::default();
        self.outcomes = Outcomes::default();
        self.begun = Begun::default();
        self.spans = Spans::default();
        self.tally = None;
        Ok(())
    }

    async fn flush_run_begins(&self) -> Result<(), DatabaseError> {
        let Some(begins) = &self.run_begins else { return Ok(()) };
        self.link
            .run(
                RUN_BEGINS,
                &[
                    &self.plan,
                    &begins.run,
                    &begins.who,
                    &begins.host,
                    &begins.pid,
                    &begins.version,
                    &begins.confirmation,
                    &begins.options,
                    &begins.at,
                ],
            )
            .await?;
        Ok(())
    }

    async fn flush_run_ends(&self) -> Result<(), DatabaseError> {
        let Some(ends) = &self.run_ends else { return Ok(()) };
        self.link
            .run(
                RUN_ENDS,
                &[&self.plan, &ends.run, &ends.at, &ends.exit, &ends.stop_reason],
            )
            .await?;
        Ok(())
    }

    async fn flush_ended(&self) -> Result<(), DatabaseError> {
        let ended = &self.ended;
        if ended.attempt.is_empty() {
            return Ok(());
        }
        self.link
            .run(
                ENDED,
                &[
                    &self.plan,
                    &ended.attempt,
                    &ended.settled_at,
                    &ended.applied,
                    &ended.status,
                    &ended.code,
                    &ended.reply_request_id,
                    &ended.trace_id,
                    &ended.detail,
                    &ended.body_head,
                    &ended.checksum,
                ],
            )
            .await?;
        Ok(())
    }

    async fn flush_anomalies(&self) -> Result<(), DatabaseError> {
        let anomalies = &self.anomalies;
        if anomalies.attempt.is_empty() {
            return Ok(());
        }
        self.link
            .run(
                ANOMALIES,
                &[
                    &self.plan,
                    &anomalies.attempt,
                    &anomalies.number,
                    &anomalies.kind,
                    &anomalies.detail,
                ],
            )
            .await?;
        Ok(())
    }

    async fn flush_outcomes(&self) -> Result<(), DatabaseError> {
        let outcomes = &self.outcomes;
        if outcomes.first.is_empty() {
            return Ok(());
        }
        self.link
            .run(
                OUTCOMES,
                &[
                    &self.plan,
                    &outcomes.first,
                    &outcomes.id,
                    &outcomes.last,
                    &outcomes.attempt,
                    &outcomes.outcome,
                    &outcomes.detail,
                    &outcomes.code,
                    &outcomes.at,
                    &outcomes.checksum,
                ],
            )
            .await?;
        Ok(())
    }

    async fn flush_begun(&self) -> Result<(), DatabaseError> {
        let (begun, spans) = (&self.begun, &self.spans);
        if begun.attempt.is_empty() {
            return Ok(());
        }
        self.link
            .run(
                BEGUN,
                &[
                    &self.plan,
                    &begun.attempt,
                    &begun.run,
                    &begun.batch,
                    &begun.number,
                    &begun.request_id,
                    &begun.devices,
                    &begun.begun_at,
                    &begun.checksum,
                    &spans.attempt,
                    &spans.first,
                    &spans.last,
                    &ROWS_OF_A_PLAN,
                ],
            )
            .await?;
        Ok(())
    }

    async fn flush_tally(&self) -> Result<(), DatabaseError> {
        let Some((tally, checksum)) = &self.tally else {
            return Ok(());
        };
        self.link
            .run(
                TALLY,
                &[
                    &self.plan,
                    &tally.commits.cast_signed(),
                    &tally.attempts.cast_signed(),
                    &tally.settled.cast_signed(),
                    &tally.outcomes.cast_signed(),
                    &tally.anomalies.cast_signed(),
                    &checksum.as_slice(),
                ],
            )
            .await?;
        Ok(())
    }
}

impl Records for Writes<'_> {
    fn begin_run(&mut self, new: &NewRun<'_>, at: &str) -> Result<(), Error> {
        self.is_something = true;
        self.run_begins = Some(RunBegins {
            run: new.run.cast_signed(),
            who: kept(&new.holder.who),
            host: kept(&new.holder.host),
            pid: i64::from(new.holder.pid),
            version: kept(new.version),
            confirmation: kept(new.confirmation),
            options: kept(new.options),
            at: at.to_owned(),
        });
        Ok(())
    }

    fn end_run(&mut self, run: u64, end: &RunEnd, at: &str) -> Result<(), Error> {
        self.is_something = true;
        self.run_ends = Some(RunEnds {
            run: run.cast_signed(),
            at: at.to_owned(),
            exit: i64::from(end.exit),
            stop_reason: maybe_kept(end.stop_reason.as_deref()),
        });
        Ok(())
    }

    fn begin_attempt(
        &mut self,
        record: &AttemptRecord<'_>,
        ranges: &[(u64, u64)],
        checksum: &Checksum,
    ) -> Result<(), Error> {
        self.is_something = true;
        self.checksums.push(*checksum);
        let begun = &mut self.begun;
        begun.attempt.push(record.attempt.cast_signed());
        begun.run.push(record.run.cast_signed());
        begun.batch.push(record.batch.cast_signed());
        begun.number.push(record.number.cast_signed());
        begun.request_id.push(kept(record.request_id));
        begun.devices.push(record.devices.cast_signed());
        begun.begun_at.push(record.begun_at.to_owned());
        begun.checksum.push(checksum.to_vec());
        for (first, last) in ranges {
            self.spans.attempt.push(record.attempt.cast_signed());
            self.spans.first.push(first.cast_signed());
            self.spans.last.push(last.cast_signed());
        }
        Ok(())
    }

    fn end_attempt(
        &mut self,
        record: &AttemptRecord<'_>,
        anomalies: &[Anomaly],
        checksum: &Checksum,
    ) -> Result<(), Error> {
        self.is_something = true;
        self.checksums.push(*checksum);
        let attempt = record.attempt.cast_signed();
        let ended = &mut self.ended;
        ended.attempt.push(attempt);
        ended.settled_at.push(record.settled_at.map(str::to_owned));
        ended.applied.push(record.applied.map(str::to_owned));
        ended.status.push(record.status.map(u64::cast_signed));
        ended.code.push(maybe_kept(record.code));
        ended.reply_request_id.push(maybe_kept(record.reply_request_id));
        ended.trace_id.push(maybe_kept(record.trace_id));
        ended.detail.push(maybe_kept(record.detail));
        ended.body_head.push(maybe_kept(record.body_head));
        ended.checksum.push(checksum.to_vec());
        for (number, anomaly) in (1..).zip(anomalies) {
            self.anomalies.attempt.push(attempt);
            self.anomalies.number.push(number);
            self.anomalies.kind.push(kept(anomaly.kind.as_str()));
            self.anomalies.detail.push(kept(&anomaly.detail));
        }
        Ok(())
    }

    fn outcome(&mut self, record: &OutcomeRecord<'_>, checksum: &Checksum) -> Result<(), Error> {
        self.is_something = true;
        self.checksums.push(*checksum);
        let outcomes = &mut self.outcomes;
        outcomes.first.push(record.first.cast_signed());
        outcomes.id.push(record.id.cast_signed());
        outcomes.last.push(record.last.cast_signed());
        outcomes.attempt.push(record.attempt.cast_signed());
        outcomes.outcome.push(record.outcome.to_owned());
        outcomes.detail.push(maybe_kept(record.detail));
        outcomes.code.push(maybe_kept(record.code));
        outcomes.at.push(record.at.to_owned());
        outcomes.checksum.push(checksum.to_vec());
        Ok(())
    }

    fn last_attempt(&mut self, row: u64) -> Result<Option<(u64, String)>, Error> {
        let (link, plan) = (self.link, self.plan);
        // What was collected may be its last.
        wait(|| self.flush())??;
        let row = row.cast_signed();
        let found = wait(|| async {
            link.row(
                "SELECT a.attempt, a.request_id FROM fleetpurge.outcomes o
                 JOIN fleetpurge.attempts a USING (plan, attempt)
                 WHERE o.plan = $1 AND o.first > $2::bigint - 256 AND o.first <= $2 AND o.last >= $2
                 ORDER BY o.id DESC LIMIT 1",
                &[&plan, &row],
            )
            .await
        });
        found??
            .map(|found| Ok((number(&found, 0)?, field(&found, 1)?)))
            .transpose()
    }

    fn may_begin(&mut self, attempt: u64, is_probe: bool) -> Admission {
        self.tenant
            .as_mut()
            .map_or_else(Admission::alone, |tenant| tenant.begin(attempt, is_probe))
    }

    fn tell(&mut self, attempt: u64, signal: &Signal, detail: Option<&str>) {
        if let Some(tenant) = &mut self.tenant {
            tenant.settled(attempt, signal, detail.unwrap_or_default());
        }
    }

    fn tally(&mut self, tally: &Tally, checksum: &Checksum) -> Result<(), Error> {
        self.checksums.push(*checksum);
        self.tally = Some((*tally, *checksum));
        Ok(())
    }
}
