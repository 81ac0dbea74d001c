//! The one thread that writes: takes what is queued, commits it together, and confirms all of it.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};

use fleetpurge_engine::{Attempt, Conclusion, Intent, Outcome, OutcomeKind, Settlement};
use rusqlite::{Connection, OptionalExtension};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::apply::OwnLock;
use crate::error::{Error, ErrorKind};
use crate::records::Tally;
use crate::run::Step;
use crate::run_end::RunEnd;
use crate::schema::MAX_SPAN;
use crate::settle::{self, End};
use crate::sidecar::Sidecar;
use crate::sweep::into_spans;
use crate::verify::{OpenAttempt, number};
use crate::watch::Watch;
use crate::{clock, log};

/// More in one commit make none of them faster.
const GROUP: usize = 512;

/// How long the log may grow before it is folded in, in bytes, and after how many commits that is looked at.
const LOG_LEN: u64 = 16 << 20;
const LOG_LOOKED_AT: u64 = 64;

/// One call of the journal.
#[derive(Debug)]
pub(crate) enum Record {
    Begin(Intent),
    Settle(Settlement),
    Conclude(Vec<Conclusion>),
}

/// A call and where its answer goes.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) record: Record,
    pub(crate) answer: oneshot::Sender<Result<(), Error>>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "all messages of a run but its last are jobs")]
pub(crate) enum Message {
    Job(Job),
    Stop,
}

pub(crate) struct Writer {
    /// Before the sidecar: closed first.
    pub(crate) connection: Connection,
    pub(crate) sidecar: Sidecar,
    pub(crate) watch: Arc<Watch>,
    /// After the connection: closed last.
    pub(crate) lock: OwnLock,
    pub(crate) log: PathBuf,
    pub(crate) digest: String,
    pub(crate) planned: u64,
    pub(crate) run: u64,
    pub(crate) tally: Tally,
    /// Attempts that were begun and not settled: as many as the engine has in flight.
    pub(crate) open: HashMap<Uuid, OpenAttempt>,
    pub(crate) observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("run", &self.run).finish_non_exhaustive()
    }
}

/// What a transaction that is rolled back changed outside SQLite.
enum Undo {
    Forget(Uuid),
    Restore(Uuid, OpenAttempt),
}

impl Writer {
    /// Works until it is told to stop or nobody can tell it anything any more.
    pub(crate) fn work(mut self, inbox: &Receiver<Message>) -> Self {
        let mut jobs = Vec::new();
        let mut is_over = false;
        while !is_over {
            match inbox.recv() {
                Ok(Message::Job(job)) => jobs.push(job),
                Ok(Message::Stop) | Err(_) => break,
            }
            while jobs.len() < GROUP {
                match inbox.try_recv() {
                    Ok(Message::Job(job)) => jobs.push(job),
                    Err(TryRecvError::Empty) => break,
                    Ok(Message::Stop) | Err(TryRecvError::Disconnected) => {
                        is_over = true;
                        break;
                    }
                }
            }
            self.take(&mut jobs);
            self.fold_long_log();
        }
        self
    }

    fn take(&mut self, jobs: &mut Vec<Job>) {
        self.refuse_begins_if_moved(jobs);
        if jobs.is_empty() {
            return;
        }
        self.step(Step::BeforeWrite);
        match self.transact(|writer, at| jobs.iter().try_for_each(|job| writer.write(&job.record, at))) {
            Ok(()) => {
                self.step(Step::BeforeAnswer);
                for job in jobs.drain(..) {
                    // Whoever asked may have gone away; the record stands.
                    job.answer.send(Ok(())).ok();
                }
            }
            // One bad record spoils the transaction for all: each gets its own.
            Err(_) if jobs.len() > 1 => {
                for job in jobs.drain(..) {
                    let told = self.transact(|writer, at| writer.write(&job.record, at));
                    self.step(Step::BeforeAnswer);
                    job.answer.send(told).ok();
                }
            }
            Err(error) => {
                if let Some(job) = jobs.pop() {
                    job.answer.send(Err(error)).ok();
                }
            }
        }
        self.step(Step::AfterAnswer);
    }

    /// Nothing is begun that nobody would find recorded. What is under way is settled in the file that is open: at the
    /// end it is saved, if it can be.
    fn refuse_begins_if_moved(&self, jobs: &mut Vec<Job>) {
        let begins = |job: &Job| matches!(job.record, Record::Begin(_));
        if !jobs.iter().any(begins) {
            return;
        }
        let Err(change) = self.watch.look() else { return };
        for job in jobs.extract_if(.., |job| begins(job)) {
            job.answer.send(Err(change.into())).ok();
        }
    }

