//! The report as text: the counts, and the first devices of each outcome but `scheduled`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Ledger, Plan, ReportRow};

use crate::commands::apply::ending;
use crate::next;
use crate::output::{counted, shown};
use crate::rehearsal;
use crate::rows::record::{place, request_id, source};
use crate::rows::{Trouble, Wanted};
use crate::seen;
use crate::summary::{self, Digests};

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

pub(super) fn write(out: &mut impl Write, path: &Path, ledger: &Ledger, wanted: &Wanted<'_>) -> Result<(), Trouble> {
    let plan = ledger.plan();
    let counts = ledger.counts()?;
    let made = summary::age(plan.created_at, rehearsal::now());
    writeln!(out, "Report on {}, made {made} ({})\n", path.display(), plan.created_at)?;
    summary::plan(out, plan, Digests::Whole)?;
    writeln!(out)?;
    summary::counts(out, plan.settings.service, &counts)?;
    verifications(out, ledger)?;
    let reasons = ledger.reasons(OutcomeKind::Unknown)?;
    if let Some(unknown) = summary::unknown(counts.unknown, ledger.in_flight(), &reasons) {
        writeln!(out, "\n{unknown}")?;
        writeln!(out, "Check: {}", ending::verify(plan.settings.service, path))?;
    }
    let mut found: BTreeMap<OutcomeKind, Vec<ReportRow>> = BTreeMap::new();
    let enough = |found: &BTreeMap<OutcomeKind, Vec<ReportRow>>| {
        PROBLEMS.iter().all(|&kind| {
            let most = counts.of(kind).min(SHOWN as u64);
            !wanted.has(kind) || found.get(&kind).map_or(0, Vec::len) as u64 >= most
        })
    };
    if !enough(&found) {
        for row in ledger.report_rows()? {
            let row = row?;
            if row.outcome == OutcomeKind::Scheduled || !wanted.has(row.outcome) {
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
            writeln!(out, "  {}", problem(row, plan))?;
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

/// Who looked, when and in what, and what was there. The outcomes above are the service's own word.
fn verifications(out: &mut impl Write, ledger: &Ledger) -> Result<(), Trouble> {
    let all = ledger.verifications()?;
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nverified:")?;
    let earlier = all.len().saturating_sub(SHOWN);
    if earlier > 0 {
        writeln!(
            out,
            "  {} before these",
            counted(earlier as u64, "verification", "verifications")
        )?;
    }
    for record in all.iter().skip(earlier) {
        writeln!(out, "  {}", seen::verification(record))?;
    }
    Ok(())
}

fn problem(row: &ReportRow, plan: &Plan) -> String {
    let mut text = format!(
        "row {} ({})  `{}`  `{}`",
        row.row,
        shown(&place(row, plan)),
        shown(&row.uid),
        shown(&row.name)
    );
    if let Some(detail) = &row.detail {
        text.push_str("  ");
        text.push_str(&shown(detail));
    }
    if let Some(code) = &row.code {
        text.push_str(&format!("  ({})", shown(code)));
    }
    if let Some(request) = request_id(row, plan.settings.service) {
        text.push_str(&format!("  request {}", shown(request)));
    }
    if let Some(source) = source(row, plan) {
        text.push_str(&format!("  of {}", shown(source)));
    }
    if let Some(sighting) = &row.sighting {
        text.push_str(&format!(
            "  [{}]",
            seen::sighting(sighting, plan.settings.service.words())
        ));
    }
    text
}
