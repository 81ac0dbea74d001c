//! `status`: prints the progress of a plan.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{
    Counts, Error as LedgerError, Hold, Ledger, LockedBy, Plan, PlanAddress, Reason, RunRecord, VerificationRecord,
};
use fleetpurge_records::Status;

use crate::announce;
use crate::args::{MAX_AGE, StatusArgs, StatusFormat};
use crate::commands::apply::age::{self, Age};
use crate::commands::apply::ending;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::rehearsal;
use crate::seen as words;
use crate::summary::{self, Digests};

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
    announce::plan(&args.plan);
    let begun = Instant::now();
    let mut out = output::stdout();
    match args.format {
        StatusFormat::Json => {
            let ledger = plan_file::open(&args.plan)?;
            let counts = ledger
                .counts()
                .map_err(|error| plan_file::failure(&error, &args.plan))?;
            serde_json::to_writer(&mut out, &record(ledger.plan(), &counts)).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        StatusFormat::Text => {
            let seen = Seen::of(&args.plan).map_err(|error| plan_file::failure(&error, &args.plan))?;
            plan_file::opened(&args.plan, seen.ledger.plan(), begun);
            text(&mut output::Escaping(&mut out), &args.plan, &seen)?;
        }
    }
    out.flush()?;
    Ok(Exit::DONE)
}

/// A plan as it was at one moment, and what has become of its last run.
pub(crate) struct Seen {
    pub(crate) ledger: Ledger,
    pub(crate) counts: Counts,
    /// Why devices are unknown.
    reasons: Vec<Reason>,
    last: Option<(RunRecord, Life)>,
    /// Who applies the plan, if it is in a database, where several may.
    pub(crate) applied_by: Vec<LockedBy>,
    /// The latest verification.
    verified: Option<VerificationRecord>,
}

/// What a run's record and the plan's lock say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Ended,
    UnderWay(Option<LockedBy>),
    /// It has not recorded its end, and no process holds the plan.
    Died,
}

impl Seen {
    pub(crate) fn of(path: &Path) -> Result<Self, LedgerError> {
        let seen = Self::look(path)?;
        // It may have ended, or another may have begun, between the look at the plan and that at its lock. What the plan
        // says once nobody holds it stays so.
        match seen.last {
            Some((_, Life::Died)) => Self::look(path),
            _ => Ok(seen),
        }
    }

    /// What has become of the last run; `None` if there was none.
    pub(crate) fn life(&self) -> Option<&Life> {
        self.last.as_ref().map(|(_, life)| life)
    }

    /// The last run.
    pub(crate) fn run(&self) -> Option<&RunRecord> {
        self.last.as_ref().map(|(run, _)| run)
    }

    fn look(path: &Path) -> Result<Self, LedgerError> {
        let address = PlanAddress::typed(path)?;
        let ledger = Ledger::open(&address)?;
        let applied_by = match &address {
            PlanAddress::Database(url) => Ledger::applied_by(url)?,
            _ => Vec::new(),
        };
        let last = ledger.runs()?.pop();
        let last = match last {
            Some(run) => {
                let life = life(&run, || match &address {
                    // One of several.
                    PlanAddress::Database(_) => Ok(hold_of(&run, &applied_by)),
                    _ => Ledger::held_by(&address),
                })?;
                Some((run, life))
            }
            None => None,
        };
        Ok(Self {
            counts: ledger.counts()?,
            reasons: ledger.reasons(OutcomeKind::Unknown)?,
            verified: ledger.verifications()?.pop(),
            ledger,
            last,
            applied_by,
        })
    }
}

/// Whether a run is one of those that apply the plan.
fn hold_of(run: &RunRecord, applied_by: &[LockedBy]) -> Hold {
    let is_it = |by: &&LockedBy| by.since == run.started_at && by.holder.host == run.host;
    applied_by
        .iter()
        .find(is_it)
        .map_or(Hold::Free, |by| Hold::Held(Some(by.clone())))
}

fn life(run: &RunRecord, hold: impl FnOnce() -> Result<Hold, LedgerError>) -> Result<Life, LedgerError> {
    if run.ended_at.is_some() {
        return Ok(Life::Ended);
    }
    // A later apply found it so, and wrote that down. Who holds the plan now is another.
    if run.stop_reason.is_some() {
        return Ok(Life::Died);
    }
    Ok(match hold()? {
        Hold::Held(by) => Life::UnderWay(by),
        Hold::Free => Life::Died,
    })
}

