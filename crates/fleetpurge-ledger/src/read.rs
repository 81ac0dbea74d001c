//! What is known of each row.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use jiff::Timestamp;

use crate::error::Error;
use crate::plan::Plan;

/// A plan opened for reading, as it was at that moment: also while a run writes to it, and in a folder that cannot be
/// written.
#[derive(Debug)]
pub struct Ledger {
    _inner: (),
}

/// How many rows have come to what. The seven outcomes add up to `planned`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All rows of the input.
    pub planned: u64,
    /// Left out at planning.
    pub skipped: u64,
    /// Scheduled.
    pub scheduled: u64,
    /// Malformed, said the service.
    pub invalid: u64,
    /// The service failed to schedule them.
    pub failed: u64,
    /// The service refused them.
    pub rejected: u64,
    /// The service may or may not have acted; devices of attempts under way included.
    pub unknown: u64,
    /// Never sent, or surely not applied.
    pub pending: u64,
    /// Attempts, over all runs.
    pub attempts: u64,
    /// Oddities of replies, over all runs.
    pub anomalies: u64,
}

impl Counts {
    /// How many rows have that outcome.
    #[must_use]
    pub const fn of(&self, kind: OutcomeKind) -> u64 {
        match kind {
            OutcomeKind::Scheduled => self.scheduled,
            OutcomeKind::Invalid => self.invalid,
            OutcomeKind::Failed => self.failed,
            OutcomeKind::Rejected => self.rejected,
            OutcomeKind::Unknown => self.unknown,
            OutcomeKind::Pending => self.pending,
            OutcomeKind::Skipped => self.skipped,
        }
    }
}

/// One row of the input, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Its number, from 1, over all inputs.
    pub row: u64,
    /// Its uid, character for character.
    pub uid: String,
    /// Its name, character for character.
    pub name: String,
    /// What is known of it.
    pub outcome: OutcomeKind,
    /// Why, where the outcome does not say it.
    pub detail: Option<String>,
    /// The service's own word, where there is one.
    pub code: Option<String>,
    /// The batch of its last attempt, numbered within that attempt's run.
    pub batch: Option<u64>,
    /// In how many attempts it was named.
    pub attempts: u64,
    /// What its last attempt sent as `x-request-id`.
    pub request_id: Option<String>,
    /// The trace id of the reply to its last attempt.
    pub trace_id: Option<String>,
    /// When that became known. Absent for a row that was never sent.
    pub at: Option<Timestamp>,
}

/// One run over the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number, from 1.
    pub run: u64,
    /// The person's account.
    pub who: String,
    /// The machine.
    pub host: String,
    /// The version of the tool.
    pub version: String,
    /// What was typed or given to confirm.
    pub confirmation: String,
    /// The options that shaped it, as one JSON object.
    pub options: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it runs and for one that died.
    pub ended_at: Option<Timestamp>,
    /// The exit code of the command.
    pub exit: Option<u8>,
    /// Why it stopped early.
    pub stop_reason: Option<String>,
}

impl Ledger {
    /// Opens a plan for reading and proves it whole and unaltered. Takes no lock that an `apply` would mind.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `ReadOnly` (a ledger marked open needs a folder that can be written), `Busy`, `Io`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let _ = path;
        Ok(Self { _inner: () })
    }

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

    /// The runs over the plan, in order.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn runs(&self) -> Result<Vec<RunRecord>, Error> {
        Ok(Vec::new())
    }

    /// Every row in input order with what has become of it; memory stays flat.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn report_rows(&self) -> Result<ReportRows<'_>, Error> {
        Ok(ReportRows { _ledger: self })
    }
}

/// Every row in input order with what has become of it.
#[derive(Debug)]
pub struct ReportRows<'ledger> {
    _ledger: &'ledger Ledger,
}

impl Iterator for ReportRows<'_> {
    type Item = Result<ReportRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}
