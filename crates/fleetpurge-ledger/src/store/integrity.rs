//! Checks that a ledger is as it was written: nothing altered, nothing missing.

use fleetpurge_text::Counted;
use jiff::Timestamp;
use rusqlite::{Connection, Row, Rows};

use crate::model::{Error, ErrorKind, Plan, PlanSettings, Source};
use crate::proof::{AttemptRecord, HeadRecord, OpenAttempt, OutcomeRecord, PlanDigest, Tally};
use crate::store::columns::{altered, maybe_number, maybe_text, number, text};
use crate::store::rows::each_row;
use crate::store::schema::COUNTED_SINCE;
use crate::store::verification_proof;
use crate::store::verifications::Verifications;

/// What a proof brings to light.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) plan: Plan,
    pub(crate) tally: Tally,
    pub(crate) runs: u64,
    pub(crate) open: Vec<OpenAttempt>,
    pub(crate) verifications: Verifications,
}

/// Reads all of a ledger. The caller holds a transaction.
pub(crate) fn prove(connection: &Connection) -> Result<Proof, Error> {
    let plan = prove_plan(connection)?;
    let tally = prove_tally(connection, &plan.digest)?;
    let runs = prove_runs(connection)?;
    let open = prove_attempts(connection, &plan, &tally, runs)?;
    prove_outcomes(connection, &plan, &tally)?;
    let verifications = verification_proof::prove(connection, &plan)?;
    Ok(Proof {
        plan,
        tally,
        runs,
        open,
        verifications,
    })
}

fn prove_plan(connection: &Connection) -> Result<Plan, Error> {
    let mut statement = connection.prepare(
        "SELECT service, tenant, instance, region, base_url, token_url, uid_validation, max_devices, tool,
                planned, skipped, created_at, digest, state FROM plan",
    )?;
    let mut found = statement.query(())?;
    let Some(row) = found.next()? else {
        return Err(Error::new(
            ErrorKind::Unfinished,
            "the plan was never finished: its planning was interrupted",
        ));
    };
    if text(row, 13)? != "frozen" {
        return Err(altered("the plan's state is not as it was written"));
    }
    let head = HeadRecord {
        service: text(row, 0)?,
        tenant: text(row, 1)?,
        instance: maybe_text(row, 2)?,
        region: maybe_text(row, 3)?,
        base_url: text(row, 4)?,
        token_url: maybe_text(row, 5)?,
        uid_validation: text(row, 6)?,
        max_devices: number(row, 7)?,
        tool: text(row, 8)?,
        created_at: text(row, 11)?,
    };
    let sources = sources(connection)?;
    let mut digest = PlanDigest::new(&head, &sources);
    each_row(connection, |row| {
        if row.row != digest.rows() + 1 {
            return Err(altered(format!("row {} of the plan is missing", digest.rows() + 1)));
        }
        digest.row(row);
        Ok(())
    })?;
    let (planned, skipped) = (number(row, 9)?, number(row, 10)?);
    let written: String = row.get(12)?;
    if (planned, skipped) != (digest.rows(), digest.skipped()) || written != digest.finish() {
        return Err(altered("the plan was altered: it is not what its digest says"));
    }
    Ok(Plan {
        settings: settings(&head)?,
        planned,
        skipped,
        created_at: head
            .created_at
            .parse::<Timestamp>()
            .map_err(|error| altered("the plan's date is not as it was written").with_source(error))?,
        digest: written,
        sources,
    })
}

