//! The thread that writes: it takes what is queued, commits it together (group commit), and confirms all of it.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::model::{Error, RunEnd, clock};
use crate::proof::{OpenAttempt, Tally};
use crate::store::changes::{Changes, Record};
use crate::store::database::Database;
use crate::store::file::lease::Lease;
use crate::store::file::lock_file::LockFile;
use crate::store::file::watch::Watch;
use crate::store::runs::{self, NewRun};
use crate::store::step::Step;
use crate::store::{attempts, wal};

/// More in one commit make none of them faster.
const GROUP: usize = 512;

/// How long the result of an attempt waits for the next attempt to begin, so that both are one commit. Nothing is sent
/// meanwhile that waits for it.
const RIDE: Duration = Duration::from_millis(2);

/// How long the log may grow before it is checkpointed, in bytes, and after how many commits that is looked at.
const LOG_LEN: u64 = 16 << 20;
const LOG_LOOKED_AT: u64 = 64;

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
    /// Before the lock file: closed first.
    pub(crate) database: Database,
    pub(crate) lock_file: LockFile,
    pub(crate) watch: Arc<Watch>,
    /// After the connection: closed last.
    pub(crate) lock: Lease,
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

/// Whether these may wait for the next attempt to begin.
fn may_wait(jobs: &[Job]) -> bool {
    jobs.iter().all(|job| matches!(job.record, Record::Settle(_)))
}

/// What is queued. As long as nobody waits for what is there already, what comes until then, too.
fn next(inbox: &Receiver<Message>, jobs: &[Job], until: Instant) -> Result<Message, RecvTimeoutError> {
    match inbox.try_recv() {
        Err(TryRecvError::Empty) => {}
        Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
        Ok(message) => return Ok(message),
    }
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() || !may_wait(jobs) {
        return Err(RecvTimeoutError::Timeout);
    }
    inbox.recv_timeout(left)
}

impl Writer {
    /// Works until it is asked to stop or its channel is closed.
    pub(crate) fn work(mut self, inbox: &Receiver<Message>) -> Self {
        let mut jobs = Vec::new();
        let mut is_over = false;
        while !is_over {
            match inbox.recv() {
                Ok(Message::Job(job)) => jobs.push(job),
                Ok(Message::Stop) | Err(_) => break,
            }
            let until = Instant::now() + RIDE;
            while jobs.len() < GROUP && !is_over {
                match next(inbox, &jobs, until) {
                    Ok(Message::Job(job)) => jobs.push(job),
                    Err(RecvTimeoutError::Timeout) => break,
                    Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => is_over = true,
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
    fn transact(&mut self, write: impl FnOnce(&mut Changes<'_>, &str) -> Result<(), Error>) -> Result<(), Error> {
        let at = clock::now().to_string();
        let mut tally = self.tally;
        self.database.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        let mut changes = Changes {
            connection: &self.database,
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
            .and_then(|()| attempts::count_commit(&self.database, &self.digest, &mut tally))
            .and_then(|()| {
                self.step(Step::BeforeCommit);
                self.database.prepare_cached("COMMIT")?.execute(())?;
                Ok(())
            });
        match done {
            Ok(()) => {
                self.tally = tally;
                self.step(Step::AfterCommit);
                // The commit stands whatever becomes of this: an old number only finds less.
                if let Err(error) = self.lock_file.advance(tally.commits) {
                    tracing::debug!(%error, "the plan's lock file was not brought up to date");
                }
                Ok(())
            }
            Err(error) => {
                for undo in undo.into_iter().rev() {
                    undo.apply(&mut self.open);
                }
                // Some errors have rolled back already.
                if !self.database.is_autocommit() {
                    self.database.execute_batch("ROLLBACK")?;
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
        if let Err(error) = wal::checkpoint(&self.database) {
            // The log goes on growing; nothing is lost.
            tracing::warn!(%error, "the file beside the plan that ends in -wal could not be cleared");
        }
        self.watch.written();
        self.step(Step::AfterCheckpoint);
    }

    /// Records that the run began.
    pub(crate) fn begin_run(&mut self, new: &NewRun<'_>) -> Result<(), Error> {
        self.transact(|changes, at| runs::begin(changes.connection, new, at))
    }

    /// Records how the run ended. Attempts still open will not be settled by anybody.
    pub(crate) fn finish(&mut self, end: RunEnd) -> Result<(), Error> {
        let mut open: Vec<Uuid> = self.open.keys().copied().collect();
        open.sort_by_key(|id| self.open.get(id).map(|open| open.attempt));
        self.transact(|changes, at| {
            for id in open {
                changes.give_up(id, at)?;
            }
            runs::end(changes.connection, changes.run, end, at)?;
            Ok(())
        })
    }

    pub(crate) fn step(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use fleetpurge_engine::{Applied, Attempt, Intent, Settlement, Trail};

    use super::*;

    fn attempt() -> Attempt {
        Attempt {
            request_id: Uuid::from_u128(1),
            batch: 1,
            number: 1,
        }
    }

    fn job(record: Record) -> Job {
        Job {
            record,
            answer: oneshot::channel().0,
        }
    }

    fn begin() -> Job {
        job(Record::Begin(Intent {
            attempt: attempt(),
            keys: vec![1],
        }))
    }

    fn settle() -> Job {
        job(Record::Settle(Settlement {
            attempt: attempt(),
            applied: Applied::Yes,
            trail: Trail::default(),
            detail: None,
            body_head: None,
            outcomes: Vec::new(),
            anomalies: Vec::new(),
        }))
    }

    #[test]
    fn only_results_wait_for_the_next_attempt() {
        let conclude = || job(Record::Conclude(Vec::new()));
        for (jobs, expected) in [
            (vec![settle()], true),
            (vec![settle(), settle()], true),
            // It is to be sent now.
            (vec![begin()], false),
            (vec![settle(), begin()], false),
            (vec![conclude()], false),
        ] {
            assert_eq!(may_wait(&jobs), expected, "{jobs:?}");
        }
    }

    #[test]
    fn the_next_attempt_joins_a_result_that_is_not_yet_committed() {
        let (outbox, inbox): (Sender<Message>, _) = channel();
        let later = std::thread::spawn(move || outbox.send(Message::Job(begin())).unwrap());
        let until = Instant::now() + Duration::from_secs(3600);
        // However late it comes.
        let joined = next(&inbox, &[settle()], until);
        assert!(
            matches!(
                joined,
                Ok(Message::Job(Job {
                    record: Record::Begin(_),
                    ..
                }))
            ),
            "{joined:?}"
        );
        later.join().unwrap();
    }
}
