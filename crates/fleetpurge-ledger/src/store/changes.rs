//! What one transaction of a run changes: attempts that begin or are settled, and conclusions.

use std::collections::HashMap;

use fleetpurge_engine::{Attempt, Begun, Conclusion, Intent, Outcome, OutcomeKind, Settlement};
use uuid::Uuid;

use crate::model::{Error, ErrorKind, into_ranges};
use crate::proof::{OpenAttempt, Tally};
use crate::store::attempts::{self, End};
use crate::store::records::Records;

/// One call of the journal.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most calls are settlements")]
pub(crate) enum Record {
    Begin(Intent),
    Settle(Settlement),
    Conclude(Vec<Conclusion>),
}

/// What a transaction changed outside SQLite, to be taken back if it is rolled back.
#[derive(Debug)]
pub(crate) enum Undo {
    Forget(Uuid),
    Restore(Uuid, OpenAttempt),
}

impl Undo {
    fn apply(self, open: &mut HashMap<Uuid, OpenAttempt>) {
        match self {
            Self::Forget(id) => drop(open.remove(&id)),
            Self::Restore(id, attempt) => drop(open.insert(id, attempt)),
        }
    }
}

/// What a run knows of itself between its transactions.
#[derive(Debug)]
pub(crate) struct RunState {
    /// Of the plan.
    pub(crate) digest: String,
    pub(crate) planned: u64,
    pub(crate) run: u64,
    /// Attempts that were begun and not settled: as many as the engine has in flight.
    pub(crate) open: HashMap<Uuid, OpenAttempt>,
}

impl RunState {
    /// Writes the records of one transaction and counts it. What is to be taken back if it does not become durable is
    /// returned with the result.
    pub(crate) fn record(
        &mut self,
        records: &mut dyn Records,
        tally: &mut Tally,
        at: &str,
        write: &mut dyn FnMut(&mut Changes<'_>, &str) -> Result<(), Error>,
    ) -> (Result<(), Error>, Vec<Undo>) {
        let mut changes = Changes {
            records,
            digest: &self.digest,
            planned: self.planned,
            run: self.run,
            tally,
            open: &mut self.open,
            undo: Vec::new(),
        };
        let written = write(&mut changes, at);
        let undo = changes.undo;
        (
            written.and_then(|()| attempts::count_commit(records, &self.digest, tally)),
            undo,
        )
    }

    /// The transaction did not become durable.
    pub(crate) fn take_back(&mut self, undo: Vec<Undo>) {
        for undo in undo.into_iter().rev() {
            undo.apply(&mut self.open);
        }
    }
}

/// What one transaction changes.
pub(crate) struct Changes<'w> {
    pub(crate) records: &'w mut dyn Records,
    digest: &'w str,
    planned: u64,
    pub(crate) run: u64,
    tally: &'w mut Tally,
    open: &'w mut HashMap<Uuid, OpenAttempt>,
    undo: Vec<Undo>,
}

fn inconsistent(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Inconsistent, what)
}

