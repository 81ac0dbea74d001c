//! What is written down while a plan is applied.

use std::fmt;
use std::sync::Arc;

use fleetpurge_engine::{Conclusion, Intent, Journal, JournalError, Settlement};

use crate::error::Error;
use crate::plan::Plan;
use crate::read::Counts;
use crate::select::{SelectedRows, Selection};

/// What a run is, for the record.
#[derive(Clone, Default)]
pub struct RunInfo {
    /// The version of the tool that applies.
    pub version: String,
    /// What was typed or given to confirm, character for character.
    pub confirmation: String,
    /// The options that shaped the run, as one JSON object. Never a secret.
    pub options: String,
    /// Called at every step of the writer, on its thread. For tests: a crash there must lose nothing.
    #[doc(hidden)]
    pub observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
    /// How many pages the file may have. For tests: a full disk.
    #[doc(hidden)]
    pub max_pages: Option<u32>,
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

/// Where the writer is. For tests.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// The file is about to be marked open.
    Opening,
    /// It is marked open; its log is about to be made.
    Opened,
    /// Records have come in and none is written.
    BeforeWrite,
    /// They are written and not committed.
    BeforeCommit,
    /// They are committed; the sidecar does not know.
    AfterCommit,
    /// The sidecar knows; nobody was answered.
    BeforeAnswer,
    /// All were answered.
    AfterAnswer,
    /// The log is about to be folded into the file.
    BeforeCheckpoint,
    /// It is folded in.
    AfterCheckpoint,
    /// The run has ended in the log; the log is about to go.
    Closing,
    /// The log is gone.
    Closed,
}

/// A run: the only one that may write to its ledger.
///
/// Dropped without [`end`](Self::end) it leaves the ledger as a crash would: whole, and marked open.
#[derive(Debug)]
pub struct Run {
    _inner: (),
}

/// How a run ended, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// The exit code of the command.
    pub exit: u8,
    /// Why it stopped early, if it did.
    pub stop_reason: Option<String>,
}

/// What a run left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What is known of all rows.
    pub counts: Counts,
    /// Whether one file without a write-ahead log is left. `false` only while another program reads the ledger:
    /// nothing is lost then, the log has to stay beside the file, and the next `apply` folds it in.
    pub single_file: bool,
}

impl Run {
    /// The run's number in the ledger, from 1.
    #[must_use]
    pub const fn id(&self) -> u64 {
        0
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        unreachable!()
    }

    /// The journal for the engine. Its clones write to the same run; after [`end`](Self::end) all of them refuse.
    #[must_use]
    pub fn journal(&self) -> LedgerJournal {
        LedgerJournal { _inner: () }
    }

    /// What is known of all rows, as of the last commit.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn counts(&self) -> Result<Counts, Error> {
        Ok(Counts::default())
    }

    /// The devices to send, in row order, page by page: memory stays flat, and no reading transaction stays open.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn select(&self, selection: &Selection) -> Result<SelectedRows, Error> {
        let _ = selection;
        Err(Error::new(crate::ErrorKind::Io, "unfinished"))
    }

    /// Ends the run: writes its end down, folds the log into the file and lets go of the plan. Blocks for as long as
    /// that takes.
    ///
    /// # Errors
    ///
    /// What the machine says; everything that was durable before still is, and the next `apply` goes on from there.
    pub fn end(self, end: RunEnd) -> Result<Ended, Error> {
        let _ = end;
        Err(Error::new(crate::ErrorKind::Io, "unfinished"))
    }
}

/// The engine's journal in the ledger.
///
/// One thread writes; what is queued together is committed together. Keys are row numbers. A device that is final, that
/// is not in the plan or that another attempt has under way is refused before its attempt is sent.
#[derive(Clone, Debug)]
pub struct LedgerJournal {
    _inner: (),
}

impl Journal for LedgerJournal {
    async fn begin(&self, intent: Intent) -> Result<(), JournalError> {
        let _ = intent;
        Ok(())
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        let _ = settlement;
        Ok(())
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        let _ = conclusions;
        Ok(())
    }
}
