//! How a run ends, and what happens to its records if the plan's files were moved during the run.

use std::path::PathBuf;

use crate::error::Error;
use crate::read::{Counts, Ledger};
use crate::run::{Run, Step};
use crate::sidecar::beside;
use crate::watch::Change;
use crate::writer::Writer;
use crate::{count, log, rescue};

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
    /// nothing is lost then, the log has to stay beside the file, and the next `apply` folds it in.
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

impl Run {
    /// Writes the end down where the records belong.
    pub(crate) fn finish(&self, writer: &mut Writer, end: RunEnd) -> Result<Ended, Error> {
        match self.watch.look() {
            Ok(()) => self.close(writer, end, None),
            // The plan's own file is where it was: it gets everything, as at any other end.
            Err(change @ Change::Beside(_)) => self.close(writer, end, Some(change)),
            // Its date is another, and not a record of it.
            Err(change @ Change::Overwritten) if self.is_whole() => self.close(writer, end, Some(change)),
            Err(change) => self.leave(writer, end, change),
        }
    }

    /// Whether the plan and all that was recorded of it is under its name, read anew.
    fn is_whole(&self) -> bool {
        Ledger::open(self.watch.path()).is_ok_and(|ledger| ledger.plan().digest == self.plan.digest)
    }

    /// Writes the end down and folds the log into the file.
    fn close(&self, writer: &mut Writer, end: RunEnd, change: Option<Change>) -> Result<Ended, Error> {
        writer.finish(end)?;
        let counts = self.counted(writer)?;
        writer.step(Step::Closing);
        writer.sidecar.set(&self.plan.digest, writer.tally.commits)?;
        let single_file = log::fold(&writer.connection)?;
        if single_file {
            writer.sidecar.is_not_needed();
        }
        writer.step(Step::Closed);
        let disturbance = change.map(|change| Disturbance {
            what: change.to_string(),
            records: Records::InPlan,
        });
        Ok(Ended {
            counts,
            single_file,
            disturbance,
        })
    }

    /// Writes the end down in a file that has lost its name, and saves it where that can be done without doubt.
    fn leave(&self, writer: &mut Writer, end: RunEnd, change: Change) -> Result<Ended, Error> {
        let finished = writer.finish(end);
        // To fold the log in would write to whatever has the names now.
        let records = match (change, finished) {
            (Change::Renamed, Ok(())) => Records::UnderAnotherName,
            (Change::Removed | Change::Replaced, Ok(())) => match rescue::save(&writer.connection, self.watch.path()) {
                Ok(path) => {
                    self.clear_away(writer);
                    Records::SavedAs(path)
                }
                Err(error) => Records::Lost(told(&error)),
            },
            (_, Err(error)) => Records::Lost(told(&error)),
            (_, Ok(())) => Records::Lost("what it was is overwritten".to_owned()),
        };
        Ok(Ended {
            // Of a file that was overwritten they may be wrong: what could not be read is not counted.
            counts: self.counted(writer).unwrap_or(Counts {
                planned: self.plan.planned,
                skipped: self.plan.skipped,
                ..Counts::default()
            }),
            single_file: false,
            disturbance: Some(Disturbance {
                what: change.to_string(),
                records,
            }),
        })
    }

    /// Takes away what belongs to a file that nobody can open any more: beside another plan it would be in the way.
    fn clear_away(&self, writer: &mut Writer) {
        writer.sidecar.is_not_needed();
        // What is not surely ours may belong to a plan that somebody put there meanwhile.
        if !self.watch.is_still_there("-wal") {
            return;
        }
        for suffix in ["-wal", "-shm"] {
            if let Err(error) = std::fs::remove_file(beside(self.watch.path(), suffix)) {
                tracing::debug!(%error, "what belonged to the plan's file stays");
            }
        }
    }

    fn counted(&self, writer: &Writer) -> Result<Counts, Error> {
        count::count(
            &writer.connection,
            self.plan.planned,
            self.plan.skipped,
            &writer.tally,
            &[],
        )
    }
}

fn told(error: &Error) -> String {
    fleetpurge_engine::chain(error)
}
