//! Prints a plan for review.

use std::io::Write;
use std::path::Path;

use fleetpurge_ledger::RowAt;
use fleetpurge_ledger::{Service, Words};

use super::places::Places;
use super::planned::Planned;
use super::protect;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted, shown};
use crate::summary;

/// How many malformed uids are shown.
const SHOWN: usize = 5;

/// Shows what the plan came to, on stdout.
pub(crate) fn show(path: &Path, planned: &Planned) -> Result<(), Failure> {
    let mut out = output::text();
    print(&mut out, path, planned)
        .and_then(|()| out.flush())
        .map_err(|error| {
            Failure::output(&error)
                .because(&format!("the plan {} is written, but not shown", path.display()))
                .suggesting(next::over("status", path, &[]))
        })
}

fn print(out: &mut impl Write, path: &Path, planned: &Planned) -> std::io::Result<()> {
    let summary = &planned.summary;
    let plan = &summary.plan;
    // To look labels up, the service was asked something.
    let sent = if planned.listed.is_some() { "deleted" } else { "sent" };
    writeln!(out, "Plan {} is written. Nothing was {sent}.\n", path.display())?;
    summary::plan(out, plan)?;
    for (source, input) in plan.sources.iter().zip(&planned.inputs) {
        let [uid, name] = &input.columns;
        let file = shown(&source.name);
        let words = plan.settings.service.words();
        let taken: Vec<String> = [(words.uid, uid), (words.name, name)]
            .into_iter()
            .filter_map(|(word, column)| Some(format!("{word} `{}`", shown(column.as_deref()?))))
            .collect();
        let sheet = source.counted.sheet();
        let sheet = sheet
            .map(|sheet| format!(" of sheet `{}`", shown(sheet)))
            .unwrap_or_default();
        writeln!(out, "{:<11} {file}: {}{sheet}", "columns", taken.join(", "))?;
        if input.comments > 0 {
            let comments = counted(input.comments, "comment was", "comments were");
            writeln!(out, "{:<11} {file}: {comments} passed over", "comments")?;
        }
    }
    if let Some(listed) = planned.listed {
        let devices = counted(listed, "device", "devices");
        writeln!(out, "{:<11} compared with the {devices} of the account", "labels")?;
    }
    for (at, line) in protect::lines(&summary.protection, &planned.places).iter().enumerate() {
        writeln!(out, "{:<11} {line}", if at == 0 { "protected" } else { "" })?;
    }
    let warnings = planned.inputs.iter().map(|input| input.warnings).sum::<usize>() + planned.protect_warnings;
    if warnings > 0 {
        writeln!(out, "{:<11} {warnings}, on standard error", "warnings")?;
    }
    writeln!(out)?;
    writeln!(out, "{:<11} {:>9}", "rows", plan.planned)?;
    writeln!(out, "{:<11} {:>9}", "to send", plan.to_send())?;
    writeln!(out, "{:<11} {:>9}", "skipped", plan.skipped)?;
    let Words { uid, name } = plan.settings.service.words();
    let blank = match plan.settings.service {
        Service::Nexthink => "have a blank uid or name",
        Service::Ubidots => "have neither id nor label",
    };
    let reasons = [
        (summary.repeats, "repeat an earlier row".to_owned()),
        (summary.blanks, blank.to_owned()),
        (summary.commented_out, "are commented out".to_owned()),
        (
            summary.recalled,
            "are of devices that another row comments out".to_owned(),
        ),
        (summary.protected, "are protected".to_owned()),
        (
            summary.conflicting,
            format!("have {} {uid} with more than one {name}", article(uid)),
        ),
        (
            summary.unknown_labels,
            "have a label that the list of the account does not show".to_owned(),
        ),
        (
            summary.ambiguous,
            "have a label that more than one device has".to_owned(),
        ),
    ];
    for (count, reason) in reasons {
        if count > 0 {
            writeln!(out, "{:<11} {count:>9}  {reason}", "")?;
        }
    }
    if summary.malformed > 0 {
        writeln!(
            out,
            "{:<11} {:>9}  sent as they are; the service will report them as invalid",
            "malformed", summary.malformed
        )?;
        let first = &summary.malformed_first[..summary.malformed_first.len().min(SHOWN)];
        for row in first {
            writeln!(out, "  {}", place(row, plan.settings.service, &planned.places))?;
        }
        let more = summary.malformed.saturating_sub(first.len() as u64);
        if more > 0 {
            writeln!(out, "  and {more} more")?;
        }
    }
    if summary.protection.unmatched > 0 {
        writeln!(
            out,
            "{:<11} {:>9}  entries of --protect protect no row",
            "unmatched", summary.protection.unmatched
        )?;
        for line in protect::unmatched_lines(&summary.protection, plan.settings.service, &planned.places) {
            writeln!(out, "  {line}")?;
        }
    }
    writeln!(out)?;
    writeln!(out, "Try one:  {}", next::over("apply", path, &["--limit", "1"]))?;
    writeln!(out, "Next:     {}", next::over("apply", path, &[]))
}

/// A row as a person finds it again.
pub(super) fn place(row: &RowAt, service: Service, places: &Places) -> String {
    let Words { uid, name } = service.words();
    format!(
        "{}: {uid} `{}`, {name} `{}`",
        places.of(&row.source, row.line),
        shown(&row.uid),
        shown(&row.name)
    )
}

pub(super) fn article(word: &str) -> &'static str {
    if word.starts_with('i') { "an" } else { "a" }
}
