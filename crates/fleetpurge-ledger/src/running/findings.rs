//! Keeps what a verification found: gathered apart from the plan, and written in one commit once nobody reads it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use fleetpurge_engine::OutcomeKind;
#[cfg(feature = "postgres")]
use fleetpurge_postgres::DatabaseUrl;

use crate::model::{
    Error, ErrorKind, Holder, PlanAddress, SightingKind, VerificationRecord, VerificationSource, clock,
};
use crate::proof::{Tally, VerificationHead};
use crate::reading::Ledger;
use crate::rules::inventory::is_looked_for;
use crate::running::held::HeldFile;
use crate::running::opening::{self, Proven};
use crate::store::database::Database;
use crate::store::integrity::Proof;
#[cfg(feature = "postgres")]
use crate::store::postgres::{
    link::{Remote, wait},
    scratch::Scratch,
    verified,
};
use crate::store::spool::Spool;
use crate::store::sqlite_records::SqliteRecords;
use crate::store::step::Step;
use crate::store::{attempts, verifications, wal};

/// What a verification has found so far. It is not yet in the plan: [`keep`](Self::keep) writes it there.
pub struct Findings {
    digest: String,
    planned: u64,
    tally: Tally,
    looked_for: u64,
    spool: Spool,
    counts: [u64; SightingKind::ALL.len()],
    observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
    max_pages: Option<u32>,
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Findings")
            .field("looked_for", &self.looked_for)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Begins to gather what a verification finds of the devices that are [looked for](crate::is_looked_for). This
    /// writes to a temporary file only.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn findings(&self) -> Result<Findings, Error> {
        let counts = self.counts()?;
        Ok(Findings {
            digest: self.plan().digest.clone(),
            planned: self.plan().planned,
            tally: self.proof.tally,
            looked_for: (OutcomeKind::ALL.into_iter().filter(|&kind| is_looked_for(kind)))
                .map(|kind| counts.of(kind))
                .sum(),
            spool: Spool::new()?,
            counts: [0; SightingKind::ALL.len()],
            observer: None,
            max_pages: None,
        })
    }
}

