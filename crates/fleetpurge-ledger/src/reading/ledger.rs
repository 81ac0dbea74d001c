//! A plan opened for reading.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;

use crate::model::{AnomalyRecord, Counts, Error, ErrorKind, Plan, PlanAddress, Reason, RunRecord, VerificationRecord};
use crate::reading::report::ReportRows;
use crate::store::afterwards;
use crate::store::counts::{self};
use crate::store::database::{self, Database};
use crate::store::file::lock_file;
use crate::store::file::own_file::OwnFile;
use crate::store::integrity::Proof;
#[cfg(feature = "postgres")]
use crate::store::postgres::{link::Remote, scratch::Scratch};
use crate::store::{opening, runs, shared, verifications};

/// A plan opened for reading, as it was at that moment. It can be opened while a run writes to it, and in a read-only
/// folder.
#[derive(Debug)]
pub struct Ledger {
    /// In one transaction until it is dropped: all answers are of the same moment.
    pub(crate) database: Database,
    pub(crate) proof: Proof,
    /// Rows of attempts under way, in row order.
    pub(crate) under_way: Vec<(u64, u64)>,
    /// After the connection: closed last.
    _own: OwnFile,
    /// Where a plan of a database was fetched to. After the file: it goes last.
    #[cfg(feature = "postgres")]
    _scratch: Option<Scratch>,
}

impl Ledger {
    /// Opens a plan for reading and checks that it is complete and unaltered. It does not disturb a running `apply`;
    /// but one that begins or ends waits for readers of a file to finish. A plan in a database is fetched into a scratch file
    /// first.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`] `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `ReadOnly` (a ledger marked open needs a folder that can be written), `Busy`, `Io`; of a database also `BadAddress`,
    /// `Unreachable` and `NotPermitted`.
    pub fn open(address: impl Into<PlanAddress>) -> Result<Self, Error> {
        match address.into() {
            PlanAddress::File(path) => Self::open_file(&path),
            #[cfg(feature = "postgres")]
            PlanAddress::Database(url) => {
                let (scratch, _) = Scratch::fetch(&Remote::of(&url)?)?;
                let mut ledger = Self::open_file(scratch.path())?;
                ledger._scratch = Some(scratch);
                Ok(ledger)
            }
        }
    }

    fn open_file(path: &Path) -> Result<Self, Error> {
        let own = OwnFile::open(path)?;
        let path = own.path();
        // Before the transaction: a commit that the lock file knows of is in it then.
        let said = lock_file::look(path);
        let found = opening::look(&own)?;
        let database = match begin(path) {
            // A program died while it changed the file in place: only one that may write can put that back.
            Err(error) if error.kind() == ErrorKind::ReadOnly && lock_file::beside(path, "-journal").exists() => {
                database::roll_back(path)?;
                begin(path)
            }
            begun => begun,
        }
        .map_err(|error| cannot_read_log(found, error))?;
        let proof = opening::prove_whole(&database, found, said.known.as_ref())?;
        let mut under_way: Vec<_> = proof.open.iter().flat_map(|open| open.ranges.iter().copied()).collect();
        under_way.sort_unstable();
        Ok(Self {
            database,
            proof,
            under_way,
            _own: own,
            #[cfg(feature = "postgres")]
            _scratch: None,
        })
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
        counts::count(
            &self.database,
            plan.planned,
            plan.skipped,
            &self.proof.tally,
            &self.under_way,
        )
    }

    /// Whether a verification of the plan was kept.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.proof.verifications.count > 0
    }

    /// The verifications that were kept, in order.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn verifications(&self) -> Result<Vec<VerificationRecord>, Error> {
        verifications::all(&self.database)
    }

    /// The number of devices that both plans may send. Zero for plans of different services. Memory stays flat.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn shared_with(&self, other: &Self) -> Result<u64, Error> {
        let (mut small, mut large) = (self, other);
        if small.plan().planned > large.plan().planned {
            std::mem::swap(&mut small, &mut large);
        }
        let service = small.plan().settings.service;
        if service != large.plan().settings.service {
            return Ok(0);
        }
        shared::count(&small.database, &large.database, service.rules())
    }

    /// The runs over the plan, in order.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn runs(&self) -> Result<Vec<RunRecord>, Error> {
        runs::all(&self.database)
    }

    /// Every row in input order with its outcome. Memory stays flat.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn report_rows(&self) -> Result<ReportRows<'_>, Error> {
        ReportRows::new(&self.database, self.plan().planned)
    }

    /// The first anomalies of replies, no more than `most`. [`Counts`] has how many there are.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn anomalies(&self, most: u64) -> Result<Vec<AnomalyRecord>, Error> {
        afterwards::anomalies(&self.database, most)
    }
}

fn begin(path: &Path) -> Result<Database, Error> {
    let database = database::reader(path)?;
    database.begin_reading()?;
    Ok(database)
}

/// SQLite needs a file of its own beside a log, also to read it.
fn cannot_read_log(found: opening::Found, error: Error) -> Error {
    if found.log && matches!(error.kind(), ErrorKind::Io | ErrorKind::ReadOnly) {
        return Error::new(
            ErrorKind::ReadOnly,
            "some of its records are in a file ending in -wal, which can only be read in a folder that can be written",
        )
        .with_source(error);
    }
    error
}

impl Ledger {
    /// The reasons why rows have this outcome, the most frequent first. Rows in flight are not included: see
    /// [`in_flight`](Self::in_flight).
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        counts::reasons(&self.database, self.plan().planned, kind, &self.under_way)
    }

    /// The number of rows in flight: their attempts were begun and have no result yet. [`Counts`](crate::Counts)
    /// counts them as unknown; they stay unknown if their run has died.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.under_way.iter().map(|(first, last)| last - first + 1).sum()
    }
}
