//! Commits the records of a run to the file of its plan.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Error, clock};
use crate::proof::Tally;
use crate::store::changes::{Record, RunState};
use crate::store::database::Database;
use crate::store::file::lease::Lease;
use crate::store::file::lock_file::LockFile;
use crate::store::file::watch::Watch;
use crate::store::group_commit::{Commits, Job, Write};
use crate::store::sqlite_records::SqliteRecords;
use crate::store::step::Step;
use crate::store::wal;

/// How long the log may grow before it is checkpointed, in bytes, and after how many commits that is looked at.
const LOG_LEN: u64 = 16 << 20;
const LOG_LOOKED_AT: u64 = 64;

pub(crate) struct Writer {
    /// Before the lock file: closed first.
    pub(crate) database: Database,
    pub(crate) lock_file: LockFile,
    pub(crate) watch: Arc<Watch>,
    /// After the connection: closed last.
    pub(crate) lock: Lease,
    pub(crate) log: PathBuf,
    pub(crate) state: RunState,
    pub(crate) tally: Tally,
    pub(crate) observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("run", &self.state.run)
            .finish_non_exhaustive()
    }
}

impl Commits for Writer {
    /// Nothing is begun that nobody would find recorded. What is under way is settled in the file that is open: at the
    /// end it is saved, if it can be.
    fn refuse(&mut self, jobs: &mut Vec<Job>) {
        let begins = |job: &Job| matches!(job.record, Record::Begin(_));
        if !jobs.iter().any(begins) {
            return;
        }
        let Err(change) = self.watch.look() else { return };
        for job in jobs.extract_if(.., |job| begins(job)) {
            job.answer.send(Err(change.into())).ok();
        }
    }

    fn commit(&mut self, write: Write<'_>) -> Result<(), Error> {
        let at = clock::now().to_string();
        let mut tally = self.tally;
        self.database.prepare_cached("BEGIN IMMEDIATE")?.execute(())?;
        let mut records = SqliteRecords(&self.database);
        let (written, undo) = self.state.record(&mut records, &mut tally, &at, write);
        let done = written.and_then(|()| {
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
                self.state.take_back(undo);
                // Some errors have rolled back already.
                if !self.database.is_autocommit() {
                    self.database.execute_batch("ROLLBACK")?;
                }
                Err(error)
            }
        }
    }

    /// Clears a log that has become long: in the middle of a commit, all that are queued would wait for it.
    fn between(&mut self) {
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

    fn idle(&self) -> Option<Duration> {
        None
    }

    fn step(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }
}
