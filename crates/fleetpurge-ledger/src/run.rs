//! What a run records while a plan is applied.

use std::collections::HashMap;
use std::fmt;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use fleetpurge_engine::{Conclusion, Intent, Journal, JournalError, OutcomeKind, Settlement};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::apply::{ApplyLedger, one_name};
use crate::error::{Error, ErrorKind};
use crate::plan::Plan;
use crate::read::Counts;
use crate::reasons::{self, Reason};
use crate::select::{SelectedRows, Selection, Shared};
use crate::sidecar::beside;
use crate::watch::Watch;
use crate::writer::{Job, Message, Record, Writer};
use crate::{count, log, open};

pub use crate::run_end::{Disturbance, Ended, Records, RunEnd};

/// What a run is, for the record.
#[derive(Clone, Default)]
pub struct RunInfo {
    /// The version of the tool that applies.
    pub version: String,
    /// What was typed or given to confirm, character for character.
    pub confirmation: String,
    /// The options that shaped the run, as one JSON object. Never a secret.
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

/// Where the writer is. For tests.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// The file is about to be marked open.
    Opening,
    /// It is marked open; its log is about to be made.
    Opened,
    /// Records have come in and none is written.
    BeforeWrite,
    /// They are written and not committed.
    BeforeCommit,
    /// They are committed; the sidecar does not know.
    AfterCommit,
    /// The sidecar knows; nobody was answered.
    BeforeAnswer,
    /// All were answered.
    AfterAnswer,
    /// The log is about to be folded into the file.
    BeforeCheckpoint,
    /// It is folded in.
    AfterCheckpoint,
    /// The run has ended in the log; the log is about to go.
    Closing,
    /// The log is gone.
    Closed,
}

