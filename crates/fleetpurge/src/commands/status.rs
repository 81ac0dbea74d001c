//! `status`: how far a plan is.

use std::io::{self, Write};
use std::path::Path;

use fleetpurge_ledger::{Counts, Ledger, Plan, RunRecord};
use fleetpurge_records::Status;
use jiff::Timestamp;

use crate::args::{StatusArgs, StatusFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, shown};
use crate::plan_file;
use crate::summary;

/// The counts as programs read them.
pub(crate) fn record<'a>(plan: &'a Plan, counts: &Counts) -> Status<'a> {
    Status {
        tenant: &plan.settings.tenant,
        planned: counts.planned,
        skipped: counts.skipped,
        scheduled: counts.scheduled,
        invalid: counts.invalid,
        failed: counts.failed,
        rejected: counts.rejected,
        unknown: counts.unknown,
        pending: counts.pending,
        attempts: counts.attempts,
        anomalies: counts.anomalies,
    }
}

pub(crate) fn run(args: &StatusArgs) -> Result<Exit, Failure> {
    let ledger = plan_file::open(&args.plan)?;
    let at_plan = |error| plan_file::failure(&error, &args.plan);
    let counts = ledger.counts().map_err(at_plan)?;
    let mut out = output::stdout();
    match args.format {
        StatusFormat::Json => {
            serde_json::to_writer(&mut out, &record(ledger.plan(), &counts)).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        StatusFormat::Text => {
            let runs = ledger.runs().map_err(at_plan)?;
            text(&mut output::Escaping(&mut out), &args.plan, &ledger, &counts, &runs)?;
        }
    }
    out.flush()?;
    Ok(Exit::DONE)
}

fn text(out: &mut impl Write, path: &Path, ledger: &Ledger, counts: &Counts, runs: &[RunRecord]) -> io::Result<()> {
    let plan = ledger.plan();
    writeln!(
        out,
        "Plan {}, made {} ({})\n",
        path.display(),
        summary::age(plan.created_at, Timestamp::now()),
        plan.created_at
    )?;
    summary::plan(out, plan)?;
    writeln!(out)?;
    summary::counts(out, plan.settings.service, counts)?;
    if let Some(last) = runs.last() {
        writeln!(out)?;
        writeln!(out, "{}", last_run(last))?;
    }
    if counts.pending > 0 {
        writeln!(out)?;
        writeln!(out, "Next: {}", next::over("apply", path, &[]))?;
    }
    Ok(())
}

fn last_run(run: &RunRecord) -> String {
    let begin = format!(
        "Run {} by {} on {}, begun {}",
        run.run,
        shown(&run.who),
        shown(&run.host),
        run.started_at
    );
    match (run.ended_at, run.exit, &run.stop_reason) {
        (Some(ended), Some(exit), Some(reason)) => {
            format!("{begin}, stopped {ended} with exit code {exit}: {}", shown(reason))
        }
        (Some(ended), Some(exit), None) => format!("{begin}, ended {ended} with exit code {exit}"),
        _ => format!("{begin}, has not ended: it is still under way, or died"),
    }
}
