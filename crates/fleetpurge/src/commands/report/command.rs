//! Where a report goes.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use fleetpurge_ledger::Ledger;

use super::{page, text};
use crate::announce;
use crate::args::{ReportArgs, ReportFormat};
use crate::atomic_file::{AtomicFile, Name};
use crate::commands::status;
use crate::course;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::out_file::{self, Taken};
use crate::output::{self, Escaping};
use crate::plan_file;
use crate::rows::table::Cells;
use crate::rows::{Trouble, Wanted, json, record, table};

pub(crate) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    if args.raw && args.format != ReportFormat::Csv {
        return Err(Failure::before_sending(
            Exit::USAGE,
            "--raw is for --format csv; ndjson and json have every text unchanged",
            next::over("report", &args.plan, &["--help"]),
        ));
    }
    let Some(path) = &args.out else {
        announce::plan(&args.plan);
        let ledger = plan_file::open(&args.plan)?;
        let begun = Instant::now();
        let mut out = output::stdout();
        write(&mut out, args, &ledger)
            .and_then(|()| Ok(out.flush()?))
            .map_err(|trouble| trouble.of_stdout(&args.plan))?;
        tracing::info!(took_ms = course::millis_since(begun), "the report is written");
        return Ok(Exit::DONE);
    };
    let name = if args.force { Name::Replaced } else { Name::New };
    replaceable(args, path, name)?;
    announce::plan(&args.plan);
    let ledger = plan_file::open(&args.plan)?;
    let begun = Instant::now();
    AtomicFile::create(path)
        .map_err(Trouble::from)
        .and_then(|mut file| {
            write(&mut file, args, &ledger)?;
            Ok(file.finish_as(name)?)
        })
        .map_err(|trouble| match trouble {
            // Somebody else has written it since it was looked for.
            Trouble::Output(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                refused(args, path, Exit::ERROR, &Taken::ByFile.to_string())
            }
            other => other.of_file(&args.plan, path, next::instead()),
        })?;
    tracing::info!(out = %path.display(), took_ms = course::millis_since(begun), "the report is written");
    output::note(&format!("report written to {}", path.display()));
    Ok(Exit::DONE)
}

fn write(out: &mut impl Write, args: &ReportArgs, ledger: &Ledger) -> Result<(), Trouble> {
    let wanted = Wanted {
        outcomes: args.only.clone(),
        name: None,
    };
    match args.format {
        ReportFormat::Text => text::write(&mut Escaping(out), &args.plan, ledger, &wanted),
        ReportFormat::Ndjson => json::ndjson(out, ledger, &wanted),
        ReportFormat::Json => whole(out, ledger, &wanted),
        ReportFormat::Csv => table::csv(out, ledger, &wanted, Cells::new(args.raw)),
        ReportFormat::Html => page::report(out, &args.plan, ledger, &wanted),
    }
}

/// A `fleetpurge_records::Report`, its rows written as they are read.
fn whole(out: &mut impl Write, ledger: &Ledger, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    let plan = ledger.plan();
    out.write_all(b"{\"plan\":")?;
    serde_json::to_writer(&mut *out, &record::plan_part(plan))?;
    out.write_all(b",\"counts\":")?;
    serde_json::to_writer(&mut *out, &status::record(plan, &ledger.counts()?))?;
    out.write_all(b",\"rows\":")?;
    json::array(out, ledger, wanted)?;
    out.write_all(b"}\n")?;
    Ok(())
}

fn replaceable(args: &ReportArgs, path: &Path, name: Name) -> Result<(), Failure> {
    if is_same_file(path, &args.plan) {
        return Err(refused(
            args,
            path,
            Exit::USAGE,
            "is the plan itself, and would be overwritten",
        ));
    }
    out_file::check(path, name).map_err(|taken| {
        let exit = if matches!(taken, Taken::ByPlan) {
            Exit::USAGE
        } else {
            Exit::ERROR
        };
        refused(args, path, exit, &taken.to_string())
    })
}

fn refused(args: &ReportArgs, path: &Path, exit: Exit, why: &str) -> Failure {
    Failure::before_sending(
        exit,
        format!("--out {} {why}", path.display()),
        next::over("report", &args.plan, &["--help"]),
    )
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
