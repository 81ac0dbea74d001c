//! `report`: prints the outcome of every device.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Ledger, Plan, ReportRow, Service};
use fleetpurge_records::{ReportLine, ReportPlan, ReportSource};
use jiff::Timestamp;

use crate::args::{ReportArgs, ReportFormat};
use crate::commands::apply::ending;
use crate::commands::status;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, AtomicFile, Escaping, shown};
use crate::plan_file;
use crate::services;
use crate::summary;

/// How many devices of an outcome the text shows.
const SHOWN: usize = 20;

/// The outcomes that the text shows devices of, the most pressing first.
const PROBLEMS: [OutcomeKind; 6] = [
    OutcomeKind::Unknown,
    OutcomeKind::Failed,
    OutcomeKind::Rejected,
    OutcomeKind::Invalid,
    OutcomeKind::Pending,
    OutcomeKind::Skipped,
];

/// One row as every machine-readable format has it.
fn line(row: &ReportRow, service: Service) -> ReportLine<'_> {
    ReportLine {
        row: row.row,
        uid: &row.uid,
        name: &row.name,
        outcome: row.outcome,
        detail: row.detail.as_deref(),
        code: row.code.as_deref(),
        batch: row.batch,
        attempts: row.attempts,
        request_id: request_id(row, service),
        trace_id: row.trace_id.as_deref(),
        at: row.at.map(|at| at.to_string()),
    }
}

/// What the service can be asked about.
fn request_id(row: &ReportRow, service: Service) -> Option<&str> {
    row.request_id
        .as_deref()
        .filter(|_| services::knows_request_ids(service))
}

/// The plan as `--format json` has it.
fn plan_part(plan: &Plan) -> ReportPlan<'_> {
    let settings = &plan.settings;
    ReportPlan {
        service: settings.service.as_str(),
        tenant: &settings.tenant,
        instance: settings.instance.as_deref(),
        region: settings.region.as_deref(),
        base_url: &settings.base_url,
        token_url: settings.token_url.as_deref(),
        digest: &plan.digest,
        created_at: plan.created_at.to_string(),
        to_send: plan.to_send(),
        max_devices: settings.max_devices,
        uid_validation: settings.uid_validation.as_str(),
        sources: plan
            .sources
            .iter()
            .map(|source| ReportSource {
                name: &source.name,
                sha256: &source.sha256,
                first_row: source.first_row,
                rows: source.rows,
            })
            .collect(),
    }
}

/// What can go wrong while a report is written: it is read from one file and written to another.
enum Trouble {
    Plan(fleetpurge_ledger::Error),
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}

impl From<csv::Error> for Trouble {
    fn from(error: csv::Error) -> Self {
        // Within its own error it hides of which kind that of the writer was: a reader that has gone away.
        Self::Output(match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}

impl From<fleetpurge_ledger::Error> for Trouble {
    fn from(error: fleetpurge_ledger::Error) -> Self {
        Self::Plan(error)
    }
}

pub(crate) fn run(args: &ReportArgs) -> Result<Exit, Failure> {
    let ledger = plan_file::open(&args.plan)?;
    let Some(path) = &args.out else {
        let mut out = output::stdout();
        let written = write(&mut out, args, &ledger).and_then(|()| Ok(out.flush()?));
        return match written {
            Ok(()) => Ok(Exit::DONE),
            Err(Trouble::Output(error)) => Err(Failure::output(&error)),
            Err(Trouble::Plan(error)) => Err(plan_file::failure(&error, &args.plan)),
        };
    };
    if is_same_file(path, &args.plan) {
        return Err(Failure::before_sending(
            Exit::USAGE,
            format!("--out {} is the plan itself, and would be overwritten", path.display()),
            next::over("report", &args.plan, &["--help"]),
        ));
    }
    if plan_file::belongs_to_a_plan(path) {
        return Err(Failure::before_sending(
            Exit::USAGE,
            format!(
                "--out {} is a plan or belongs to one, and would be overwritten. Choose another name",
                path.display()
            ),
            next::over("report", &args.plan, &["--help"]),
        ));
    }
    let written = AtomicFile::create(path).map_err(Trouble::from).and_then(|mut file| {
        write(&mut file, args, &ledger)?;
        Ok(file.finish()?)
    });
    match written {
        Ok(()) => {
            output::note(&format!("report written to {}", path.display()));
            Ok(Exit::DONE)
        }
        Err(Trouble::Output(error)) => Err(Failure::before_sending(
            Exit::ERROR,
            format!("the report could not be written to {}: {error}", path.display()),
            next::instead(),
        )),
        Err(Trouble::Plan(error)) => Err(plan_file::failure(&error, &args.plan)),
    }
}

fn write(out: &mut impl Write, args: &ReportArgs, ledger: &Ledger) -> Result<(), Trouble> {
    match args.format {
        ReportFormat::Text => text(&mut Escaping(out), &args.plan, ledger),
        ReportFormat::Ndjson => ndjson(out, ledger),
        ReportFormat::Json => json(out, ledger),
        ReportFormat::Csv => csv(out, ledger),
    }
}

fn ndjson(out: &mut impl Write, ledger: &Ledger) -> Result<(), Trouble> {
    let service = ledger.plan().settings.service;
    for row in ledger.report_rows()? {
        serde_json::to_writer(&mut *out, &line(&row?, service))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, ledger: &Ledger) -> Result<(), Trouble> {
    let service = ledger.plan().settings.service;
    // The header comes from the field names, so that a report without rows lacks it: it is written here.
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    writer.write_record([
        "row",
        "uid",
        "name",
        "outcome",
        "detail",
        "code",
        "batch",
        "attempts",
        "request_id",
        "trace_id",
        "at",
    ])?;
    for row in ledger.report_rows()? {
        let row = row?;
        writer.serialize(cells(&line(&row, service)).line())?;
    }
    writer.flush()?;
    Ok(())
}

/// The texts of a row as a table has them.
struct Cells<'a> {
    line: &'a ReportLine<'a>,
    texts: [Option<Cow<'a, str>>; 6],
}

fn cells<'a>(line: &'a ReportLine<'a>) -> Cells<'a> {
    let texts = [
        Some(line.uid),
        Some(line.name),
        line.detail,
        line.code,
        line.request_id,
        line.trace_id,
    ];
    Cells {
        line,
        texts: texts.map(|text| text.map(cell)),
    }
}

impl Cells<'_> {
    fn line(&self) -> ReportLine<'_> {
        let [uid, name, detail, code, request_id, trace_id] = self.texts.each_ref().map(Option::as_deref);
        ReportLine {
            uid: uid.unwrap_or_default(),
            name: name.unwrap_or_default(),
            detail,
            code,
            request_id,
            trace_id,
            at: self.line.at.clone(),
            ..*self.line
        }
    }
}

/// A text as a cell of a table. People open tables, so nothing is hidden in one, and a spreadsheet takes none for a formula:
/// the apostrophe is how one writes text there. No well-formed uid or id is changed by either.
fn cell(text: &str) -> Cow<'_, str> {
    let text = shown(text);
    if text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']) {
        return Cow::Owned(format!("'{text}"));
    }
    text
}

