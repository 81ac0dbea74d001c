//! `list`: the plans of a folder, or of a database.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use fleetpurge_ledger::{
    Counts, DatabaseUrl, Error as LedgerError, ErrorKind, Hold, Ledger, LockedBy, Plan, PlanAddress,
};
use fleetpurge_records::{ListHolder, ListPlan, PlanList, PlanState};
use jiff::Timestamp;

use crate::announce;
use crate::args::{ListArgs, StatusFormat};
use crate::commands::status::{self, Life, Seen};
use crate::course;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::rehearsal;
use crate::summary;

/// A plan of the folder, or why it cannot be read.
struct Found {
    name: String,
    seen: Result<Known, LedgerError>,
}

struct Known {
    plan: Plan,
    counts: Counts,
    state: PlanState,
    held_by: Option<LockedBy>,
}

pub(crate) fn run(args: &ListArgs) -> Result<Exit, Failure> {
    let begun = Instant::now();
    if plan_file::is_plan(&args.folder).unwrap_or(false) {
        return Err(Failure::before_sending(
            Exit::ERROR,
            format!("{} is a plan, and no folder", args.folder.display()),
            next::over("status", &args.folder, &[]),
        ));
    }
    let found = if args.folder.to_str().is_some_and(DatabaseUrl::is_one) {
        in_database(&args.folder)
    } else {
        plans(&args.folder).map_err(|error| not_read(&args.folder, &error))
    }?;
    tracing::info!(
        folder = %args.folder.display(),
        plans = found.len(),
        took_ms = course::millis_since(begun),
        "the folder is read"
    );
    let mut out = output::stdout();
    match args.format {
        StatusFormat::Json => {
            let record = PlanList {
                folder: args.folder.to_string_lossy(),
                plans: found.iter().map(record).collect(),
            };
            serde_json::to_writer(&mut out, &record).map_err(io::Error::from)?;
            writeln!(out)?;
        }
        StatusFormat::Text => text(&mut output::Escaping(&mut out), &args.folder, &found)?,
    }
    out.flush()?;
    Ok(Exit::DONE)
}

fn not_read(folder: &Path, error: &io::Error) -> Failure {
    Failure::before_sending(
        Exit::ERROR,
        format!("the folder {} cannot be read: {error}", folder.display()),
        next::instead(),
    )
}

/// The plans of a database by name.
fn in_database(url: &Path) -> Result<Vec<Found>, Failure> {
    let failure = |error: &LedgerError| plan_file::failure(error, url);
    let url: DatabaseUrl = url
        .to_string_lossy()
        .parse()
        .map_err(|error| failure(&LedgerError::from(error)))?;
    let plans = match Ledger::plans_in(&url) {
        // There are no tables yet: no plan was ever put there.
        Err(error) if error.kind() == ErrorKind::NotALedger => Vec::new(),
        plans => plans.map_err(|error| failure(&error))?,
    };
    Ok(plans
        .iter()
        .map(|plan| Found {
            name: plan.plan().unwrap_or_default().to_owned(),
            seen: look(Path::new(&plan.to_string())),
        })
        .collect())
}

/// The plans of a folder by name. Other files are passed over.
fn plans(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in plan_file::in_folder(folder)? {
        let Some(name) = path.file_name() else { continue };
        let seen = look(&path);
        // Another program's database, or a plan that was removed while we looked.
        if matches!(&seen, Err(error) if matches!(error.kind(), ErrorKind::NotALedger | ErrorKind::NotFound)) {
            continue;
        }
        found.push(Found {
            name: name.to_string_lossy().into_owned(),
            seen,
        });
    }
    Ok(found)
}