impl Changes<'_> {
    /// What is told to whoever asked for it, once it is durable.
    pub(crate) fn write(&mut self, record: &Record, at: &str) -> Result<Begun, Error> {
        match record {
            Record::Begin(intent) => return self.begin(intent, at),
            Record::Settle(settlement) => self.settle(settlement, at),
            Record::Conclude(conclusions) => self.conclude(conclusions, at),
        }
        .map(|()| Begun::alone())
    }

    fn begin(&mut self, intent: &Intent, at: &str) -> Result<Begun, Error> {
        let id = intent.attempt.request_id;
        let ranges = into_ranges(intent.keys.clone(), u64::MAX)
            .ok_or_else(|| inconsistent("an attempt names a device twice"))?;
        let (Some((first, _)), Some((_, last))) = (ranges.first(), ranges.last()) else {
            return Err(inconsistent("an attempt names no device"));
        };
        if *first == 0 || *last > self.planned {
            return Err(inconsistent("an attempt names a device that is not in the plan"));
        }
        if self.open.contains_key(&id) {
            return Err(inconsistent("an attempt was begun twice"));
        }
        if let Some((row, _)) = ranges.iter().find(|range| self.is_under_way(range.0, range.1)) {
            return Err(inconsistent(format!(
                "row {row} or one after it is under way in another attempt"
            )));
        }
        let attempt = self.tally.attempts + 1;
        let begun = self.records.may_begin(attempt, intent.is_probe);
        if matches!(begun, Begun::Later(_)) {
            return Ok(begun);
        }
        let open = OpenAttempt {
            attempt,
            run: self.run,
            batch: intent.attempt.batch,
            number: u64::from(intent.attempt.number),
            request_id: id.to_string(),
            devices: intent.keys.len() as u64,
            begun_at: at.to_owned(),
            ranges,
        };
        attempts::begin(self.records, self.digest, &open, self.tally)?;
        self.open.insert(id, open);
        self.undo.push(Undo::Forget(id));
        Ok(begun)
    }

    fn is_under_way(&self, first: u64, last: u64) -> bool {
        self.open
            .values()
            .flat_map(|open| &open.ranges)
            .any(|range| range.0 <= last && first <= range.1)
    }

    fn settle(&mut self, settlement: &Settlement, at: &str) -> Result<(), Error> {
        let id = settlement.attempt.request_id;
        let Some(open) = self.open.get(&id) else {
            return Err(inconsistent("an attempt was settled that is not under way"));
        };
        let mut known: Vec<(u64, &Outcome)> = settlement
            .outcomes
            .iter()
            .map(|(key, outcome)| (*key, outcome))
            .collect();
        known.sort_by_key(|(key, _)| *key);
        let ranges = into_ranges(known.iter().map(|(key, _)| *key).collect(), u64::MAX);
        if ranges.as_ref() != Some(&open.ranges) {
            return Err(inconsistent(
                "a settlement does not have one outcome for each device of its attempt",
            ));
        }
        if known.iter().any(|(_, outcome)| outcome.kind == OutcomeKind::Skipped) {
            return Err(inconsistent("a device that was sent cannot be skipped"));
        }
        attempts::outcomes(self.records, self.digest, open.attempt, &known, at, self.tally)?;
        let end = End {
            at,
            applied: settlement.applied.as_str(),
            trail: &settlement.trail,
            detail: settlement.detail.as_deref(),
            body_head: settlement.body_head.as_deref(),
            anomalies: &settlement.anomalies,
        };
        attempts::end(self.records, self.digest, open, &end, self.tally)?;
        self.records
            .tell(open.attempt, &settlement.signal, settlement.detail.as_deref());
        self.close(id);
        Ok(())
    }

    /// Attempts still open will not be settled by anybody.
    pub(crate) fn give_up_all(&mut self, at: &str) -> Result<(), Error> {
        let mut ids: Vec<Uuid> = self.open.keys().copied().collect();
        ids.sort_by_key(|id| self.open.get(id).map(|open| open.attempt));
        for id in ids {
            if let Some(open) = self.open.get(&id) {
                attempts::as_unknown(self.records, self.digest, open, at, self.tally)?;
            }
            self.close(id);
        }
        Ok(())
    }

    fn close(&mut self, id: Uuid) {
        if let Some(open) = self.open.remove(&id) {
            self.undo.push(Undo::Restore(id, open));
        }
    }

    fn conclude(&mut self, conclusions: &[Conclusion], at: &str) -> Result<(), Error> {
        let mut sorted: Vec<&Conclusion> = conclusions.iter().collect();
        sorted.sort_by_key(|conclusion| conclusion.key);
        if sorted.windows(2).any(|pair| pair[0].key == pair[1].key) {
            return Err(inconsistent("a device has two conclusions"));
        }
        for same in sorted.chunk_by(|left, right| left.attempt == right.attempt) {
            let Some(first) = same.first() else { continue };
            let mut attempt = None;
            for conclusion in same {
                let of = self.last_attempt(conclusion.key, &first.attempt)?;
                if attempt.replace(of).is_some_and(|other| other != of) {
                    return Err(inconsistent(
                        "a conclusion names an attempt that is not the device's last",
                    ));
                }
                if conclusion.outcome.kind == OutcomeKind::Skipped {
                    return Err(inconsistent("a device that was sent cannot be skipped"));
                }
            }
            let known: Vec<_> = same
                .iter()
                .map(|conclusion| (conclusion.key, &conclusion.outcome))
                .collect();
            if let Some(attempt) = attempt {
                attempts::outcomes(self.records, self.digest, attempt, &known, at, self.tally)?;
            }
        }
        Ok(())
    }

    /// The number of the attempt that settled this device last, which has to be this one.
    fn last_attempt(&mut self, row: u64, attempt: &Attempt) -> Result<u64, Error> {
        if self.is_under_way(row, row) {
            return Err(inconsistent(format!(
                "row {row} is under way, and nothing can be concluded of it"
            )));
        }
        match self.records.last_attempt(row)? {
            Some((number, request_id)) if request_id == attempt.request_id.to_string() => Ok(number),
            _ => Err(inconsistent(format!(
                "a conclusion of row {row} names an attempt that is not its last"
            ))),
        }
    }
}
