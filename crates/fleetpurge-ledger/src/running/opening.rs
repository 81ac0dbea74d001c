//! Opens a plan for one `apply`: locks it, checks it, and settles what an earlier run left open.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;

use crate::model::{Counts, Error, Hold, Holder, Plan, Reason, Selected, Selection, clock};
use crate::reading::Ledger;
use crate::running::devices;
use crate::store::counts::{self};
use crate::store::database::{self, Database};
use crate::store::file::lease::{Lease, one_name};
use crate::store::file::lock_file::{LockFile, look_for_lock};
use crate::store::file::own_file::{Lock, OwnFile};
use crate::store::file::placement;
use crate::store::file::watch::Watch;
use crate::store::header::Mark;
use crate::store::integrity::Proof;
use crate::store::opening::Found;
use crate::store::{opening, recovery, wal};

/// A plan held for one `apply`, checked to be complete and unaltered. No other `apply` can hold it until this is
/// dropped.
#[derive(Debug)]
pub struct ApplyLedger {
    /// Before the lock file: closed first.
    pub(crate) database: Database,
    pub(crate) lock_file: LockFile,
    /// The plan as it was proven: nobody else may write to it while a person is asked.
    pub(crate) watch: Watch,
    /// After the connection: closed last.
    pub(crate) lock: Lease,
    pub(crate) holder: Holder,
    pub(crate) proof: Proof,
}

impl Ledger {
    /// Opens a plan for one `apply`.
    ///
    /// It locks the plan, checks that plan, attempts and outcomes are unaltered and complete, and settles the
    /// attempts that an earlier run left open: their devices become `unknown`. Afterwards, the ledger is one file
    /// without a write-ahead log, unless another program is reading it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `Held`, `SeveralNames`, `ReadOnly`, `NetworkFileSystem`, `DiskFull`, `Busy`, `Io`. Nothing was sent.
    pub fn open_for_apply(path: impl AsRef<Path>, holder: Holder) -> Result<ApplyLedger, Error> {
        let (mut ledger, found) = hold(path.as_ref(), holder)?;
        ledger.settle(found)?;
        Ok(ledger)
    }

    /// Whether an `apply` holds a plan at this moment, and which one.
    ///
    /// This opens no database. It tests the lock for a moment; an `apply` that begins at that moment waits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `Io`.
    pub fn held_by(path: impl AsRef<Path>) -> Result<Hold, Error> {
        let own = OwnFile::open(path.as_ref())?;
        match look_for_lock(own.path())? {
            Hold::Free if own.look_for_lock()? == Lock::Held => Ok(Hold::Held(None)),
            hold => Ok(hold),
        }
    }
}

/// Locks a plan and proves it, and leaves it as it was found.
pub(super) fn hold(path: &Path, holder: Holder) -> Result<(ApplyLedger, Found), Error> {
    let own = OwnFile::open(path)?;
    let path = own.path();
    // A file that is no plan gets no lock beside it.
    opening::look(&own)?;
    placement::check(path)?;
    let lock_file = LockFile::lock(path, &holder)?;
    let lock = Lease::take(&own)?;
    one_name(&own)?;
    let found = opening::look(&own)?;
    let database = database::writer(path)?;
    let proof = database.at_one_moment(|| opening::prove_whole(&database, found, lock_file.left.as_ref()))?;
    let ledger = ApplyLedger {
        database,
        lock_file,
        watch: Watch::new(&own, &[]),
        lock,
        holder,
        proof,
    };
    Ok((ledger, found))
}

impl ApplyLedger {
    /// Settles what an earlier run left open, if any, and leaves one file.
    pub(super) fn settle(&mut self, found: Found) -> Result<(), Error> {
        if found.mark == Mark::Open || !self.proof.open.is_empty() {
            self.recover()?;
        } else {
            self.lock_file.is_not_needed();
        }
        self.watch = Watch::new(self.lock.own(), &[]);
        Ok(())
    }

    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.proof.plan
    }

    /// The counts of all rows.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn counts(&self) -> Result<Counts, Error> {
        let plan = self.plan();
        counts::count(&self.database, plan.planned, plan.skipped, &self.proof.tally, &[])
    }

    /// The number of devices that a run with this selection may send.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn selected_count(&self, selection: &Selection) -> Result<u64, Error> {
        Ok(selection.count(&self.counts()?))
    }

    /// The first devices that a run with this selection sends, no more than `most`.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn first_selected(&self, selection: &Selection, most: u64) -> Result<Vec<Selected>, Error> {
        devices::first(&self.database, selection, self.plan().planned, most).map(Into::into)
    }

    /// Settles what an earlier run left open, and checkpoints its log into the file.
    fn recover(&mut self) -> Result<(), Error> {
        let at = clock::now().to_string();
        let digest = &self.proof.plan.digest;
        let mut tally = self.proof.tally;
        recovery::settle_as_unknown(&self.database, digest, &self.proof.open, &at, &mut tally)?;
        self.lock_file.set(digest, tally.commits)?;
        self.proof.tally = tally;
        self.proof.open.clear();
        if wal::checkpoint_and_remove(&self.database)? {
            self.lock_file.is_not_needed();
        }
        Ok(())
    }
}

impl ApplyLedger {
    /// The reasons why rows have this outcome, the most frequent first.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        counts::reasons(&self.database, self.plan().planned, kind, &[])
    }
}