/// The digest is proven: a service that this program has never heard of is then no alteration, but from the future.
fn settings(head: &HeadRecord<'_>) -> Result<PlanSettings, Error> {
    let service = head.service.parse().map_err(|error| {
        Error::new(
            ErrorKind::NewerSchema,
            format!(
                "the plan is for the service {:?}, which this program does not know: a newer version is needed",
                head.service
            ),
        )
        .with_source(error)
    })?;
    Ok(PlanSettings {
        service,
        tenant: head.tenant.to_owned(),
        instance: head.instance.map(str::to_owned),
        region: head.region.map(str::to_owned),
        base_url: head.base_url.to_owned(),
        token_url: head.token_url.map(str::to_owned),
        uid_validation: head
            .uid_validation
            .parse()
            .map_err(|error| altered("the plan's uid validation is not as it was written").with_source(error))?,
        max_devices: head.max_devices,
        tool: head.tool.to_owned(),
    })
}

fn sources(connection: &Connection) -> Result<Vec<Source>, Error> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let counted = if version < COUNTED_SINCE {
        "'line', NULL"
    } else {
        "counted, sheet"
    };
    let mut statement = connection.prepare(&format!(
        "SELECT source, name, sha256, first_row, rows, {counted} FROM sources ORDER BY source"
    ))?;
    let mut rows = statement.query(())?;
    let mut sources = Vec::new();
    while let Some(row) = rows.next()? {
        if number(row, 0)? != sources.len() as u64 + 1 {
            return Err(altered("a source of the plan is missing"));
        }
        sources.push(Source {
            name: row.get(1)?,
            sha256: row.get(2)?,
            first_row: number(row, 3)?,
            rows: number(row, 4)?,
            counted: Counted::of(text(row, 5)?, row.get(6)?)
                .ok_or_else(|| altered("what the lines of an input count is not as it was written"))?,
        });
    }
    Ok(sources)
}

fn prove_tally(connection: &Connection, plan: &str) -> Result<Tally, Error> {
    let mut statement = connection
        .prepare("SELECT commits, attempts, settled, outcomes, anomalies, checksum FROM tally WHERE id = 1")?;
    let mut rows = statement.query(())?;
    let Some(row) = rows.next()? else {
        return Err(altered("the plan's counts are missing"));
    };
    let tally = Tally {
        commits: number(row, 0)?,
        attempts: number(row, 1)?,
        settled: number(row, 2)?,
        outcomes: number(row, 3)?,
        anomalies: number(row, 4)?,
    };
    if row.get::<_, Vec<u8>>(5)? != tally.checksum(plan) {
        return Err(altered("the plan's counts were altered"));
    }
    Ok(tally)
}

fn prove_runs(connection: &Connection) -> Result<u64, Error> {
    let (count, last): (i64, i64) =
        connection.query_row("SELECT count(*), coalesce(max(run), 0) FROM runs", (), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if count != last {
        return Err(altered("a run is missing from the plan"));
    }
    u64::try_from(last).map_err(|_| altered("a run of the plan was renumbered"))
}

/// A cursor whose rows belong to attempts, read along with the attempts.
struct Along<'s, T> {
    rows: Rows<'s>,
    read: fn(&Row<'_>) -> Result<T, Error>,
    waiting: Option<(u64, T)>,
}

impl<'s, T> Along<'s, T> {
    fn new(rows: Rows<'s>, read: fn(&Row<'_>) -> Result<T, Error>) -> Result<Self, Error> {
        let mut along = Self {
            rows,
            read,
            waiting: None,
        };
        along.step()?;
        Ok(along)
    }

    fn step(&mut self) -> Result<Option<(u64, T)>, Error> {
        let next = match self.rows.next()? {
            Some(row) => Some((number(row, 0)?, (self.read)(row)?)),
            None => None,
        };
        Ok(std::mem::replace(&mut self.waiting, next))
    }

    /// Moves what belongs to `attempt` into `into`.
    fn take(&mut self, attempt: u64, into: &mut Vec<T>) -> Result<(), Error> {
        into.clear();
        while self.waiting.as_ref().is_some_and(|(owner, _)| *owner == attempt) {
            into.extend(self.step()?.map(|(_, item)| item));
        }
        Ok(())
    }
}