    /// One commit: all that `write` writes, or nothing.
    pub(crate) fn transact(
        &mut self,
        write: impl FnOnce(&mut Changes<'_>, &str) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let at = clock::now().to_string();
        let mut tally = self.tally;
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        let mut changes = Changes {
            connection: &self.connection,
            digest: &self.digest,
            planned: self.planned,
            run: self.run,
            tally: &mut tally,
            open: &mut self.open,
            undo: Vec::new(),
        };
        let written = write(&mut changes, &at);
        let undo = changes.undo;
        let done = written
            .and_then(|()| settle::count_commit(&self.connection, &self.digest, &mut tally))
            .and_then(|()| {
                self.step(Step::BeforeCommit);
                self.connection.prepare_cached("COMMIT")?.execute(())?;
                Ok(())
            });
        match done {
            Ok(()) => {
                self.tally = tally;
                self.step(Step::AfterCommit);
                // The commit stands whatever becomes of this: an old number only finds less.
                if let Err(error) = self.sidecar.advance(tally.commits) {
                    tracing::debug!(%error, "the plan's lock file was not brought up to date");
                }
                Ok(())
            }
            Err(error) => {
                for undo in undo.into_iter().rev() {
                    match undo {
                        Undo::Forget(id) => drop(self.open.remove(&id)),
                        Undo::Restore(id, open) => drop(self.open.insert(id, open)),
                    }
                }
                // Some errors have rolled back already.
                if !self.connection.is_autocommit() {
                    self.connection.execute_batch("ROLLBACK")?;
                }
                Err(error)
            }
        }
    }

    /// Between commits, when nobody waits: in the middle of one, all that are queued would.
    fn fold_long_log(&mut self) {
        if !self.tally.commits.is_multiple_of(LOG_LOOKED_AT)
            || !std::fs::metadata(&self.log).is_ok_and(|log| log.len() > LOG_LEN)
            // It would be folded into whatever is there now.
            || self.watch.look().is_err()
        {
            return;
        }
        self.step(Step::BeforeCheckpoint);
        if let Err(error) = log::fold_what_may(&self.connection) {
            // The log goes on growing; nothing is lost.
            tracing::warn!(%error, "the ledger's log could not be folded in");
        }
        self.watch.written();
        self.step(Step::AfterCheckpoint);
    }

    /// Writes down how the run ended. Attempts still open will not be settled by anybody.
    pub(crate) fn finish(&mut self, end: RunEnd) -> Result<(), Error> {
        let RunEnd { exit, stop_reason } = end;
        let mut open: Vec<Uuid> = self.open.keys().copied().collect();
        open.sort_by_key(|id| self.open.get(id).map(|open| open.attempt));
        self.transact(|changes, at| {
            for id in open {
                changes.give_up(id, at)?;
            }
            changes.connection.execute(
                "UPDATE runs SET ended_at = ?2, exit = ?3, stop_reason = ?4 WHERE run = ?1",
                (changes.run.cast_signed(), at, exit, stop_reason),
            )?;
            Ok(())
        })
    }

    pub(crate) fn step(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }
}

/// What one transaction changes.
pub(crate) struct Changes<'w> {
    pub(crate) connection: &'w Connection,
    digest: &'w str,
    planned: u64,
    run: u64,
    tally: &'w mut Tally,
    open: &'w mut HashMap<Uuid, OpenAttempt>,
    undo: Vec<Undo>,
}

fn unfit(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unfit, what)
}

