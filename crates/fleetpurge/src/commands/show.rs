//! `show`: lists the rows of a plan, to be reviewed.

use std::io::{self, Write};
use std::time::Instant;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::Ledger;

use crate::announce;
use crate::args::{ShowArgs, ShowFormat};
use crate::course;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, shown};
use crate::pager::Pager;
use crate::plan_file;
use crate::rows::record::source;
use crate::rows::table::Cells;
use crate::rows::{Trouble, Wanted, json, table};
use crate::seen;

pub(crate) fn run(args: &ShowArgs) -> Result<Exit, Failure> {
    if args.raw && args.format != ShowFormat::Csv {
        return Err(Failure::before_sending(
            Exit::USAGE,
            "--raw is for --format csv; ndjson and json have every text unchanged",
            next::over("show", &args.plan, &["--help"]),
        ));
    }
    announce::plan(&args.plan);
    let ledger = plan_file::open(&args.plan)?;
    let begun = Instant::now();
    let mut pager = if args.no_pager { None } else { Pager::start() };
    let written = match &mut pager {
        Some(pager) => write(&mut io::BufWriter::new(pager), args, &ledger),
        None => write(&mut output::stdout(), args, &ledger),
    };
    if let Some(pager) = pager {
        pager.finish();
    }
    written.map_err(|trouble| trouble.of_stdout(&args.plan))?;
    tracing::info!(took_ms = course::millis_since(begun), "the rows are written");
    Ok(Exit::DONE)
}

fn write(out: &mut impl Write, args: &ShowArgs, ledger: &Ledger) -> Result<(), Trouble> {
    let mut outcomes = args.outcome.clone();
    if args.skipped {
        outcomes.push(OutcomeKind::Skipped);
    }
    let wanted = Wanted {
        outcomes,
        name: args.name.as_deref(),
    };
    match args.format {
        ShowFormat::Text => text(out, ledger, &wanted)?,
        ShowFormat::Csv => table::csv(out, ledger, &wanted, Cells::new(args.raw))?,
        ShowFormat::Ndjson => json::ndjson(out, ledger, &wanted)?,
        ShowFormat::Json => {
            json::array(out, ledger, &wanted)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A line per row. Columns are as wide as usual values: the longest is not known while rows are written as they are read.
fn text(out: &mut impl Write, ledger: &Ledger, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    let plan = ledger.plan();
    let width = plan.planned.to_string().len().max("row".len());
    // A row stands below a header, and often below more.
    let lines = width.max("line".len());
    let mut is_first = true;
    for row in wanted.rows(ledger)? {
        let row = row?;
        if is_first {
            writeln!(
                out,
                "{:>width$}  {:>lines$}  {:<9}  {:<36}  {:<20}  detail",
                "row", "line", "outcome", "uid", "name"
            )?;
            is_first = false;
        }
        let mut line = format!(
            "{:>width$}  {:>lines$}  {:<9}  {:<36}  {:<20}  {}",
            row.row,
            row.line,
            row.outcome.as_str(),
            shown(&row.uid),
            shown(&row.name),
            shown(row.detail.as_deref().unwrap_or_default())
        );
        if let Some(code) = &row.code {
            line.push_str(&format!("  ({})", shown(code)));
        }
        if let Some(source) = source(&row, plan) {
            line.push_str(&format!("  of {}", shown(source)));
        }
        if let Some(sighting) = &row.sighting {
            line.push_str(&format!(
                "  [{}]",
                seen::sighting(sighting, plan.settings.service.words())
            ));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    if is_first {
        writeln!(out, "No row of the plan matches.")?;
    }
    Ok(())
}