fn text(out: &mut impl Write, path: &Path, seen: &Seen) -> io::Result<()> {
    let plan = seen.ledger.plan();
    let counts = &seen.counts;
    let service = plan.settings.service;
    writeln!(
        out,
        "Plan {}, made {} ({})\n",
        path.display(),
        summary::age(plan.created_at, rehearsal::now()),
        plan.created_at
    )?;
    summary::plan(out, plan, Digests::Whole)?;
    writeln!(out)?;
    summary::counts(out, service, counts)?;
    let in_flight = seen.ledger.in_flight();
    let life = seen.life();
    let is_under_way = matches!(life, Some(Life::UnderWay(_))) || !seen.applied_by.is_empty();
    if let Some((run, life)) = &seen.last {
        writeln!(out)?;
        writeln!(out, "{}", last_run(run, life))?;
        for other in others(&seen.applied_by, run, life) {
            writeln!(out, "{other}")?;
        }
        if let Some(flying) = flying(in_flight, life) {
            writeln!(out, "{flying}")?;
        }
    }
    // Those in flight may yet turn out to be anything, as long as somebody waits for their answers.
    let (unknown, lost) = if is_under_way {
        (counts.unknown.saturating_sub(in_flight), 0)
    } else {
        (counts.unknown, in_flight)
    };
    if let Some(unknown) = summary::unknown(unknown, lost, &seen.reasons) {
        writeln!(out)?;
        writeln!(out, "{unknown}")?;
    }
    if let Some(verified) = &seen.verified {
        writeln!(out)?;
        writeln!(out, "Verified {}", words::verification(verified))?;
    }
    if is_under_way {
        return Ok(());
    }
    let asked = counts.scheduled + counts.unknown;
    if counts.pending > 0 || asked > 0 {
        writeln!(out)?;
    }
    if asked > 0 {
        writeln!(out, "Check: {}", ending::verify(service, path))?;
    }
    if counts.pending > 0 {
        match age::judge(plan.created_at, rehearsal::now(), MAX_AGE) {
            Age::Fresh => {}
            Age::TooOld => writeln!(out, "The plan is older than 7 days: `apply` asks for --stale-ok.")?,
            Age::NotKnown => writeln!(out, "The plan was made in the future: `apply` asks for --stale-ok.")?,
        }
        writeln!(out, "Next: {}", next::over("apply", path, &[]))?;
    }
    Ok(())
}

/// The applies beside that of the last run.
fn others(applied_by: &[LockedBy], last: &RunRecord, life: &Life) -> Vec<String> {
    let is_told = |by: &&LockedBy| {
        matches!(life, Life::UnderWay(_)) && by.since == last.started_at && by.holder.host == last.host
    };
    let others = applied_by.iter().filter(|by| !is_told(by));
    others
        .map(|by| {
            format!(
                "Also being applied by {} on {}, process {}, since {}",
                shown(&by.holder.who),
                shown(&by.holder.host),
                by.holder.pid,
                by.since
            )
        })
        .collect()
}

fn flying(devices: u64, life: &Life) -> Option<String> {
    match life {
        _ if devices == 0 => None,
        Life::UnderWay(_) => Some(format!(
            "{} in flight: counted as unknown until the answer is here.",
            counted(devices, "device is", "devices are")
        )),
        Life::Died | Life::Ended => Some(format!(
            "{} in flight when it died: the answer is lost.",
            counted(devices, "device was", "devices were")
        )),
    }
}

fn last_run(run: &RunRecord, life: &Life) -> String {
    let begin = format!(
        "Run {} by {} on {}, begun {}",
        run.run,
        shown(&run.who),
        shown(&run.host),
        run.started_at
    );
    match (life, run.ended_at, run.exit, &run.stop_reason) {
        (_, Some(ended), Some(exit), Some(reason)) => {
            format!("{begin}, stopped {ended} with exit code {exit}: {}", shown(reason))
        }
        (_, Some(ended), Some(exit), None) => format!("{begin}, ended {ended} with exit code {exit}"),
        (Life::UnderWay(Some(by)), ..) => format!("{begin}, is under way in process {}", by.holder.pid),
        (Life::UnderWay(None), ..) => format!("{begin}, is under way"),
        _ => format!("{begin}, died: no process holds the plan"),
    }
}
