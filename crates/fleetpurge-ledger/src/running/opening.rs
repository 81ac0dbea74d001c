//! Opens a plan for one `apply`: locks it, checks it, and settles what an earlier run left open.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;

use crate::model::{Counts, Error, Hold, Holder, Plan, PlanAddress, Reason, Selected, Selection, clock};
use crate::reading::Ledger;
use crate::running::devices;
use crate::running::held::{ApplyLedger, Held, HeldFile};
#[cfg(feature = "postgres")]
use crate::running::shared;
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

impl Ledger {
    /// Opens a plan for one `apply`. A plan in a database is fetched, and what runs that are gone left open is settled there;
    /// several may apply it at the same time.
    ///
    /// It locks a file, checks that plan, attempts and outcomes are unaltered and complete, and settles the
    /// attempts that an earlier run left open: their devices become `unknown`. Afterwards, the ledger is one file
    /// without a write-ahead log, unless another program is reading it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `Held`, `SeveralNames`, `ReadOnly`, `NetworkFileSystem`, `DiskFull`, `Busy`, `Io`; of a database also `BadAddress`,
    /// `Unreachable`, `NotPermitted` and `NotDurable`. Nothing was sent.
    pub fn open_for_apply(address: impl Into<PlanAddress>, holder: Holder) -> Result<ApplyLedger, Error> {
        Self::open_for_apply_remembering(address, holder, None)
    }

    /// As [`open_for_apply`](Self::open_for_apply), on a machine that remembers in this folder how far it has applied plans in
    /// databases: see [`RunInfo::memory`](crate::RunInfo::memory).
    ///
    /// # Errors
    ///
    /// Those of [`open_for_apply`](Self::open_for_apply). `Forgotten` comes before anything is written to a database that lacks
    /// changes: a server of which another has taken over might wait without end for its standby.
    pub fn open_for_apply_remembering(
        address: impl Into<PlanAddress>,
        holder: Holder,
        memory: Option<&Path>,
    ) -> Result<ApplyLedger, Error> {
        #[cfg(not(feature = "postgres"))]
        let _ = memory;
        match address.into() {
            PlanAddress::File(path) => {
                let (mut ledger, mut file, found) = hold(&path, holder)?;
                ledger.settle(&mut file, found)?;
                Ok(ledger.held(file))
            }
            #[cfg(feature = "postgres")]
            PlanAddress::Database(url) => shared::open(&url, holder, memory),
        }
    }

    /// Whether an `apply` is under way at this moment, and whose; of several at one plan in a database, the first.
    ///
    /// Of a file this tests the lock for a moment; an `apply` that begins at that moment waits.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `Io`; of a database also `BadAddress`, `Unreachable` and
    /// `NotPermitted`.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::infallible_destructuring_match, reason = "a database is the other case")
    )]
    pub fn held_by(address: impl Into<PlanAddress>) -> Result<Hold, Error> {
        let path = match address.into() {
            PlanAddress::File(path) => path,
            #[cfg(feature = "postgres")]
            PlanAddress::Database(url) => {
                return Ok(match Self::applied_by(&url)?.into_iter().next() {
                    Some(by) => Hold::Held(Some(by)),
                    None => Hold::Free,
                });
            }
        };
        let own = OwnFile::open(&path)?;
        match look_for_lock(own.path())? {
            Hold::Free if own.look_for_lock()? == Lock::Held => Ok(Hold::Held(None)),
            hold => Ok(hold),
        }
    }
}

/// Locks a plan and proves it, and leaves it as it was found.
pub(super) fn hold(path: &Path, holder: Holder) -> Result<(Proven, HeldFile, Found), Error> {
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
    let file = HeldFile {
        lock_file,
        watch: Watch::new(&own, &[]),
        lock,
    };
    let proven = Proven {
        database,
        holder,
        proof,
    };
    Ok((proven, file, found))
}

/// A file that is held and proven.
#[derive(Debug)]
pub(super) struct Proven {
    pub(super) database: Database,
    pub(super) holder: Holder,
    pub(super) proof: Proof,
}

impl Proven {
    /// Settles what an earlier run left open, if any, and leaves one file.
    pub(super) fn settle(&mut self, file: &mut HeldFile, found: Found) -> Result<(), Error> {
        if found.mark == Mark::Open || !self.proof.open.is_empty() {
            self.recover(file)?;
        } else {
            file.lock_file.is_not_needed();
        }
        file.watch = Watch::new(file.lock.own(), &[]);
        Ok(())
    }

    /// Settles what an earlier run left open, and checkpoints its log into the file.
    fn recover(&mut self, file: &mut HeldFile) -> Result<(), Error> {
        let at = clock::now().to_string();
        let digest = &self.proof.plan.digest;
        let mut tally = self.proof.tally;
        recovery::settle_as_unknown(&self.database, digest, &self.proof.open, &at, &mut tally)?;
        file.lock_file.set(digest, tally.commits)?;
        self.proof.tally = tally;
        self.proof.open.clear();
        if wal::checkpoint_and_remove(&self.database)? {
            file.lock_file.is_not_needed();
        }
        Ok(())
    }

    fn held(self, file: HeldFile) -> ApplyLedger {
        ApplyLedger {
            database: self.database,
            held: Held::File(file),
            holder: self.holder,
            proof: self.proof,
        }
    }
}

impl ApplyLedger {
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
        counts::count(
            &self.database,
            plan.planned,
            plan.skipped,
            &self.proof.tally,
            &self.under_way(),
        )
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

    /// The rows that others have in flight, in row order. A file has none: what a run left open was settled.
    fn under_way(&self) -> Vec<(u64, u64)> {
        let mut rows: Vec<_> = self
            .proof
            .open
            .iter()
            .flat_map(|open| open.ranges.iter().copied())
            .collect();
        rows.sort_unstable();
        rows
    }
}

impl ApplyLedger {
    /// The reasons why rows have this outcome, the most frequent first.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        counts::reasons(&self.database, self.plan().planned, kind, &self.under_way())
    }
}
