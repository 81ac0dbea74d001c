//! A run: from its first record to its end.

use std::collections::HashMap;
use std::fmt;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use fleetpurge_engine::OutcomeKind;

use crate::model::{Counts, Ended, Error, ErrorKind, Plan, Reason, RunEnd, Selection};
use crate::running::devices::{SelectedRows, Shared};
use crate::running::ending;
use crate::running::journal::{LedgerJournal, closed};
use crate::running::opening::ApplyLedger;
use crate::store::changes::RunState;
use crate::store::counts::{self};
use crate::store::database::{self, Database};
use crate::store::file::lease::one_name;
use crate::store::file::lock_file::beside;
use crate::store::file::watch::Watch;
use crate::store::group_commit::{self, Message};
use crate::store::records::NewRun;
use crate::store::step::Step;
use crate::store::wal;
use crate::store::writer::Writer;

/// What is recorded of a run when it begins.
#[derive(Clone, Default)]
pub struct RunInfo {
    /// The version of the tool that applies.
    pub version: String,
    /// The confirmation, unchanged.
    pub confirmation: String,
    /// The options of the run, as one JSON object, without secrets.
    pub options: String,
    /// Called at every step of the writer, on its thread. For tests: a crash there must lose nothing.
    #[doc(hidden)]
    pub observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
    /// How many pages the file may have. For tests: a full disk.
    #[doc(hidden)]
    pub max_pages: Option<u32>,
}

impl fmt::Debug for RunInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunInfo")
            .field("version", &self.version)
            .field("confirmation", &self.confirmation)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// A run: the only one that may write to its ledger.
///
/// If it is dropped without [`end`](Self::end), the ledger is as after a crash: complete, and marked open.
#[derive(Debug)]
pub struct Run {
    id: u64,
    plan: Plan,
    watch: Arc<Watch>,
    outbox: Sender<Message>,
    writer: Option<JoinHandle<Writer>>,
    /// Open connections keep the log: the end of the run closes them.
    readers: Mutex<Vec<Shared>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        // The lock is released when this returns, not some time later.
        if let Some(writer) = self.writer.take() {
            self.outbox.send(Message::Stop).ok();
            writer.join().ok();
        }
    }
}

impl Run {
    pub(crate) fn begin(ledger: ApplyLedger, info: RunInfo) -> Result<Self, Error> {
        // The connection is the last, so that it is the first to be closed.
        let ApplyLedger {
            proof,
            holder,
            lock,
            watch,
            mut lock_file,
            database,
        } = ledger;
        // A person may have been asked for an hour.
        watch.look().map_err(Error::from)?;
        one_name(lock.own())?;
        let RunInfo {
            version,
            confirmation,
            options,
            observer,
            max_pages,
        } = info;
        let step = |step| {
            if let Some(observer) = &observer {
                observer(step);
            }
        };
        if let Some(pages) = max_pages {
            database.limit_pages(pages)?;
        }
        // Synced before the mark and again after the first commit: so even after a power cut a log that is missing
        // is told from one that never was.
        step(Step::Opening);
        lock_file.set(&proof.plan.digest, proof.tally.commits)?;
        if let Err(error) = wal::start(&database) {
            if !wal::is_started(&database)? {
                lock_file.is_not_needed();
            }
            return Err(error);
        }
        step(Step::Opened);
        let id = proof.runs + 1;
        let mut writer = Writer {
            database,
            log: beside(lock.own().path(), "-wal"),
            lock_file,
            watch: Arc::new(watch),
            lock,
            state: RunState {
                digest: proof.plan.digest.clone(),
                planned: proof.plan.planned,
                run: id,
                open: HashMap::new(),
            },
            tally: proof.tally,
            observer,
        };
        let new = NewRun {
            run: id,
            holder: &holder,
            version: &version,
            confirmation: &confirmation,
            options: &options,
        };
        group_commit::begin_run(&mut writer, &new)?;
        writer.lock_file.set(&proof.plan.digest, writer.tally.commits)?;
        // There is a log by now.
        let watch = Arc::new(Watch::new(writer.lock.own(), &["-wal", ".lock"]));
        writer.watch = Arc::clone(&watch);
        let (outbox, inbox) = channel();
        let writer = std::thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || group_commit::work(writer, &inbox))
            .map_err(|error| {
                Error::new(ErrorKind::Io, "no thread could be started to record what happens").with_source(error)
            })?;
        Ok(Self {
            id,
            plan: proof.plan,
            watch,
            outbox,
            writer: Some(writer),
            readers: Mutex::new(Vec::new()),
        })
    }

    /// The run's number in the ledger, from 1.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The journal for the engine. Clones write to the same run; after [`end`](Self::end), all of them return errors.
    #[must_use]
    pub fn journal(&self) -> LedgerJournal {
        LedgerJournal::new(self.outbox.clone())
    }

    /// The counts of all rows, as of the last commit. This reads all attempts, so it is too slow for a progress bar.
    ///
    /// # Errors
    ///
    /// `Moved` if the plan's name no longer leads to the plan, and an I/O error.
    pub fn counts(&self) -> Result<Counts, Error> {
        counts::count_now(&self.reader()?, self.plan.planned, self.plan.skipped)
    }

    /// The reasons why rows have this outcome, as of the last commit, the most frequent first.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        counts::reasons_now(&self.reader()?, self.plan.planned, kind)
    }

    /// The devices to send, in row order. They are read page by page: memory stays flat, and no read transaction
    /// stays open.
    ///
    /// # Errors
    ///
    /// `Moved` if the plan's name no longer leads to the plan, and an I/O error.
    pub fn select(&self, selection: &Selection) -> Result<SelectedRows, Error> {
        let shared: Shared = Arc::new(Mutex::new(Some((self.reader()?, Arc::clone(&self.watch)))));
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&shared));
        Ok(SelectedRows::new(shared, *selection, self.plan.planned))
    }

    /// A second connection to the very file that the run writes to: a name may lead to another by now.
    fn reader(&self) -> Result<Database, Error> {
        self.watch.look().map_err(Error::from)?;
        let database = database::reader(self.watch.path())?;
        // SQLite opens the file now, and not with its first query.
        self.watch.look().map_err(Error::from)?;
        Ok(database)
    }

    /// Ends the run: records its end, checkpoints the log into the file and releases the plan. This blocks. Devices
    /// of attempts that are still in flight become `unknown`. If the plan's files were moved or overwritten,
    /// [`Ended::disturbance`] says where the records are.
    ///
    /// # Errors
    ///
    /// An I/O error. Everything that was durable before still is, and the next `apply` resumes from there.
    pub fn end(mut self, end: RunEnd) -> Result<Ended, Error> {
        self.outbox.send(Message::Stop).ok();
        let writer = self.writer.take().and_then(|writer| writer.join().ok());
        let Some(mut writer) = writer else {
            return Err(closed());
        };
        for reader in self.readers.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            drop(reader.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        ending::finish(&self.plan, &self.watch, &mut writer, &end)
    }
}

impl ApplyLedger {
    /// Begins a run. Until [`Run::end`], the ledger is marked open and has a write-ahead log.
    ///
    /// # Errors
    ///
    /// `Busy` if another program is reading the file, `Moved`, `SeveralNames`, `ReadOnly`, `DiskFull`, `Io`. Nothing
    /// was sent.
    pub fn begin_run(self, info: RunInfo) -> Result<Run, Error> {
        Run::begin(self, info)
    }
}
