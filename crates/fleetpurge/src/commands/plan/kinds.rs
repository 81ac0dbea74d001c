//! The first and last rows of each kind, as text.

use std::io::{self, Write};

use fleetpurge_ledger::{JudgedRow, PlanSummary, RowKind, RowsOfKind, Service, Words};

use super::place::{article, place};
use super::places::Places;
use crate::output::shown;

/// What will and will not happen to the rows: counts, with the first and last rows of each kind.
pub(super) fn print(out: &mut impl Write, summary: &PlanSummary, places: &Places) -> io::Result<()> {
    let plan = &summary.plan;
    let service = plan.settings.service;
    let of = |wanted: RowKind| summary.kinds.iter().find(move |rows| rows.kind == wanted);
    writeln!(out, "{:<11} {:>9}", "rows", plan.planned)?;
    writeln!(
        out,
        "{:<11} {:>9}  of {} that --max-devices allows",
        "to send",
        plan.to_send(),
        plan.settings.max_devices
    )?;
    if let Some(rows) = of(RowKind::ToSend) {
        edges(out, rows, service, places)?;
    }
    if let Some(rows) = of(RowKind::Malformed) {
        writeln!(
            out,
            "{:<11} {:>9}  of them, sent as they are; the service will report them as invalid",
            "malformed", rows.rows
        )?;
        edges(out, rows, service, places)?;
    }
    writeln!(out, "{:<11} {:>9}", "skipped", plan.skipped)?;
    let skipped = |rows: &&RowsOfKind| !matches!(rows.kind, RowKind::ToSend | RowKind::Malformed);
    for rows in summary.kinds.iter().filter(skipped) {
        writeln!(out, "{:<11} {:>9}  {}", "", rows.rows, why(rows.kind, service))?;
        edges(out, rows, service, places)?;
    }
    Ok(())
}

/// What the rows of a kind have in common.
fn why(kind: RowKind, service: Service) -> String {
    let Words { uid, name } = service.words();
    match kind {
        RowKind::Repeat => "repeat an earlier row".to_owned(),
        RowKind::Blank => match service {
            Service::Nexthink => "have a blank uid or name".to_owned(),
            Service::Ubidots => "have neither id nor label".to_owned(),
        },
        RowKind::CommentedOut => "are commented out".to_owned(),
        RowKind::Recalled => "are of devices that another row comments out".to_owned(),
        RowKind::Protected => "are protected".to_owned(),
        RowKind::Excluded => "are left out by --exclude-name".to_owned(),
        RowKind::NotIncluded => "are left out by --include-name".to_owned(),
        RowKind::Conflict => format!("have {} {uid} with more than one {name}", article(uid)),
        RowKind::UnknownLabel => "have a label that the list of the account does not show".to_owned(),
        RowKind::AmbiguousLabel => "have a label that more than one device has".to_owned(),
        _ => "are left out".to_owned(),
    }
}

fn edges(out: &mut impl Write, rows: &RowsOfKind, service: Service, places: &Places) -> io::Result<()> {
    for row in &rows.first {
        writeln!(out, "  {}", line(row, service, places))?;
    }
    let shown = rows.first.len() + rows.last.len();
    let between = rows.rows.saturating_sub(shown as u64);
    if between > 0 {
        writeln!(out, "  ... {between} more")?;
    }
    for row in &rows.last {
        writeln!(out, "  {}", line(row, service, places))?;
    }
    Ok(())
}

fn line(row: &JudgedRow, service: Service, places: &Places) -> String {
    let place = place(&row.at, service, places);
    match &row.reason {
        Some(reason) => format!("{place}: {}", shown(reason)),
        None => place,
    }
}