impl Findings {
    /// Adds what was seen of the device of a row. Each row once; those in order take the least space.
    ///
    /// # Errors
    ///
    /// `Inconsistent` if the plan has no such row, or it was added before, and an I/O error.
    pub fn add(&mut self, row: u64, found: SightingKind, detail: Option<&str>) -> Result<(), Error> {
        if row == 0 || row > self.planned {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                format!("row {row} was looked for, and is not in the plan"),
            ));
        }
        self.spool.add(row, found, detail)?;
        for (count, kind) in self.counts.iter_mut().zip(SightingKind::ALL) {
            *count += u64::from(kind == found);
        }
        Ok(())
    }

    /// Whether nothing was found yet: then there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }

    /// Called at every step of [`keep`](Self::keep). For tests: a crash there must lose nothing.
    #[doc(hidden)]
    #[must_use]
    pub fn observed(mut self, observer: Arc<dyn Fn(Step) + Send + Sync>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// How many pages the file may have. For tests: a full disk.
    #[doc(hidden)]
    #[must_use]
    pub fn limited_to(mut self, pages: u32) -> Self {
        self.max_pages = Some(pages);
        self
    }

    /// Writes it into the plan, in one durable commit; no outcome changes. The [`Ledger`] that it came from must be
    /// dropped before: nobody may read a plan that is written to.
    ///
    /// The plan is locked as for an `apply`, and what a run that died left open is settled as an `apply` settles it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`] `Changed` if the plan was applied meanwhile, `Inconsistent` if a row was added twice, and those
    /// of [`Ledger::open_for_apply`]. Nothing is kept then. With `Changed` the plan is as it was; with any other, what
    /// a run that died left open may have been settled.
    pub fn keep(
        self,
        address: impl Into<PlanAddress>,
        holder: Holder,
        source: VerificationSource,
    ) -> Result<VerificationRecord, Error> {
        match address.into() {
            PlanAddress::File(path) => self.keep_in_file(&path, holder, source),
            #[cfg(feature = "postgres")]
            PlanAddress::Database(url) => self.keep_in_database(&url, &holder, source),
        }
    }

    fn keep_in_file(
        mut self,
        path: &Path,
        holder: Holder,
        source: VerificationSource,
    ) -> Result<VerificationRecord, Error> {
        let (mut ledger, mut file, found) = opening::hold(path, holder)?;
        self.check(&ledger.proof)?;
        ledger.settle(&mut file, found)?;
        file.watch.look().map_err(Error::from)?;
        let record = self.record(&ledger.proof, &ledger.holder, source);
        let written = self.write(&ledger.database, &mut ledger.proof, &record);
        if written.is_err() && !ledger.database.is_autocommit() {
            // Some errors have rolled back already.
            ledger.database.execute_batch("ROLLBACK").ok();
        }
        written?;
        self.step(Step::AfterCommit);
        // The commit stands whatever becomes of the rest.
        if let Err(error) = fold(&ledger, &mut file) {
            tracing::debug!(%error, "the plan's log stays beside it");
        }
        self.step(Step::Closed);
        Ok(record)
    }

    fn check(&self, proof: &Proof) -> Result<(), Error> {
        if self.is_of(proof) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Changed,
            "the plan was applied or replaced after its devices were looked for",
        ))
    }

    /// What is recorded of it in this plan.
    fn record(&self, proof: &Proof, holder: &Holder, source: VerificationSource) -> VerificationRecord {
        VerificationRecord {
            verification: proof.verifications.count + 1,
            at: clock::now(),
            who: holder.who.clone(),
            host: holder.host.clone(),
            source,
            looked_for: self.looked_for,
            gone: self.count(SightingKind::Gone),
            present: self.count(SightingKind::Present),
            another_uid: self.count(SightingKind::AnotherUid),
            not_known: self.count(SightingKind::NotKnown),
        }
    }

    /// It is written into a copy of the plan first, and only what is new goes into the database.
    #[cfg(feature = "postgres")]
    fn keep_in_database(
        mut self,
        url: &DatabaseUrl,
        holder: &Holder,
        source: VerificationSource,
    ) -> Result<VerificationRecord, Error> {
        let remote = Remote::of(url)?;
        let (scratch, position) = Scratch::fetch(&remote)?;
        let mut proof = {
            let ledger = Ledger::open(scratch.path())?;
            ledger.proof
        };
        self.check(&proof)?;
        let record = self.record(&proof, holder, source);
        let digest = proof.plan.digest.clone();
        let copy = crate::store::database::scratch(scratch.path())?;
        self.write(&copy, &mut proof, &record)?;
        copy.close()?;
        let path = scratch.path();
        wait(|| verified::keep(&remote, path, &position, &digest, record.verification))??;
        Ok(record)
    }

    /// Whether the plan is as it was when its devices were looked for. Commits are not compared: a run that ended, and
    /// another verification, change nothing of any device.
    fn is_of(&self, proof: &Proof) -> bool {
        let Tally {
            commits: _,
            attempts,
            settled,
            outcomes,
            anomalies,
        } = proof.tally;
        let read = &self.tally;
        self.digest == proof.plan.digest
            && (attempts, settled, outcomes, anomalies) == (read.attempts, read.settled, read.outcomes, read.anomalies)
    }

    fn write(&mut self, database: &Database, proof: &mut Proof, record: &VerificationRecord) -> Result<(), Error> {
        let digest = &proof.plan.digest;
        let at = record.at.to_string();
        if let Some(pages) = self.max_pages {
            database.limit_pages(pages)?;
        }
        database.sync_names()?;
        let mut tally = proof.tally;
        self.step(Step::BeforeWrite);
        database.execute_batch("BEGIN IMMEDIATE")?;
        let head = VerificationHead {
            verification: record.verification,
            at: &at,
            who: &record.who,
            host: &record.host,
            kind: record.source.kind.as_str(),
            source: &record.source.source,
            sha256: record.source.sha256.as_deref(),
            listed: record.source.listed,
            looked_for: record.looked_for,
        };
        verifications::write(database, digest, proof.verifications, &head, &mut self.spool)?;
        attempts::count_commit(&mut SqliteRecords(database), digest, &mut tally)?;
        self.step(Step::BeforeCommit);
        database.execute_batch("COMMIT")?;
        proof.tally = tally;
        Ok(())
    }

    fn count(&self, kind: SightingKind) -> u64 {
        SightingKind::ALL
            .iter()
            .position(|one| *one == kind)
            .and_then(|at| self.counts.get(at))
            .copied()
            .unwrap_or(0)
    }

    fn step(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }
}

/// Leaves one file. If another program reads the plan, a log that was there has to stay, and the lock file with it.
fn fold(ledger: &Proven, file: &mut HeldFile) -> Result<(), Error> {
    if !wal::is_started(&ledger.database)? {
        return Ok(());
    }
    file.lock_file
        .set(&ledger.proof.plan.digest, ledger.proof.tally.commits)?;
    if wal::checkpoint_and_remove(&ledger.database)? {
        file.lock_file.is_not_needed();
    }
    Ok(())
}
