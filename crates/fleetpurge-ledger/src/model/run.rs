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

/// How a run ended, for the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunEnd {
    /// The exit code of the command.
    pub exit: u8,
    /// Why it stopped early, if it did.
    pub stop_reason: Option<String>,
}

/// What a run left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What is known of all rows.
    pub counts: Counts,
    /// Whether one file without a write-ahead log is left. `false` only while another program reads the ledger:
    /// nothing is lost then, the log has to stay beside the file, and the next `apply` checkpoints it.
    pub single_file: bool,
    /// What was done to the plan's files while it was applied, if anything: the name that was given may lead to something
    /// else now.
    pub disturbance: Option<Disturbance>,
}

/// What was done to the plan's files while it was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disturbance {
    /// It, as one lowercase sentence.
    pub what: String,
    /// Where the records of the plan and of all its runs are now.
    pub records: Records,
}

/// Where the records of a plan are whose files were disturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Records {
    /// In the plan, under its name: nothing is lost.
    InPlan,
    /// The plan has no name any more. In this file, a whole plan that can be applied; it was proven.
    SavedAs(PathBuf),
    /// The plan has another name. In it together with the files that end in `-wal` and `.lock`, which still have the old
    /// name: once it has its name back, the next `apply` goes on from there.
    UnderAnotherName,
    /// Nowhere: the plan was overwritten, or has no name any more and could not be saved, for the reason given.
    Lost(String),
}