fn look(path: &Path) -> Result<Known, LedgerError> {
    announce::plan(path);
    let begun = Instant::now();
    let seen = Seen::of(path)?;
    plan_file::opened(path, seen.ledger.plan(), begun);
    let hold = Ledger::held_by(PlanAddress::typed(path)?)?;
    let held_by = match &hold {
        Hold::Held(by) => by.clone(),
        Hold::Free => None,
    };
    let state = match (&hold, seen.life()) {
        (Hold::Held(_), _) => PlanState::Running,
        (Hold::Free, None) => PlanState::New,
        // What was in flight when a run died is settled by the next apply, which may have had nothing to send.
        (Hold::Free, Some(_)) if seen.counts.pending == 0 && seen.ledger.in_flight() == 0 => PlanState::Done,
        (Hold::Free, Some(Life::Ended)) => PlanState::Stopped,
        (Hold::Free, Some(Life::Died | Life::UnderWay(_))) => PlanState::Died,
    };
    Ok(Known {
        plan: seen.ledger.plan().clone(),
        counts: seen.counts,
        state,
        held_by,
    })
}

fn record(found: &Found) -> ListPlan<'_> {
    let known = found.seen.as_ref().ok();
    ListPlan {
        name: &found.name,
        state: known.map_or(PlanState::Unreadable, |known| known.state),
        service: known.map(|known| known.plan.settings.service.as_str()),
        created_at: known.map(|known| known.plan.created_at.to_string()),
        counts: known.map(|known| status::record(&known.plan, &known.counts)),
        held_by: known.and_then(|known| known.held_by.as_ref()).map(|by| ListHolder {
            who: &by.holder.who,
            host: &by.holder.host,
            pid: by.holder.pid,
            since: by.since.to_string(),
        }),
        error: found.seen.as_ref().err().map(|error| chain(error)),
    }
}

const HEADINGS: [&str; 8] = [
    "plan",
    "tenant",
    "rows",
    "scheduled",
    "pending",
    "unknown",
    "made",
    "state",
];

/// The columns that are numbers.
const NUMBERS: std::ops::RangeInclusive<usize> = 2..=5;

fn text(out: &mut impl Write, folder: &Path, found: &[Found]) -> io::Result<()> {
    if found.is_empty() {
        return writeln!(out, "No plan is in {}", folder.display());
    }
    let now = rehearsal::now();
    let lines: Vec<[String; 8]> = std::iter::once(HEADINGS.map(str::to_owned))
        .chain(found.iter().map(|found| cells(found, now)))
        .collect();
    let widths: [usize; 8] = std::array::from_fn(|column| {
        let width = |line: &[String; 8]| line.get(column).map_or(0, |cell| console::measure_text_width(cell));
        lines.iter().map(width).max().unwrap_or_default()
    });
    for line in &lines {
        let mut text = String::new();
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            let space = " ".repeat(width.saturating_sub(console::measure_text_width(cell)));
            if NUMBERS.contains(&column) {
                text.push_str(&format!("{space}{cell}  "));
            } else {
                text.push_str(&format!("{cell}{space}  "));
            }
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(())
}

fn cells(found: &Found, now: Timestamp) -> [String; 8] {
    let name = shown(&found.name).into_owned();
    let known = match &found.seen {
        Ok(known) => known,
        Err(error) => {
            let state = format!("cannot be read: {}", shown(&chain(error)));
            let blank = String::new;
            return [name, blank(), blank(), blank(), blank(), blank(), blank(), state];
        }
    };
    let counts = &known.counts;
    [
        name,
        shown(&known.plan.settings.tenant).into_owned(),
        counts.planned.to_string(),
        counts.scheduled.to_string(),
        counts.pending.to_string(),
        counts.unknown.to_string(),
        summary::age(known.plan.created_at, now),
        state(known),
    ]
}

fn state(known: &Known) -> String {
    let counts = &known.counts;
    match known.state {
        PlanState::New => "never applied".to_owned(),
        PlanState::Running => match &known.held_by {
            Some(by) => format!(
                "being applied by {} on {}, process {}",
                shown(&by.holder.who),
                shown(&by.holder.host),
                by.holder.pid
            ),
            None => "being applied".to_owned(),
        },
        PlanState::Stopped => "stopped: devices are pending".to_owned(),
        PlanState::Died => "the last apply died".to_owned(),
        PlanState::Done | PlanState::Unreadable => {
            let bad = counts.invalid + counts.failed + counts.rejected;
            if bad > 0 {
                format!("done, {}", counted(bad, "device was refused", "devices were refused"))
            } else {
                "done".to_owned()
            }
        }
    }
}
