//! How a plan is taken for one `apply`.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::error::Error;
use crate::plan::Plan;
use crate::read::{Counts, Ledger};
use crate::run::{Run, RunInfo};
use crate::schema::Mark;
use crate::select::Selection;
use crate::sidecar::Sidecar;
use crate::verify::Proof;
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

/// A plan held for one `apply`, proven whole and unaltered. No other can hold it until this is dropped.
#[derive(Debug)]
pub struct ApplyLedger {
    /// Before the sidecar: closed first.
    pub(crate) connection: Connection,
    pub(crate) sidecar: Sidecar,
    pub(crate) path: PathBuf,
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
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `Held`, `ReadOnly`, `NetworkFileSystem`, `DiskFull`, `Busy`, `Io`. Nothing was sent.
    pub fn open_for_apply(path: impl AsRef<Path>, holder: Holder) -> Result<ApplyLedger, Error> {
        let path = path.as_ref();
        // A file that is no plan gets no lock beside it.
        open::look(path)?;
        place::check(path)?;
        let sidecar = Sidecar::lock(path, &holder)?;
        let found = open::look(path)?;
        let connection = open::writer(path)?;
        connection.execute_batch("BEGIN")?;
        let proof = open::prove_whole(&connection, found, sidecar.left.as_ref())?;
        connection.execute_batch("COMMIT")?;
        let mut ledger = ApplyLedger {
            connection,
            sidecar,
            path: path.to_owned(),
            holder,
            proof,
        };
        if found.mark == Mark::Open || !ledger.proof.open.is_empty() {
            ledger.recover()?;
        } else {
            ledger.sidecar.is_not_needed();
        }
        Ok(ledger)
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
    /// `Busy` when another program is reading the file, `ReadOnly`, `DiskFull`, `Io`. Nothing was sent.
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