fn prove_attempts(connection: &Connection, plan: &Plan, tally: &Tally, runs: u64) -> Result<Vec<OpenAttempt>, Error> {
    let mut ranges_of = connection.prepare("SELECT attempt, first, last FROM attempt_rows ORDER BY attempt, first")?;
    let mut ranges_of = Along::new(ranges_of.query(())?, |row| Ok((number(row, 1)?, number(row, 2)?)))?;
    let mut anomalies_of =
        connection.prepare("SELECT attempt, number, kind, detail FROM anomalies ORDER BY attempt, number")?;
    let mut anomalies_of = Along::new(anomalies_of.query(())?, |row| {
        Ok((number(row, 1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    })?;
    let mut statement = connection.prepare(
        "SELECT attempt, run, batch, number, request_id, devices, begun_at, settled_at, applied, status, code,
                reply_request_id, trace_id, detail, body_head, checksum FROM attempts ORDER BY attempt",
    )?;
    let mut rows = statement.query(())?;
    let (mut ranges, mut anomalies) = (Vec::new(), Vec::new());
    let (mut count, mut settled, mut anomalous) = (0, 0, 0);
    let mut open = Vec::new();
    while let Some(row) = rows.next()? {
        let record = AttemptRecord {
            attempt: number(row, 0)?,
            run: number(row, 1)?,
            batch: number(row, 2)?,
            number: number(row, 3)?,
            request_id: text(row, 4)?,
            devices: number(row, 5)?,
            begun_at: text(row, 6)?,
            settled_at: maybe_text(row, 7)?,
            applied: maybe_text(row, 8)?,
            status: maybe_number(row, 9)?,
            code: maybe_text(row, 10)?,
            reply_request_id: maybe_text(row, 11)?,
            trace_id: maybe_text(row, 12)?,
            detail: maybe_text(row, 13)?,
            body_head: maybe_text(row, 14)?,
        };
        count += 1;
        if record.attempt != count {
            return Err(altered(format!("attempt {count} is missing from the plan")));
        }
        ranges_of.take(count, &mut ranges)?;
        anomalies_of.take(count, &mut anomalies)?;
        let numbered = (1..).zip(&anomalies).all(|(number, anomaly)| number == anomaly.0);
        let told = anomalies
            .iter()
            .map(|(_, kind, detail)| (kind.as_str(), detail.as_str()));
        let checksum = record.checksum(&plan.digest, &ranges, told);
        if !numbered || record.run > runs || row.get::<_, Vec<u8>>(15)? != checksum {
            return Err(altered(format!("attempt {count} of the plan was altered")));
        }
        anomalous += anomalies.len() as u64;
        if record.settled_at.is_some() {
            settled += 1;
        } else {
            open.push(OpenAttempt {
                attempt: count,
                run: record.run,
                batch: record.batch,
                number: record.number,
                request_id: record.request_id.to_owned(),
                devices: record.devices,
                begun_at: record.begun_at.to_owned(),
                ranges: std::mem::take(&mut ranges),
            });
        }
    }
    if let Some((attempt, _)) = ranges_of.waiting {
        return Err(altered(format!("rows of attempt {attempt} of the plan were altered")));
    }
    if let Some((attempt, _)) = anomalies_of.waiting {
        return Err(altered(format!(
            "anomalies of attempt {attempt} of the plan were altered"
        )));
    }
    if count != tally.attempts {
        return Err(altered(format!("attempt {} is missing from the plan", count + 1)));
    }
    if (settled, anomalous) != (tally.settled, tally.anomalies) {
        return Err(altered("an attempt of the plan was altered"));
    }
    Ok(open)
}

fn prove_outcomes(connection: &Connection, plan: &Plan, tally: &Tally) -> Result<(), Error> {
    let mut statement = connection.prepare(
        "SELECT id, attempt, first, last, outcome, detail, code, at, checksum FROM outcomes ORDER BY first, id",
    )?;
    let mut rows = statement.query(())?;
    // With as many records as there are numbers, none over the highest: each number once if their sum is right.
    let (mut count, mut sum) = (0_u64, 0_u128);
    while let Some(row) = rows.next()? {
        let record = OutcomeRecord {
            id: number(row, 0)?,
            attempt: number(row, 1)?,
            first: number(row, 2)?,
            last: number(row, 3)?,
            outcome: text(row, 4)?,
            detail: maybe_text(row, 5)?,
            code: maybe_text(row, 6)?,
            at: text(row, 7)?,
        };
        if row.get::<_, Vec<u8>>(8)? != record.checksum(&plan.digest)
            || record.id > tally.outcomes
            || record.attempt > tally.attempts
            || record.last > plan.planned
        {
            return Err(altered(format!("outcome {} of the plan was altered", record.id)));
        }
        count += 1;
        sum += u128::from(record.id);
    }
    let all = u128::from(tally.outcomes);
    if count != tally.outcomes || sum != all * (all + 1) / 2 {
        return Err(altered("an outcome is missing from the plan"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Service, UidValidation, clock};
    use crate::proof::RowRecord;
    use crate::store::draft::plan_head::write_head;
    use crate::store::draft::rows::{self, NewRow};
    use crate::store::schema;

    #[test]
    fn a_plan_for_a_service_from_the_future_asks_for_a_newer_version() {
        let settings = PlanSettings {
            service: Service::Nexthink,
            tenant: "acme".to_owned(),
            instance: None,
            region: None,
            base_url: "https://api.example".to_owned(),
            token_url: None,
            uid_validation: UidValidation::Warn,
            max_devices: 10,
            tool: "9.0.0".to_owned(),
        };
        let sources = vec![Source {
            name: "devices.csv".to_owned(),
            sha256: String::new(),
            first_row: 1,
            rows: 1,
            counted: Counted::Lines,
        }];
        let created_at = clock::now();
        let at = created_at.to_string();
        let row = RowRecord {
            row: 1,
            uid: "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            name: "pc-1",
            source: 1,
            line: 2,
            skipped: None,
        };
        let digest_of = |head: &HeadRecord<'_>| {
            let mut digest = PlanDigest::new(head, &sources);
            digest.row(&row);
            digest.finish()
        };
        let plan = Plan {
            digest: digest_of(&HeadRecord::of(&settings, &at)),
            planned: 1,
            skipped: 0,
            created_at,
            sources: sources.clone(),
            settings,
        };
        let sqlite = Connection::open_in_memory().unwrap();
        schema::create(&sqlite).unwrap();
        rows::insert_source(&sqlite, 1, &sources[0]).unwrap();
        let new = NewRow {
            row: row.row,
            uid: row.uid,
            name: row.name,
            source: 1,
            line: row.line,
            skipped: row.skipped,
        };
        rows::insert_row(&sqlite, &new).unwrap();
        schema::complete(&sqlite).unwrap();
        write_head(&sqlite, &plan).unwrap();

        let write = |service: &str, digest: &str| {
            sqlite
                .execute("UPDATE plan SET service = ?1, digest = ?2", (service, digest))
                .unwrap();
            prove(&sqlite).map_err(|error| (error.kind(), error.to_string()))
        };
        let head = HeadRecord {
            service: "tomorrow",
            ..HeadRecord::of(&plan.settings, &at)
        };
        let message =
            "the plan is for the service \"tomorrow\", which this program does not know: a newer version is needed";
        assert_eq!(
            write("tomorrow", &digest_of(&head)).unwrap_err(),
            (ErrorKind::NewerSchema, message.to_owned())
        );
        // The same word without the digest for it is an alteration, and the sound plan is none.
        assert_eq!(write("tomorrow", &plan.digest).unwrap_err().0, ErrorKind::Altered);
        assert_eq!(write("nexthink", &plan.digest).unwrap().plan, plan);
    }
}
