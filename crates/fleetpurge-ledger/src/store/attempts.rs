//! Turns attempts and outcomes into records, each with its checksum. The caller holds the transaction.

use fleetpurge_engine::{Anomaly, Outcome, Trail};

use crate::model::Error;
use crate::proof::{AttemptRecord, OpenAttempt, OutcomeRecord, Tally};
use crate::store::records::Records;
use crate::store::schema::MAX_RANGE;

/// What is said of devices whose attempt was begun and never settled.
pub(crate) const NEVER_SETTLED: &str = "the run ended before the answer was recorded";

/// The record of an attempt that is about to be sent.
fn record(open: &OpenAttempt) -> AttemptRecord<'_> {
    AttemptRecord {
        attempt: open.attempt,
        run: open.run,
        batch: open.batch,
        number: open.number,
        request_id: &open.request_id,
        devices: open.devices,
        begun_at: &open.begun_at,
        ..AttemptRecord::default()
    }
}

pub(crate) fn begin(records: &mut dyn Records, plan: &str, open: &OpenAttempt, tally: &mut Tally) -> Result<(), Error> {
    let record = record(open);
    let checksum = record.checksum(plan, &open.ranges, std::iter::empty());
    records.begin_attempt(&record, &open.ranges, &checksum)?;
    tally.attempts += 1;
    Ok(())
}

/// What came of an attempt, without its devices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    pub(crate) at: &'a str,
    pub(crate) applied: &'a str,
    pub(crate) trail: &'a Trail,
    pub(crate) detail: Option<&'a str>,
    pub(crate) body_head: Option<&'a str>,
    pub(crate) anomalies: &'a [Anomaly],
}

pub(crate) fn end(
    records: &mut dyn Records,
    plan: &str,
    open: &OpenAttempt,
    end: &End<'_>,
    tally: &mut Tally,
) -> Result<(), Error> {
    let record = AttemptRecord {
        settled_at: Some(end.at),
        applied: Some(end.applied),
        status: end.trail.status.map(u64::from),
        code: end.trail.code.as_deref(),
        reply_request_id: end.trail.request_id.as_deref(),
        trace_id: end.trail.trace_id.as_deref(),
        detail: end.detail,
        body_head: end.body_head,
        ..record(open)
    };
    let told = end
        .anomalies
        .iter()
        .map(|anomaly| (anomaly.kind.as_str(), anomaly.detail.as_str()));
    records.end_attempt(&record, end.anomalies, &record.checksum(plan, &open.ranges, told))?;
    tally.anomalies += end.anomalies.len() as u64;
    tally.settled += 1;
    Ok(())
}

/// Records what is known of devices: `outcomes` by row. What is the same of contiguous rows is one record.
pub(crate) fn outcomes(
    records: &mut dyn Records,
    plan: &str,
    attempt: u64,
    outcomes: &[(u64, &Outcome)],
    at: &str,
    tally: &mut Tally,
) -> Result<(), Error> {
    let alike = |left: &(u64, &Outcome), right: &(u64, &Outcome)| left.0 + 1 == right.0 && left.1 == right.1;
    for run in outcomes.chunk_by(alike) {
        let Some((_, outcome)) = run.first() else { continue };
        for range in run.chunks(usize::try_from(MAX_RANGE).unwrap_or(usize::MAX)) {
            let (Some((first, _)), Some((last, _))) = (range.first(), range.last()) else {
                continue;
            };
            one(records, plan, attempt, (*first, *last), outcome, at, tally)?;
        }
    }
    Ok(())
}

fn one(
    records: &mut dyn Records,
    plan: &str,
    attempt: u64,
    (first, last): (u64, u64),
    outcome: &Outcome,
    at: &str,
    tally: &mut Tally,
) -> Result<(), Error> {
    let record = OutcomeRecord {
        id: tally.outcomes + 1,
        attempt,
        first,
        last,
        outcome: outcome.kind.as_str(),
        detail: outcome.detail.as_deref(),
        code: outcome.code.as_deref(),
        at,
    };
    records.outcome(&record, &record.checksum(plan))?;
    tally.outcomes += 1;
    Ok(())
}

/// Settles an attempt whose answer will never be recorded.
pub(crate) fn as_unknown(
    records: &mut dyn Records,
    plan: &str,
    open: &OpenAttempt,
    at: &str,
    tally: &mut Tally,
) -> Result<(), Error> {
    let unknown = Outcome::because(fleetpurge_engine::OutcomeKind::Unknown, NEVER_SETTLED);
    for (first, last) in &open.ranges {
        let mut from = *first;
        while from <= *last {
            let to = (*last).min(from + MAX_RANGE - 1);
            one(records, plan, open.attempt, (from, to), &unknown, at, tally)?;
            from = to + 1;
        }
    }
    let told = End {
        at,
        applied: fleetpurge_engine::Applied::Maybe.as_str(),
        trail: &Trail::default(),
        detail: Some(NEVER_SETTLED),
        body_head: None,
        anomalies: &[],
    };
    end(records, plan, open, &told, tally)
}

/// Counts the commit that is about to be.
pub(crate) fn count_commit(records: &mut dyn Records, plan: &str, tally: &mut Tally) -> Result<(), Error> {
    tally.commits += 1;
    records.tally(tally, &tally.checksum(plan))
}
