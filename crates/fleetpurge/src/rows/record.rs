//! A row of a plan as programs read it.

use fleetpurge_ledger::{Counted, LastSighting, Ledger, Plan, ReportRow, Service, Source};
use fleetpurge_records::{ReportLine, ReportPlan, ReportSource};

use crate::seen;
use crate::services;

/// One row as every machine-readable format has it.
pub(crate) fn line<'a>(row: &'a ReportRow, ledger: &'a Ledger) -> ReportLine<'a> {
    let plan = ledger.plan();
    let sighting = ledger.is_verified().then_some(row.sighting.as_ref());
    ReportLine {
        row: row.row,
        uid: &row.uid,
        name: &row.name,
        outcome: row.outcome,
        detail: row.detail.as_deref(),
        code: row.code.as_deref(),
        batch: row.batch,
        attempts: row.attempts,
        request_id: request_id(row, plan.settings.service),
        trace_id: row.trace_id.as_deref(),
        at: row.at.map(|at| at.to_string()),
        line: row.line,
        source: source(row, plan),
        verified: sighting.map(|sighting| sighting.map(|sighting| seen::found(sighting.found))),
        verified_at: sighting.map(|sighting| sighting.map(|sighting| sighting.seen_in.at.to_string())),
        verified_in: sighting.map(|sighting| sighting.map(|sighting| sighting.seen_in.source.as_str())),
        came_back: sighting.map(|sighting| sighting.map(LastSighting::came_back)),
    }
}

/// What the service can be asked about.
pub(crate) fn request_id(row: &ReportRow, service: Service) -> Option<&str> {
    row.request_id
        .as_deref()
        .filter(|_| services::knows_request_ids(service))
}

/// The input that a row came from, where there are several.
pub(crate) fn source<'a>(row: &ReportRow, plan: &'a Plan) -> Option<&'a str> {
    if plan.sources.len() < 2 {
        return None;
    }
    input(row, plan).map(|source| source.name.as_str())
}

fn input<'a>(row: &ReportRow, plan: &'a Plan) -> Option<&'a Source> {
    plan.sources
        .iter()
        .find(|source| row.row.checked_sub(source.first_row).is_some_and(|at| at < source.rows))
}

/// What the line of a row counts.
pub(crate) fn counted<'a>(row: &ReportRow, plan: &'a Plan) -> &'a Counted {
    input(row, plan).map_or(&Counted::Lines, |source| &source.counted)
}

/// Where a person finds the row in its file: `line 7`.
pub(crate) fn place(row: &ReportRow, plan: &Plan) -> String {
    counted(row, plan).place(row.line)
}

/// The plan as `--format json` has it.
pub(crate) fn plan_part(plan: &Plan) -> ReportPlan<'_> {
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
                counted: source.counted.word(),
                sheet: source.counted.sheet(),
            })
            .collect(),
    }
}