/// A `fleetpurge_records::Report`, its rows written as they are read.
fn json(out: &mut impl Write, ledger: &Ledger) -> Result<(), Trouble> {
    let plan = ledger.plan();
    let service = plan.settings.service;
    out.write_all(b"{\"plan\":")?;
    serde_json::to_writer(&mut *out, &plan_part(plan))?;
    out.write_all(b",\"counts\":")?;
    serde_json::to_writer(&mut *out, &status::record(plan, &ledger.counts()?))?;
    out.write_all(b",\"rows\":[")?;
    for (at, row) in ledger.report_rows()?.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &line(&row?, service))?;
    }
    out.write_all(b"\n]}\n")?;
    Ok(())
}

fn text(out: &mut impl Write, path: &Path, ledger: &Ledger) -> Result<(), Trouble> {
    let plan = ledger.plan();
    let counts = ledger.counts()?;
    let made = summary::age(plan.created_at, Timestamp::now());
    writeln!(out, "Report on {}, made {made} ({})\n", path.display(), plan.created_at)?;
    summary::plan(out, plan)?;
    writeln!(out)?;
    summary::counts(out, plan.settings.service, &counts)?;
    let reasons = ledger.reasons(OutcomeKind::Unknown)?;
    if let Some(unknown) = summary::unknown(counts.unknown, ledger.in_flight(), &reasons) {
        writeln!(out, "\n{unknown}")?;
        writeln!(out, "Check: {}", ending::verify(plan.settings.service, path))?;
    }
    let mut found: BTreeMap<OutcomeKind, Vec<ReportRow>> = BTreeMap::new();
    let enough = |found: &BTreeMap<OutcomeKind, Vec<ReportRow>>| {
        PROBLEMS.iter().all(|&kind| {
            let wanted = counts.of(kind).min(SHOWN as u64);
            found.get(&kind).map_or(0, Vec::len) as u64 >= wanted
        })
    };
    if !enough(&found) {
        for row in ledger.report_rows()? {
            let row = row?;
            if row.outcome == OutcomeKind::Scheduled {
                continue;
            }
            let rows = found.entry(row.outcome).or_default();
            if rows.len() < SHOWN {
                rows.push(row);
                if enough(&found) {
                    break;
                }
            }
        }
    }
    let mut cut = false;
    for kind in PROBLEMS {
        let Some(rows) = found.get(&kind) else { continue };
        writeln!(out, "\n{kind}:")?;
        for row in rows {
            writeln!(out, "  {}", problem(row, plan.settings.service))?;
        }
        let more = counts.of(kind).saturating_sub(rows.len() as u64);
        if more > 0 {
            cut = true;
            writeln!(out, "  and {more} more")?;
        }
    }
    if cut {
        writeln!(out, "\nAll rows: {}", next::over("report", path, &["--format", "csv"]))?;
    }
    Ok(())
}

fn problem(row: &ReportRow, service: Service) -> String {
    let mut text = format!("row {}  `{}`  `{}`", row.row, shown(&row.uid), shown(&row.name));
    if let Some(detail) = &row.detail {
        text.push_str("  ");
        text.push_str(&shown(detail));
    }
    if let Some(code) = &row.code {
        text.push_str(&format!("  ({})", shown(code)));
    }
    if let Some(request) = request_id(row, service) {
        text.push_str(&format!("  request {}", shown(request)));
    }
    text
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_hides_nothing_and_is_no_formula() {
        for (text, expected) in [
            ("PC-1", "PC-1"),
            ("5f1d7f4e4763e75a0000000a", "5f1d7f4e4763e75a0000000a"),
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-PC", "'-PC"),
            ("@home", "'@home"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\t=1", "\\t=1"),
            ("\r=1", "\\r=1"),
            ("\u{202e}gpj.exe", "\\u{202e}gpj.exe"),
            ("a,\"b\"", "a,\"b\""),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
