//! What stands before the rows. Every text is as a person reads it; the template escapes the HTML.

use std::path::Path;

use askama::Template;
use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Error, Ledger};
use jiff::Timestamp;

use super::chart::{Part, Total, chart, parts, totals};
use super::input::{Input, inputs};
use super::numbers::number;
use super::policy::{STYLE, policy};
use super::time::readable;
use super::verdict::{by, verdict};
use super::why::{Why, whys};
use crate::commands::apply::ending;
use crate::output::shown;
use crate::rows::Wanted;
use crate::seen;
use crate::services;
use crate::summary;

/// How many rows the page has.
pub(super) fn rows(counts: &Counts, wanted: &Wanted<'_>) -> u64 {
    OutcomeKind::ALL
        .into_iter()
        .filter(|&kind| wanted.has(kind))
        .map(|kind| counts.of(kind))
        .sum()
}

/// What stands before the rows.
#[derive(Debug, Template)]
#[template(path = "head.html")]
pub(super) struct Head {
    policy: String,
    style: &'static str,
    tenant: String,
    plan: String,
    made_at: String,
    age: String,
    written_at: String,
    version: &'static str,
    by: String,
    verdict: String,
    check: Option<String>,
    /// The latest verification.
    verified: Option<String>,
    totals: Vec<Total>,
    parts: Vec<Part>,
    chart: String,
    planned: String,
    rows: String,
    /// The outcomes that the page has, if it does not have all.
    only: Option<String>,
    whys: Vec<Why>,
    inputs: Vec<Input>,
    has_requests: bool,
}

impl Head {
    pub(super) fn new(
        path: &Path,
        ledger: &Ledger,
        counts: &Counts,
        wanted: &Wanted<'_>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let plan = ledger.plan();
        let service = plan.settings.service;
        let runs = ledger.runs()?;
        let only = (!wanted.outcomes.is_empty()).then(|| {
            let words: Vec<&str> = OutcomeKind::ALL
                .into_iter()
                .filter(|&kind| wanted.has(kind))
                .map(OutcomeKind::as_str)
                .collect();
            words.join(", ")
        });
        Ok(Self {
            policy: policy(),
            style: STYLE,
            tenant: shown(&plan.settings.tenant).into_owned(),
            plan: shown(&path.to_string_lossy()).into_owned(),
            made_at: readable(plan.created_at),
            age: summary::age(plan.created_at, now),
            written_at: readable(now),
            version: env!("CARGO_PKG_VERSION"),
            by: by(&runs),
            verdict: verdict(counts),
            check: (counts.scheduled + counts.unknown > 0).then(|| shown(&ending::verify(service, path)).into_owned()),
            verified: ledger.verifications()?.last().map(seen::verification),
            totals: totals(plan, counts, wanted),
            parts: parts(counts),
            chart: chart(counts),
            planned: number(counts.planned),
            rows: number(rows(counts, wanted)),
            only,
            whys: whys(ledger, counts)?,
            inputs: inputs(plan),
            has_requests: services::knows_request_ids(service),
        })
    }
}
