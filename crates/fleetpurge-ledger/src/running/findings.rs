//! Keeps what a verification found: gathered apart from the plan, and written in one commit once nobody reads it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use fleetpurge_engine::OutcomeKind;

use crate::model::{Error, ErrorKind, Holder, SightingKind, VerificationRecord, VerificationSource, clock};
use crate::proof::{Tally, VerificationHead};
use crate::reading::Ledger;
use crate::rules::inventory::is_looked_for;
use crate::running::opening::{self, ApplyLedger};
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
        mut self,
        path: impl AsRef<Path>,
        holder: Holder,
        source: VerificationSource,
    ) -> Result<VerificationRecord, Error> {
        let (mut ledger, found) = opening::hold(path.as_ref(), holder)?;
        if !self.is_of(&ledger) {
            return Err(Error::new(
                ErrorKind::Changed,
                "the plan was applied or replaced after its devices were looked for",
            ));
        }
        ledger.settle(found)?;
        ledger.watch.look().map_err(Error::from)?;
        let at = clock::now();
        let record = VerificationRecord {
            verification: ledger.proof.verifications.count + 1,
            at,
            who: ledger.holder.who.clone(),
            host: ledger.holder.host.clone(),
            source,
            looked_for: self.looked_for,
            gone: self.count(SightingKind::Gone),
            present: self.count(SightingKind::Present),
            another_uid: self.count(SightingKind::AnotherUid),
            not_known: self.count(SightingKind::NotKnown),
        };
        let written = self.write(&mut ledger, &record, &at.to_string());
        if written.is_err() && !ledger.database.is_autocommit() {
            // Some errors have rolled back already.
            ledger.database.execute_batch("ROLLBACK").ok();
        }
        written?;
        self.step(Step::AfterCommit);
        // The commit stands whatever becomes of the rest.
        if let Err(error) = fold(&mut ledger) {
            tracing::debug!(%error, "the plan's log stays beside it");
        }
        self.step(Step::Closed);
        Ok(record)
    }

    /// Whether the plan is as it was when its devices were looked for. Commits are not compared: a run that ended, and
    /// another verification, change nothing of any device.
    fn is_of(&self, ledger: &ApplyLedger) -> bool {
        let Tally {
            commits: _,
            attempts,
            settled,
            outcomes,
            anomalies,
        } = ledger.proof.tally;
        let read = &self.tally;
        self.digest == ledger.proof.plan.digest
            && (attempts, settled, outcomes, anomalies) == (read.attempts, read.settled, read.outcomes, read.anomalies)
    }

    fn write(&mut self, ledger: &mut ApplyLedger, record: &VerificationRecord, at: &str) -> Result<(), Error> {
        let database = &ledger.database;
        let digest = &ledger.proof.plan.digest;
        if let Some(pages) = self.max_pages {
            database.limit_pages(pages)?;
        }
        database.sync_names()?;
        let mut tally = ledger.proof.tally;
        self.step(Step::BeforeWrite);
        database.execute_batch("BEGIN IMMEDIATE")?;
        let head = VerificationHead {
            verification: record.verification,
            at,
            who: &record.who,
            host: &record.host,
            kind: record.source.kind.as_str(),
            source: &record.source.source,
            sha256: record.source.sha256.as_deref(),
            listed: record.source.listed,
            looked_for: record.looked_for,
        };
        verifications::write(database, digest, ledger.proof.verifications, &head, &mut self.spool)?;
        attempts::count_commit(&mut SqliteRecords(database), digest, &mut tally)?;
        self.step(Step::BeforeCommit);
        database.execute_batch("COMMIT")?;
        ledger.proof.tally = tally;
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
fn fold(ledger: &mut ApplyLedger) -> Result<(), Error> {
    if !wal::is_started(&ledger.database)? {
        return Ok(());
    }
    ledger
        .lock_file
        .set(&ledger.proof.plan.digest, ledger.proof.tally.commits)?;
    if wal::checkpoint_and_remove(&ledger.database)? {
        ledger.lock_file.is_not_needed();
    }
    Ok(())
}
