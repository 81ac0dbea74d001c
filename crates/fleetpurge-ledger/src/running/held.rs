//! A plan that is held for one `apply`, and what is recorded of the run.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::Holder;
use crate::store::database::Database;
use crate::store::file::lease::Lease;
use crate::store::file::lock_file::LockFile;
use crate::store::file::watch::Watch;
use crate::store::integrity::Proof;
#[cfg(feature = "postgres")]
use crate::store::postgres::{fetch::Position, link::Remote, scratch::Scratch};
use crate::store::step::Step;

/// A plan opened for one `apply`, checked to be complete and unaltered. No other `apply` can hold a file until this is
/// dropped; a plan in a database may be applied by several at the same time.
#[derive(Debug)]
pub struct ApplyLedger {
    /// Before what holds it: closed first.
    pub(crate) database: Database,
    pub(crate) held: Held,
    pub(crate) holder: Holder,
    pub(crate) proof: Proof,
}

/// How a plan is held.
#[derive(Debug)]
pub(crate) enum Held {
    File(HeldFile),
    #[cfg(feature = "postgres")]
    Shared(HeldShared),
}

/// A file, which is locked.
#[derive(Debug)]
pub(crate) struct HeldFile {
    pub(crate) lock_file: LockFile,
    /// The plan as it was proven: nobody else may write to it while a person is asked.
    pub(crate) watch: Watch,
    /// After the connection: closed last.
    pub(crate) lock: Lease,
}

/// A plan of a database that was fetched and proven.
#[cfg(feature = "postgres")]
#[derive(Debug)]
pub(crate) struct HeldShared {
    pub(crate) remote: Remote,
    pub(crate) position: Position,
    /// After the connection to it: it goes last.
    pub(crate) scratch: Scratch,
}

/// What is recorded of a run when it begins.
#[derive(Clone, Default)]
pub struct RunInfo {
    /// The version of the tool that applies.
    pub version: String,
    /// The confirmation, unchanged.
    pub confirmation: String,
    /// The options of the run, as one JSON object, without secrets.
    pub options: String,
    /// Called at every step of the writer, on its thread. For tests: a crash there must lose nothing.
    #[doc(hidden)]
    pub observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
    /// How many pages the file may have. For tests: a full disk.
    #[doc(hidden)]
    pub max_pages: Option<u32>,
    /// Of a plan in a database: how long the other machines wait before they take over from this run, if it is not heard of. 30 s
    /// unless it is set.
    pub lease: Option<Duration>,
    /// Of a plan in a database: the folder in which this machine remembers how far it has applied plans. A database that has lost
    /// changes is then noticed by the next run as well. `None`: only by a run that had them confirmed.
    pub memory: Option<PathBuf>,
    /// Of a plan in a database: how long a database that is gone is waited for. 600 s unless it is set.
    pub max_wait: Option<Duration>,
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
