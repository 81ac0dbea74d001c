//! Prints a plan for review.

use std::io::Write;
use std::path::Path;

use super::planned::Planned;
use super::{kinds, names, protect, record};
use crate::args::StatusFormat;
use crate::failure::Failure;
use crate::next;
use crate::output::{self, counted, shown};
use crate::summary::{self, Digests};

/// Shows what the plan came to, on stdout.
pub(crate) fn show(path: &Path, planned: &Planned, format: StatusFormat) -> Result<(), Failure> {
    let written = match format {
        StatusFormat::Text => {
            let mut out = output::text();
            print(&mut out, path, planned).and_then(|()| out.flush())
        }
        StatusFormat::Json => {
            let mut out = output::stdout();
            serde_json::to_writer(&mut out, &record::review(path, planned))
                .map_err(std::io::Error::from)
                .and_then(|()| writeln!(out))
                .and_then(|()| out.flush())
        }
    };
    written.map_err(|error| {
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
    summary::plan(out, plan, Digests::Whole)?;
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
    for (at, line) in names::lines(&summary.names).iter().enumerate() {
        writeln!(out, "{:<11} {line}", if at == 0 { "names" } else { "" })?;
    }
    let warnings = planned.warnings();
    if warnings > 0 {
        writeln!(out, "{:<11} {warnings}, on standard error", "warnings")?;
    }
    writeln!(out)?;
    kinds::print(out, summary, &planned.places)?;
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
    writeln!(out, "Next:     {}", next::over("show", path, &[]))?;
    writeln!(out, "Try one:  {}", next::over("apply", path, &["--limit", "1"]))?;
    writeln!(out, "Then:     {}", next::over("apply", path, &[]))
}
