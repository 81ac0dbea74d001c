//! How a run ends, and what happens to its records if the plan's files were moved during the run.

use crate::model::{Counts, Disturbance, Ended, Error, Plan, Records, RunEnd};
use crate::reading::Ledger;
use crate::store::file::lock_file::beside;
use crate::store::file::saved_copy;
use crate::store::file::watch::{Change, Watch};
use crate::store::group_commit::{self, Commits as _};
use crate::store::step::Step;
use crate::store::writer::Writer;
use crate::store::{counts, wal};

/// Writes the end down where the records belong.
pub(super) fn finish(plan: &Plan, watch: &Watch, writer: &mut Writer, end: &RunEnd) -> Result<Ended, Error> {
    match watch.look() {
        Ok(()) => close(plan, writer, end, None),
        // The plan's own file is where it was: it gets everything, as at any other end.
        Err(change @ Change::Beside(_)) => close(plan, writer, end, Some(change)),
        // Its date is another, and not a record of it.
        Err(change @ Change::Overwritten) if is_whole(plan, watch) => close(plan, writer, end, Some(change)),
        Err(change) => leave(plan, watch, writer, end, change),
    }
}

/// Whether the plan and all that was recorded of it is under its name, read anew.
fn is_whole(plan: &Plan, watch: &Watch) -> bool {
    Ledger::open(watch.path()).is_ok_and(|ledger| ledger.plan().digest == plan.digest)
}

/// Writes the end down and checkpoints the log into the file.
fn close(plan: &Plan, writer: &mut Writer, end: &RunEnd, change: Option<Change>) -> Result<Ended, Error> {
    group_commit::finish(writer, end)?;
    let counts = counted(plan, writer)?;
    writer.step(Step::Closing);
    writer.lock_file.set(&plan.digest, writer.tally.commits)?;
    let single_file = wal::checkpoint_and_remove(&writer.database)?;
    if single_file {
        writer.lock_file.is_not_needed();
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
fn leave(plan: &Plan, watch: &Watch, writer: &mut Writer, end: &RunEnd, change: Change) -> Result<Ended, Error> {
    let finished = group_commit::finish(writer, end);
    // A checkpoint would write to whatever has the names now.
    let records = match (change, finished) {
        (Change::Renamed, Ok(())) => Records::UnderAnotherName,
        (Change::Removed | Change::Replaced, Ok(())) => {
            match saved_copy::save(&writer.database, watch.path(), |copy| Ledger::open(copy).map(drop)) {
                Ok(path) => {
                    clear_away(watch, writer);
                    Records::SavedAs(path)
                }
                Err(error) => Records::Lost(told(&error)),
            }
        }
        (_, Err(error)) => Records::Lost(told(&error)),
        (_, Ok(())) => Records::Lost("what it was is overwritten".to_owned()),
    };
    Ok(Ended {
        // Of a file that was overwritten they may be wrong: what could not be read is not counted.
        counts: counted(plan, writer).unwrap_or(Counts {
            planned: plan.planned,
            skipped: plan.skipped,
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
fn clear_away(watch: &Watch, writer: &mut Writer) {
    writer.lock_file.is_not_needed();
    // What is not surely ours may belong to a plan that somebody put there meanwhile.
    if !watch.is_still_there("-wal") {
        return;
    }
    for suffix in ["-wal", "-shm"] {
        if let Err(error) = std::fs::remove_file(beside(watch.path(), suffix)) {
            tracing::debug!(%error, "what belonged to the plan's file stays");
        }
    }
}

fn counted(plan: &Plan, writer: &Writer) -> Result<Counts, Error> {
    counts::count(&writer.database, plan.planned, plan.skipped, &writer.tally, &[])
}

fn told(error: &Error) -> String {
    fleetpurge_engine::chain(error)
}