/// A run: the only one that may write to its ledger.
///
/// Dropped without [`end`](Self::end) it leaves the ledger as a crash would: whole, and marked open.
#[derive(Debug)]
pub struct Run {
    id: u64,
    pub(crate) plan: Plan,
    pub(crate) watch: Arc<Watch>,
    outbox: Sender<Message>,
    writer: Option<JoinHandle<Writer>>,
    /// Open connections keep the log: the end of the run closes them.
    readers: Mutex<Vec<Shared>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        // The lock is let go of when this returns, not some time later.
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
            mut sidecar,
            connection,
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
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        // Synced before the mark and again after the first commit: so even after a power cut a log that is missing
        // is told from one that never was.
        step(Step::Opening);
        sidecar.set(&proof.plan.digest, proof.tally.commits)?;
        if let Err(error) = log::start(&connection) {
            if connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))? == "delete" {
                sidecar.is_not_needed();
            }
            return Err(error);
        }
        step(Step::Opened);
        let id = proof.runs + 1;
        let mut writer = Writer {
            connection,
            log: beside(lock.own().path(), "-wal"),
            sidecar,
            watch: Arc::new(watch),
            lock,
            digest: proof.plan.digest.clone(),
            planned: proof.plan.planned,
            run: id,
            tally: proof.tally,
            open: HashMap::new(),
            observer,
        };
        writer.transact(|changes, at| {
            changes.connection.execute(
                "INSERT INTO runs (run, who, host, pid, version, confirmation, options, started_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                (
                    id.cast_signed(),
                    &holder.who,
                    &holder.host,
                    holder.pid,
                    version,
                    confirmation,
                    options,
                    at,
                ),
            )?;
            Ok(())
        })?;
        writer.sidecar.set(&proof.plan.digest, writer.tally.commits)?;
        // There is a log by now.
        let watch = Arc::new(Watch::new(writer.lock.own(), &["-wal", ".lock"]));
        writer.watch = Arc::clone(&watch);
        let (outbox, inbox) = channel();
        let writer = std::thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || writer.work(&inbox))
            .map_err(|error| {
                Error::new(ErrorKind::Io, "no thread could be started to write the ledger").with_source(error)
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

    /// The journal for the engine. Its clones write to the same run; after [`end`](Self::end) all of them refuse.
    #[must_use]
    pub fn journal(&self) -> LedgerJournal {
        LedgerJournal {
            outbox: self.outbox.clone(),
        }
    }

    /// What is known of all rows, as of the last commit. Reads all attempts: not for a progress bar.
    ///
    /// # Errors
    ///
    /// `Moved` when the plan's name does not lead to the plan any more, and what the machine says.
    pub fn counts(&self) -> Result<Counts, Error> {
        let connection = self.reader()?;
        let transaction = connection.unchecked_transaction()?;
        let (tally, under_way) = count::now(&connection)?;
        let counts = count::count(&connection, self.plan.planned, self.plan.skipped, &tally, &under_way)?;
        transaction.commit()?;
        Ok(counts)
    }

    /// Why rows have come to this outcome, as of the last commit, the most frequent reason first.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        let connection = self.reader()?;
        let transaction = connection.unchecked_transaction()?;
        let (_, under_way) = count::now(&connection)?;
        let reasons = reasons::of(&connection, self.plan.planned, kind, &under_way)?;
        transaction.commit()?;
        Ok(reasons)
    }

    /// The devices to send, in row order, page by page: memory stays flat, and no reading transaction stays open.
    ///
    /// # Errors
    ///
    /// `Moved` when the plan's name does not lead to the plan any more, and what the machine says.
    pub fn select(&self, selection: &Selection) -> Result<SelectedRows, Error> {
        let shared: Shared = Arc::new(Mutex::new(Some((self.reader()?, Arc::clone(&self.watch)))));
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&shared));
        Ok(SelectedRows::new(shared, *selection, self.plan.planned))
    }

    /// A second connection to the very file that the run writes to: a name may lead to another by now.
    fn reader(&self) -> Result<Connection, Error> {
        self.watch.look().map_err(Error::from)?;
        let connection = open::reader(self.watch.path())?;
        // SQLite opens the file now, and not with its first query.
        self.watch.look().map_err(Error::from)?;
        Ok(connection)
    }

    /// Ends the run: writes its end down, folds the log into the file and lets go of the plan. Blocks for as long as
    /// that takes. Attempts that are still under way become `unknown`. Where the plan's files were disturbed,
    /// [`Ended::disturbance`] says what became of the records.
    ///
    /// # Errors
    ///
    /// What the machine says; everything that was durable before still is, and the next `apply` goes on from there.
    pub fn end(mut self, end: RunEnd) -> Result<Ended, Error> {
        self.outbox.send(Message::Stop).ok();
        let writer = self.writer.take().and_then(|writer| writer.join().ok());
        let Some(mut writer) = writer else {
            return Err(closed());
        };
        for reader in self.readers.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            drop(reader.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        self.finish(&mut writer, end)
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the run has ended, or its writer has stopped")
}

/// The engine's journal in the ledger.
///
/// One thread writes; what is queued together is committed together. Keys are row numbers. A device that is final, that
/// is not in the plan or that another attempt has under way is refused before its attempt is sent.
#[derive(Clone, Debug)]
pub struct LedgerJournal {
    outbox: Sender<Message>,
}

impl LedgerJournal {
    async fn write(&self, record: Record) -> Result<(), JournalError> {
        let (answer, told) = oneshot::channel();
        let told = match self.outbox.send(Message::Job(Job { record, answer })) {
            Ok(()) => told.await.unwrap_or_else(|_| Err(closed())),
            Err(_) => Err(closed()),
        };
        told.map_err(|error| JournalError(Box::new(error)))
    }
}

impl Journal for LedgerJournal {
    async fn begin(&self, intent: Intent) -> Result<(), JournalError> {
        self.write(Record::Begin(intent)).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.write(Record::Settle(settlement)).await
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        self.write(Record::Conclude(conclusions)).await
    }
}
