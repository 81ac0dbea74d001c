//! What is written down while a plan is applied.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use fleetpurge_engine::{Conclusion, Intent, Journal, JournalError, OutcomeKind, Settlement};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::apply::{ApplyLedger, one_name};
use crate::error::{Error, ErrorKind};
use crate::plan::Plan;
use crate::read::{Counts, Ledger};
use crate::reasons::{self, Reason};
use crate::select::{SelectedRows, Selection, Shared};
use crate::sidecar::beside;
use crate::watch::{Change, Watch};
use crate::writer::{Job, Message, Record, Writer};
use crate::{count, log, open, rescue};

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
    plan: Plan,
    watch: Arc<Watch>,
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

/// How a run ended, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// The exit code of the command.
    pub exit: u8,
    /// Why it stopped early, if it did.
    pub stop_reason: Option<String>,
}

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What is known of all rows.
    pub counts: Counts,
    /// Whether one file without a write-ahead log is left. `false` only while another program reads the ledger:
    /// nothing is lost then, the log has to stay beside the file, and the next `apply` folds it in.
    pub single_file: bool,
    /// What was done to the plan's files while it was applied, if anything: the name that was given may lead to something
    /// else now.
    pub disturbance: Option<Disturbance>,
}

/// What was done to the plan's files while it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// It, as one lowercase sentence.
    pub what: String,
    /// Where the records of the plan and of all its runs are now.
    pub records: Records,
}

/// Where the records of a plan are whose files were disturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Records {
    /// In the plan, under its name: nothing is lost.
    InPlan,
    /// The plan has no name any more. In this file, a whole plan that can be applied; it was proven.
    SavedAs(PathBuf),
    /// The plan has another name. In it together with the files that end in `-wal` and `.lock`, which still have the old
    /// name: once it has its name back, the next `apply` goes on from there.
    UnderAnotherName,
    /// Nowhere: the plan was overwritten, or has no name any more and could not be saved, for the reason given.
    Lost(String),
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
        match self.watch.look() {
            Ok(()) => self.close(&mut writer, end, None),
            // The plan's own file is where it was: it gets everything, as at any other end.
            Err(change @ Change::Beside(_)) => self.close(&mut writer, end, Some(change)),
            // Its date is another, and not a record of it.
            Err(change @ Change::Overwritten) if self.is_whole() => self.close(&mut writer, end, Some(change)),
            Err(change) => self.leave(&mut writer, end, change),
        }
    }

    /// Whether the plan and all that was recorded of it is under its name, read anew.
    fn is_whole(&self) -> bool {
        Ledger::open(self.watch.path()).is_ok_and(|ledger| ledger.plan().digest == self.plan.digest)
    }

    /// Writes the end down and folds the log into the file.
    fn close(&self, writer: &mut Writer, end: RunEnd, change: Option<Change>) -> Result<Ended, Error> {
        writer.finish(end)?;
        let counts = self.counted(writer)?;
        writer.step(Step::Closing);
        writer.sidecar.set(&self.plan.digest, writer.tally.commits)?;
        let single_file = log::fold(&writer.connection)?;
        if single_file {
            writer.sidecar.is_not_needed();
        }
        writer.step(Step::Closed);
        let disturbance = change.map(|change| Disturbance {
            what: change.to_string(),
            records: Records::InPlan,
        });
        Ok(Ended {
            counts,
            single_file,
            disturbance,
        })
    }

    /// Writes the end down in a file that has lost its name, and saves it where that can be done without doubt.
    fn leave(&self, writer: &mut Writer, end: RunEnd, change: Change) -> Result<Ended, Error> {
        let finished = writer.finish(end);
        // To fold the log in would write to whatever has the names now.
        let records = match (change, finished) {
            (Change::Renamed, Ok(())) => Records::UnderAnotherName,
            (Change::Removed | Change::Replaced, Ok(())) => match rescue::save(&writer.connection, self.watch.path()) {
                Ok(path) => {
                    self.clear_away(writer);
                    Records::SavedAs(path)
                }
                Err(error) => Records::Lost(told(&error)),
            },
            (_, Err(error)) => Records::Lost(told(&error)),
            (_, Ok(())) => Records::Lost("what it was is overwritten".to_owned()),
        };
        Ok(Ended {
            // Of a file that was overwritten they may be wrong: what could not be read is not counted.
            counts: self.counted(writer).unwrap_or(Counts {
                planned: self.plan.planned,
                skipped: self.plan.skipped,
                ..Counts::default()
            }),
            single_file: false,
            disturbance: Some(Disturbance {
                what: change.to_string(),
                records,
            }),
        })
    }

    /// Takes away what belongs to a file that nobody can open any more: beside another plan it would be in the way.
    fn clear_away(&self, writer: &mut Writer) {
        writer.sidecar.is_not_needed();
        // What is not surely ours may belong to a plan that somebody put there meanwhile.
        if !self.watch.is_still_there("-wal") {
            return;
        }
        for suffix in ["-wal", "-shm"] {
            if let Err(error) = std::fs::remove_file(beside(self.watch.path(), suffix)) {
                tracing::debug!(%error, "what belonged to the plan's file stays");
            }
        }
    }

    fn counted(&self, writer: &Writer) -> Result<Counts, Error> {
        count::count(
            &writer.connection,
            self.plan.planned,
            self.plan.skipped,
            &writer.tally,
            &[],
        )
    }
}

fn told(error: &Error) -> String {
    fleetpurge_engine::chain(error)
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
