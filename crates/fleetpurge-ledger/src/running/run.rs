//! A run: from its first record to its end.

use std::collections::HashMap;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use fleetpurge_engine::OutcomeKind;

use crate::model::{Counts, Ended, Error, ErrorKind, Plan, Reason, RunEnd, Selection};
use crate::running::devices::{From, Reading, SelectedRows, Shared};
use crate::running::ending;
use crate::running::held::{ApplyLedger, Held, HeldFile, RunInfo};
use crate::running::journal::{LedgerJournal, closed};
#[cfg(feature = "postgres")]
use crate::running::shared::{self, SharedRun};
use crate::store::changes::RunState;
use crate::store::counts::{self};
use crate::store::database::{self, Database};
use crate::store::file::lease::one_name;
use crate::store::file::lock_file::beside;
use crate::store::file::watch::Watch;
use crate::store::group_commit::{self, Commits, Message};
#[cfg(feature = "postgres")]
use crate::store::postgres::commit::SharedWriter;
use crate::store::records::NewRun;
use crate::store::step::Step;
use crate::store::wal;
use crate::store::writer::Writer;

/// A run: the only one that may write to a file, or one of those that apply a plan in a database.
///
/// If it is dropped without [`end`](Self::end), the ledger is as after a crash: complete, and marked open.
#[derive(Debug)]
pub struct Run {
    id: u64,
    plan: Plan,
    outbox: Sender<Message>,
    medium: Medium,
    /// Open connections keep the log: the end of the run closes them.
    readers: Mutex<Vec<Shared>>,
}

/// Where a run writes, and the thread that does.
#[derive(Debug)]
enum Medium {
    File(Arc<Watch>, Option<JoinHandle<Writer>>),
    #[cfg(feature = "postgres")]
    Shared(Box<SharedRun>, Option<JoinHandle<SharedWriter>>),
}

impl Drop for Run {
    fn drop(&mut self) {
        self.outbox.send(Message::Stop).ok();
        // The lock is released when this returns, not some time later.
        match &mut self.medium {
            Medium::File(_, writer) => drop(joined(writer)),
            #[cfg(feature = "postgres")]
            Medium::Shared(_, writer) => drop(joined(writer)),
        }
    }
}

/// What the thread had, once it has ended.
fn joined<W>(writer: &mut Option<JoinHandle<W>>) -> Option<W> {
    writer.take().and_then(|writer| writer.join().ok())
}

/// Starts the thread that writes.
fn spawn<C: Commits + Send + 'static>(store: C) -> Result<(Sender<Message>, JoinHandle<C>), Error> {
    let (outbox, inbox) = channel();
    let writer = std::thread::Builder::new()
        .name("ledger-writer".to_owned())
        .spawn(move || group_commit::work(store, &inbox))
        .map_err(|error| {
            Error::new(ErrorKind::Io, "no thread could be started to record what happens").with_source(error)
        })?;
    Ok((outbox, writer))
}

impl Run {
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::infallible_destructuring_match, reason = "a database is the other case")
    )]
    pub(crate) fn begin(ledger: ApplyLedger, info: RunInfo) -> Result<Self, Error> {
        // The connection is the last, so that it is the first to be closed.
        let ApplyLedger {
            proof,
            holder,
            held,
            database,
        } = ledger;
        let HeldFile {
            lock,
            watch,
            mut lock_file,
        } = match held {
            Held::File(file) => file,
            #[cfg(feature = "postgres")]
            Held::Shared(held) => {
                let (shared, writer) = shared::begin(held, &proof.plan, &holder, info)?;
                let id = writer.state.run;
                let (outbox, writer) = spawn(writer)?;
                return Ok(Self {
                    id,
                    plan: proof.plan,
                    outbox,
                    medium: Medium::Shared(Box::new(shared), Some(writer)),
                    readers: Mutex::new(Vec::new()),
                });
            }
        };
        // A person may have been asked for an hour.
        watch.look().map_err(Error::from)?;
        one_name(lock.own())?;
        let RunInfo {
            version,
            confirmation,
            options,
            observer,
            max_pages,
            lease: _,
            max_wait: _,
            memory: _,
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
        let (outbox, writer) = spawn(writer)?;
        Ok(Self {
            id,
            plan: proof.plan,
            outbox,
            medium: Medium::File(watch, Some(writer)),
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
        match &self.medium {
            Medium::File(watch, _) => counts::count_now(&reader(watch)?, self.plan.planned, self.plan.skipped),
            #[cfg(feature = "postgres")]
            Medium::Shared(shared, _) => shared.counts(&self.plan),
        }
    }

    /// The reasons why rows have this outcome, as of the last commit, the most frequent first.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        match &self.medium {
            Medium::File(watch, _) => counts::reasons_now(&reader(watch)?, self.plan.planned, kind),
            #[cfg(feature = "postgres")]
            Medium::Shared(shared, _) => shared.reasons(&self.plan, kind),
        }
    }

    /// The devices to send, in row order. They are read page by page: memory stays flat, and no read transaction
    /// stays open.
    ///
    /// # Errors
    ///
    /// `Moved` if the plan's name no longer leads to the plan, and an I/O error.
    pub fn select(&self, selection: &Selection) -> Result<SelectedRows, Error> {
        let reading = match &self.medium {
            Medium::File(watch, _) => Reading {
                database: reader(watch)?,
                from: From::All(Arc::clone(watch)),
            },
            #[cfg(feature = "postgres")]
            Medium::Shared(shared, _) => {
                let (database, claims) = shared.claims(&self.plan, self.id, selection)?;
                Reading {
                    database,
                    from: From::Claimed(Box::new(claims)),
                }
            }
        };
        let shared: Shared = Arc::new(Mutex::new(Some(reading)));
        self.readers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::clone(&shared));
        Ok(SelectedRows::new(shared, *selection, self.plan.planned))
    }

    /// Ends the run: records its end, checkpoints the log into the file and releases the plan. This blocks. Devices
    /// of attempts that are still in flight become `unknown`. If the plan's files were moved or overwritten,
    /// [`Ended::disturbance`] says where the records are.
    ///
    /// # Errors
    ///
    /// An I/O error. Everything that was durable before still is, and the next `apply` resumes from there.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a run ends once, and with it what is said of its end"
    )]
    pub fn end(mut self, end: RunEnd) -> Result<Ended, Error> {
        self.outbox.send(Message::Stop).ok();
        for reader in self.readers.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            drop(reader.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        match &mut self.medium {
            Medium::File(watch, writer) => {
                let mut writer = joined(writer).ok_or_else(closed)?;
                ending::finish(&self.plan, watch, &mut writer, &end)
            }
            #[cfg(feature = "postgres")]
            Medium::Shared(shared, writer) => {
                let mut writer = joined(writer).ok_or_else(closed)?;
                shared.end(&self.plan, &mut writer, &end)
            }
        }
    }
}

/// A second connection to the very file that the run writes to: a name may lead to another by now.
fn reader(watch: &Watch) -> Result<Database, Error> {
    watch.look().map_err(Error::from)?;
    let database = database::reader(watch.path())?;
    // SQLite opens the file now, and not with its first query.
    watch.look().map_err(Error::from)?;
    Ok(database)
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
