//! How a plan is taken for one `apply`.

use std::path::Path;

use jiff::Timestamp;

use crate::error::Error;
use crate::plan::Plan;
use crate::read::{Counts, Ledger};
use crate::run::{Run, RunInfo};
use crate::select::Selection;

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
    _inner: (),
}

impl Ledger {
    /// Takes a plan for one `apply`.
    ///
    /// It locks the plan, proves plan, attempts and outcomes unaltered and complete, and settles what an earlier run
    /// left open: its attempts were begun and never settled, so their devices become `unknown`. When it returns, the
    /// ledger is one file without a write-ahead log again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `Held`, `ReadOnly`, `NetworkFileSystem`, `DiskFull`, `Busy`, `Io`. Nothing was sent.
    pub fn open_for_apply(path: impl AsRef<Path>, holder: Holder) -> Result<ApplyLedger, Error> {
        let _ = (path, holder);
        Ok(ApplyLedger { _inner: () })
    }
}

impl ApplyLedger {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        unreachable!()
    }

    /// What is known of all rows.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn counts(&self) -> Result<Counts, Error> {
        Ok(Counts::default())
    }

    /// How many devices a run with this selection may send.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn selected_count(&self, selection: &Selection) -> Result<u64, Error> {
        let _ = selection;
        Ok(0)
    }

    /// Begins a run. From here until [`Run::end`] the ledger is marked open and has a write-ahead log.
    ///
    /// # Errors
    ///
    /// `Busy` when another program is reading the file, `ReadOnly`, `DiskFull`, `Io`. Nothing was sent.
    pub fn begin_run(self, info: RunInfo) -> Result<Run, Error> {
        let _ = info;
        Err(Error::new(crate::ErrorKind::Io, "unfinished"))
    }
}