impl Changes<'_> {
    fn write(&mut self, record: &Record, at: &str) -> Result<(), Error> {
        match record {
            Record::Begin(intent) => self.begin(intent, at),
            Record::Settle(settlement) => self.settle(settlement, at),
            Record::Conclude(conclusions) => self.conclude(conclusions, at),
        }
    }

    fn begin(&mut self, intent: &Intent, at: &str) -> Result<(), Error> {
        let id = intent.attempt.request_id;
        let spans =
            into_spans(intent.keys.clone(), u64::MAX).ok_or_else(|| unfit("an attempt names a device twice"))?;
        let (Some((first, _)), Some((_, last))) = (spans.first(), spans.last()) else {
            return Err(unfit("an attempt names no device"));
        };
        if *first == 0 || *last > self.planned {
            return Err(unfit("an attempt names a device that is not in the plan"));
        }
        if self.open.contains_key(&id) {
            return Err(unfit("an attempt was begun twice"));
        }
        if let Some((row, _)) = spans.iter().find(|span| self.is_under_way(span.0, span.1)) {
            return Err(unfit(format!(
                "row {row} or one after it is under way in another attempt"
            )));
        }
        let open = OpenAttempt {
            attempt: self.tally.attempts + 1,
            run: self.run,
            batch: intent.attempt.batch,
            number: u64::from(intent.attempt.number),
            request_id: id.to_string(),
            devices: intent.keys.len() as u64,
            begun_at: at.to_owned(),
            spans,
        };
        settle::begin(self.connection, self.digest, &open, self.tally)?;
        self.open.insert(id, open);
        self.undo.push(Undo::Forget(id));
        Ok(())
    }

    fn is_under_way(&self, first: u64, last: u64) -> bool {
        self.open
            .values()
            .flat_map(|open| &open.spans)
            .any(|span| span.0 <= last && first <= span.1)
    }

    fn settle(&mut self, settlement: &Settlement, at: &str) -> Result<(), Error> {
        let id = settlement.attempt.request_id;
        let Some(open) = self.open.get(&id) else {
            return Err(unfit("an attempt was settled that is not under way"));
        };
        let mut known: Vec<(u64, &Outcome)> = settlement
            .outcomes
            .iter()
            .map(|(key, outcome)| (*key, outcome))
            .collect();
        known.sort_by_key(|(key, _)| *key);
        let spans = into_spans(known.iter().map(|(key, _)| *key).collect(), u64::MAX);
        if spans.as_ref() != Some(&open.spans) {
            return Err(unfit(
                "a settlement does not say one thing of each device of its attempt",
            ));
        }
        if known.iter().any(|(_, outcome)| outcome.kind == OutcomeKind::Skipped) {
            return Err(unfit("a device that was sent cannot have been left out"));
        }
        settle::outcomes(self.connection, self.digest, open.attempt, &known, at, self.tally)?;
        let end = End {
            at,
            applied: settlement.applied.as_str(),
            trail: &settlement.trail,
            detail: settlement.detail.as_deref(),
            body_head: settlement.body_head.as_deref(),
            anomalies: &settlement.anomalies,
        };
        settle::end(self.connection, self.digest, open, &end, self.tally)?;
        self.close(id);
        Ok(())
    }

    fn give_up(&mut self, id: Uuid, at: &str) -> Result<(), Error> {
        if let Some(open) = self.open.get(&id) {
            settle::as_unknown(self.connection, self.digest, open, at, self.tally)?;
        }
        self.close(id);
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
            return Err(unfit("two conclusions were drawn of one device"));
        }
        for same in sorted.chunk_by(|left, right| left.attempt == right.attempt) {
            let Some(first) = same.first() else { continue };
            let mut attempt = None;
            for conclusion in same {
                let of = self.last_attempt(conclusion.key, &first.attempt)?;
                if attempt.replace(of).is_some_and(|other| other != of) {
                    return Err(unfit("a conclusion names an attempt that is not the device's last"));
                }
                if conclusion.outcome.kind == OutcomeKind::Skipped {
                    return Err(unfit("a device that was sent cannot have been left out"));
                }
            }
            let known: Vec<_> = same
                .iter()
                .map(|conclusion| (conclusion.key, &conclusion.outcome))
                .collect();
            if let Some(attempt) = attempt {
                settle::outcomes(self.connection, self.digest, attempt, &known, at, self.tally)?;
            }
        }
        Ok(())
    }

    /// The number of the attempt that settled this device last, which has to be this one.
    fn last_attempt(&self, row: u64, attempt: &Attempt) -> Result<u64, Error> {
        if self.is_under_way(row, row) {
            return Err(unfit(format!(
                "row {row} is under way, and nothing can be concluded of it"
            )));
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT a.attempt, a.request_id FROM outcomes o JOIN attempts a USING (attempt)
             WHERE o.first > ?1 - ?2 AND o.first <= ?1 AND o.last >= ?1 ORDER BY o.id DESC LIMIT 1",
        )?;
        let found = statement
            .query_row((row.cast_signed(), MAX_SPAN.cast_signed()), |found| {
                Ok((number(found, 0), found.get::<_, String>(1)?))
            })
            .optional()?;
        match found {
            Some((number, request_id)) if request_id == attempt.request_id.to_string() => number,
            _ => Err(unfit(format!(
                "a conclusion of row {row} names an attempt that is not its last"
            ))),
        }
    }
}
