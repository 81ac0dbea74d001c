//! A plan for review, as programs read it.

use std::path::Path;

use fleetpurge_ledger::{JudgedRow, NameFilter};
use fleetpurge_records::{OtherPlan, PlannedKind, PlannedNames, PlannedProtect, PlannedRow, Review};

use super::planned::Planned;
use crate::next;
use crate::rows::record::plan_part;

pub(super) fn review<'a>(path: &'a Path, planned: &'a Planned) -> Review<'a> {
    let summary = &planned.summary;
    let protection = &summary.protection;
    Review {
        file: path.to_string_lossy(),
        plan: plan_part(&summary.plan),
        planned: summary.plan.planned,
        skipped: summary.plan.skipped,
        kinds: summary
            .kinds
            .iter()
            .map(|rows| PlannedKind {
                kind: rows.kind.as_str(),
                rows: rows.rows,
                first: rows.first.iter().map(row).collect(),
                last: rows.last.iter().map(row).collect(),
            })
            .collect(),
        names: summary
            .names
            .patterns
            .iter()
            .map(|pattern| PlannedNames {
                filter: match pattern.filter {
                    NameFilter::Include => "include",
                    NameFilter::Exclude => "exclude",
                },
                pattern: &pattern.pattern,
                rows: pattern.rows,
            })
            .collect(),
        protect: protection
            .lists
            .iter()
            .map(|list| PlannedProtect {
                file: &list.file,
                entries: list.entries,
                rows: list.rows,
            })
            .collect(),
        unmatched_protect: protection.unmatched,
        warnings: planned.warnings() as u64,
        other_plans: planned
            .others
            .iter()
            .map(|other| OtherPlan {
                file: other.path.to_string_lossy(),
                devices: other.devices,
            })
            .collect(),
        next: vec![next::over("show", path, &[]), next::over("apply", path, &[])],
    }
}

fn row(row: &JudgedRow) -> PlannedRow<'_> {
    PlannedRow {
        row: row.at.row,
        source: &row.at.source,
        line: row.at.line,
        uid: &row.at.uid,
        name: &row.at.name,
        reason: row.reason.as_deref(),
    }
}
