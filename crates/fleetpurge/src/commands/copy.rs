//! `copy`: a plan with its history, from a file into a database or back.

use std::time::Instant;

use fleetpurge_ledger::{Error, ErrorKind, Ledger, PlanAddress, Replace};

use crate::announce;
use crate::args::CopyArgs;
use crate::course;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::holder::holder;
use crate::next;
use crate::output::{self, counted};
use crate::plan_file;

pub(crate) fn run(args: &CopyArgs) -> Result<Exit, Failure> {
    let begun = Instant::now();
    announce::plan(&args.from);
    let from = PlanAddress::typed(&args.from).map_err(|error| plan_file::failure(&error, &args.from))?;
    let to = PlanAddress::typed(&args.to).map_err(|error| plan_file::failure(&error, &args.to))?;
    if let (Some(_), Some(_)) = (from.file(), to.file()) {
        return Err(Failure::new(
            Exit::USAGE,
            "both are files: one of them has to be a plan in a database, postgresql://...?plan=NAME",
            SENT_NOTHING,
            next::help_of(Some("copy")),
        ));
    }
    let replace = if args.force {
        Replace::UnusedPlan
    } else {
        Replace::Nothing
    };
    let plan = Ledger::copy(&from, &to, holder(), replace).map_err(|error| failure(&error, args))?;
    tracing::info!(
        from = %from,
        to = %to,
        rows = plan.planned,
        took_ms = course::millis_since(begun),
        "the plan is copied, and the copy is complete and unaltered"
    );
    output::note(&format!(
        "Copied {} to {to}, with all that was recorded. The copy was read and checked.",
        counted(plan.planned, "row", "rows")
    ));
    output::note(&format!(
        "From now on apply only one of the two: neither knows what the other sends. {from} is as it was."
    ));
    output::next(&next::over("status", &args.to, &[]));
    Ok(Exit::DONE)
}

fn failure(error: &Error, args: &CopyArgs) -> Failure {
    let at = match error.kind() {
        ErrorKind::Exists => &args.to,
        _ => &args.from,
    };
    plan_file::failure(error, at)
}
