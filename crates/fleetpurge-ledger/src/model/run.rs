//! What is recorded of a run, and how it ended.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::counts::Counts;

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
    /// The confirmation.
    pub confirmation: String,
    /// The options that shaped it, as one JSON object.
    pub options: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it runs, and if it died.
    pub ended_at: Option<Timestamp>,
    /// The exit code of the command.
    pub exit: Option<u8>,
    /// Why it stopped early.
    pub stop_reason: Option<String>,
}

/// How a reply differed from the documented one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnomalyRecord {
    /// What kind of difference, e.g. `missing-entry`.
    pub kind: String,
    /// What exactly.
    pub detail: String,
    /// The run of the attempt.
    pub run: u64,
    /// The batch of the attempt, numbered over all runs of the plan.
    pub batch: u64,
    /// What the attempt sent as `x-request-id`.
    pub request_id: String,
    /// The trace id of the reply.
    pub trace_id: Option<String>,
    /// When the reply was recorded.
    pub at: Option<Timestamp>,
}

/// How a run ended, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// The exit code of the command.
    pub exit: u8,
    /// Why it stopped early, if it did.
    pub stop_reason: Option<String>,
}

/// What a run leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The counts of all rows.
    pub counts: Counts,
    /// Whether one file without a write-ahead log is left. `false` only while another program reads the ledger:
    /// nothing is lost then, the log has to stay beside the file, and the next `apply` checkpoints it.
    pub single_file: bool,
    /// What was done to the plan's files while it was applied, if anything. The plan's name may now lead to another
    /// file.
    pub disturbance: Option<Disturbance>,
}

/// What was done to the plan's files while it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// What was done, as one lowercase sentence.
    pub what: String,
    /// Where the records of the plan and of all its runs are now.
    pub records: Records,
}

/// Where the records are of a plan whose files were moved or overwritten.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Records {
    /// In the plan, under its name. Nothing is lost.
    InPlan,
    /// The plan no longer has a name. The records are in this file, a complete and checked plan that can be applied.
    SavedAs(PathBuf),
    /// The plan has another name. The records are in it and in the files that end in `-wal` and `.lock`, which have
    /// the old name: once the plan has its old name again, the next `apply` resumes.
    UnderAnotherName,
    /// Lost: the plan was overwritten, or no longer has a name and could not be saved, for this reason.
    Lost(String),
}
