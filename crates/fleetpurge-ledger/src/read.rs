//! What is known of each row.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use jiff::Timestamp;
use rusqlite::Connection;

use crate::error::{Error, ErrorKind};
use crate::own_file::OwnFile;
use crate::plan::Plan;
use crate::verify::{Proof, number};
use crate::{count, open, sidecar};

pub use crate::report::ReportRows;

/// A plan opened for reading, as it was at that moment: also while a run writes to it, and in a folder that cannot be
/// written.
#[derive(Debug)]
pub struct Ledger {
    /// In one transaction from opening to dropping: all answers are of one moment.
    pub(crate) connection: Connection,
    pub(crate) proof: Proof,
    /// Rows of attempts under way, in row order.
    pub(crate) under_way: Vec<(u64, u64)>,
    /// After the connection: closed last.
    _own: OwnFile,
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
    /// Opens a plan for reading and proves it whole and unaltered. Takes no lock that a running `apply` would mind; one
    /// that wants to begin or to end waits for a reader to finish.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`] `NotFound`, `NotALedger`, `NewerSchema`, `Unfinished`, `Altered`, `Forgotten`,
    /// `ReadOnly` (a ledger marked open needs a folder that can be written), `Busy`, `Io`.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let own = OwnFile::open(path.as_ref())?;
        let path = own.path();
        // Before the transaction: a commit that the sidecar knows of is in it then.
        let said = sidecar::look(path);
        let found = open::look(&own)?;
        let connection = match begin(path) {
            // A program died while it changed the file in place: only one that may write can put that back.
            Err(error) if error.kind() == ErrorKind::ReadOnly && sidecar::beside(path, "-journal").exists() => {
                open::roll_back(path)?;
                begin(path)
            }
            begun => begun,
        }
        .map_err(|error| cannot_read_log(found, error))?;
        let proof = open::prove_whole(&connection, found, said.known.as_ref())?;
        let mut under_way: Vec<_> = proof.open.iter().flat_map(|open| open.spans.iter().copied()).collect();
        under_way.sort_unstable();
        Ok(Self {
            connection,
            proof,
            under_way,
            _own: own,
        })
    }

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
        count::count(
            &self.connection,
            plan.planned,
            plan.skipped,
            &self.proof.tally,
            &self.under_way,
        )
    }

    /// The runs over the plan, in order.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn runs(&self) -> Result<Vec<RunRecord>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT run, who, host, version, confirmation, options, started_at, ended_at, exit, stop_reason
             FROM runs ORDER BY run",
        )?;
        let mut rows = statement.query(())?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            let run = number(row, 0)?;
            let time = |text: String| {
                text.parse().map_err(|error: jiff::Error| {
                    Error::new(ErrorKind::Altered, format!("a date of run {run} is none")).with_source(error)
                })
            };
            runs.push(RunRecord {
                run,
                who: row.get(1)?,
                host: row.get(2)?,
                version: row.get(3)?,
                confirmation: row.get(4)?,
                options: row.get(5)?,
                started_at: time(row.get(6)?)?,
                ended_at: row.get::<_, Option<String>>(7)?.map(time).transpose()?,
                exit: row.get(8)?,
                stop_reason: row.get(9)?,
            });
        }
        Ok(runs)
    }

    /// Every row in input order with what has become of it; memory stays flat.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn report_rows(&self) -> Result<ReportRows<'_>, Error> {
        Ok(ReportRows::new(self))
    }
}

fn begin(path: &Path) -> Result<Connection, Error> {
    let connection = open::reader(path)?;
    connection.execute_batch("BEGIN; SELECT 1 FROM plan")?;
    Ok(connection)
}

/// SQLite needs a file of its own beside a log, also to read it.
fn cannot_read_log(found: open::Found, error: Error) -> Error {
    if found.log && matches!(error.kind(), ErrorKind::Io | ErrorKind::ReadOnly) {
        return Error::new(
            ErrorKind::ReadOnly,
            "the ledger has a write-ahead log, which can only be read in a folder that can be written",
        )
        .with_source(error);
    }
    error
}
