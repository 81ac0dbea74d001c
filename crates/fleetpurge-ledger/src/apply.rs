//! Opens a plan for one `apply`.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::error::{Error, ErrorKind};
use crate::own_file::{Lock, OwnFile};
use crate::plan::Plan;
use crate::read::{Counts, Ledger};
use crate::run::{Run, RunInfo};
use crate::schema::Mark;
use crate::select::Selection;
use crate::sidecar::{Sidecar, look_for_lock, patiently};
use crate::verify::Proof;
use crate::watch::Watch;
use crate::{clock, count, log, open, place, settle};

/// Who asks to hold a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The person's account.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
}

/// Who holds a plan, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedBy {
    /// Who.
    pub holder: Holder,
    /// Since when.
    pub since: Timestamp,
}

/// Whether a plan is held right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// By nobody: a run over it that has not ended has died.
    Free,
    /// By this one. `None` where nobody has written down who it is: it holds the plan by another name, or the system
    /// does not let a locked file be read.
    Held(Option<LockedBy>),
}

/// The lock on the plan's own file, by whatever name it was opened.
#[derive(Debug)]
pub(crate) struct OwnLock(OwnFile);

impl OwnLock {
    pub(crate) fn take(own: &OwnFile) -> Result<Self, Error> {
        patiently(|| match own.lock() {
            Ok(Lock::Free) => Ok(Self(own.clone())),
            Ok(Lock::Held) => Err(Error::new(
                ErrorKind::Held,
                "the plan's file is held by another process, which opened it by another name",
            )),
            Err(error) => Err(Error::new(ErrorKind::Io, "the plan could not be locked").with_source(error)),
        })
    }

    pub(crate) fn own(&self) -> &OwnFile {
        &self.0
    }
}

impl Drop for OwnLock {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// A plan held for one `apply`, proven whole and unaltered. No other can hold it until this is dropped.
#[derive(Debug)]
pub struct ApplyLedger {
    /// Before the sidecar: closed first.
    pub(crate) connection: Connection,
    pub(crate) sidecar: Sidecar,
    /// The plan as it was proven: nobody else may write to it while a person is asked.
    pub(crate) watch: Watch,
    /// After the connection: closed last.
    pub(crate) lock: OwnLock,
    pub(crate) holder: Holder,
    pub(crate) proof: Proof,
}

impl Ledger {
    /// Takes a plan for one `apply`.
    ///
    /// It locks the plan, proves plan, attempts and outcomes unaltered and complete, and settles what an earlier run
    /// left open: its attempts were begun and never settled, so their devices become `unknown`. When it returns, the
    /// ledger is one file without a write-ahead log again, unless another program is reading it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`] `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `Held`, `SeveralNames`, `ReadOnly`, `NetworkFileSystem`, `DiskFull`, `Busy`, `Io`. Nothing was sent.
    pub fn open_for_apply(path: impl AsRef<Path>, holder: Holder) -> Result<ApplyLedger, Error> {
        let own = OwnFile::open(path.as_ref())?;
        let path = own.path();
        // A file that is no plan gets no lock beside it.
        open::look(&own)?;
        place::check(path)?;
        let sidecar = Sidecar::lock(path, &holder)?;
        let lock = OwnLock::take(&own)?;
        one_name(&own)?;
        let found = open::look(&own)?;
        let connection = open::writer(path)?;
        connection.execute_batch("BEGIN")?;
        let proof = open::prove_whole(&connection, found, sidecar.left.as_ref())?;
        connection.execute_batch("COMMIT")?;
        let mut ledger = ApplyLedger {
            connection,
            sidecar,
            watch: Watch::new(&own, &[]),
            lock,
            holder,
            proof,
        };
        if found.mark == Mark::Open || !ledger.proof.open.is_empty() {
            ledger.recover()?;
        } else {
            ledger.sidecar.is_not_needed();
        }
        ledger.watch = Watch::new(&own, &[]);
        Ok(ledger)
    }

    /// Whether an `apply` holds a plan at this moment, and who it is.
    ///
    /// Opens no database. The lock is looked at for a moment, which an `apply` that begins in it waits for.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`] `NotFound`, `NotALedger`, `Io`.
    pub fn held_by(path: impl AsRef<Path>) -> Result<Hold, Error> {
        let own = OwnFile::open(path.as_ref())?;
        match look_for_lock(own.path())? {
            Hold::Free if own.look_for_lock()? == Lock::Held => Ok(Hold::Held(None)),
            hold => Ok(hold),
        }
    }
}

/// What SQLite keeps beside a file has the name by which it was opened: by two names, two runs would not see each other's
/// records (<https://www.sqlite.org/howtocorrupt.html>, 2.5).
pub(crate) fn one_name(own: &OwnFile) -> Result<(), Error> {
    match own.names()? {
        0 | 1 => Ok(()),
        names => Err(Error::new(
            ErrorKind::SeveralNames,
            format!("the plan's file has {names} names (hard links)"),
        )),
    }
}

impl ApplyLedger {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.proof.plan
    }

    /// What is known of all rows.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn counts(&self) -> Result<Counts, Error> {
        let plan = self.plan();
        count::count(&self.connection, plan.planned, plan.skipped, &self.proof.tally, &[])
    }

    /// How many devices a run with this selection may send.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn selected_count(&self, selection: &Selection) -> Result<u64, Error> {
        Ok(selection.count(&self.counts()?))
    }

    /// Begins a run. From here until [`Run::end`] the ledger is marked open and has a write-ahead log.
    ///
    /// # Errors
    ///
    /// `Busy` when another program is reading the file, `Moved`, `SeveralNames`, `ReadOnly`, `DiskFull`, `Io`. Nothing was sent.
    pub fn begin_run(self, info: RunInfo) -> Result<Run, Error> {
        Run::begin(self, info)
    }

    /// Writes down what the run before this did not live to, and folds its log into the file.
    fn recover(&mut self) -> Result<(), Error> {
        let at = clock::now().to_string();
        let digest = &self.proof.plan.digest;
        let mut tally = self.proof.tally;
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for open in &self.proof.open {
            settle::as_unknown(&self.connection, digest, open, &at, &mut tally)?;
        }
        self.connection.execute(
            "UPDATE runs SET stop_reason = 'the run ended without closing the ledger'
             WHERE ended_at IS NULL AND stop_reason IS NULL",
            (),
        )?;
        settle::count_commit(&self.connection, digest, &mut tally)?;
        self.connection.execute_batch("COMMIT")?;
        self.sidecar.set(digest, tally.commits)?;
        self.proof.tally = tally;
        self.proof.open.clear();
        if log::fold(&self.connection)? {
            self.sidecar.is_not_needed();
        }
        Ok(())
    }
}
