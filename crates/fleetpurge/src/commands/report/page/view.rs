//! The parts of the page, as the templates have them. Every text is as a person reads it; the templates escape the HTML.

use std::path::Path;

use askama::Template;
use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{AnomalyRecord, Counts, Error, Ledger, Plan};
use jiff::Timestamp;

use super::now::Now;
use super::number::number;
use super::policy::{LIVE, Page, SCRIPT, STYLE, policy};
use super::runs::{Meta, Run, runs};
use super::summary::Summary;
use super::support::Requests;
use super::time::readable;
use super::verification::Verification;
use crate::output::shown;
use crate::rows::Wanted;
use crate::services;

/// More rows than this make no page: a browser gives a table no more height, and holds all of them in memory.
pub(super) const MOST_ROWS: u64 = 250_000;

/// How many rows the page has.
pub(super) fn rows(counts: &Counts, wanted: &Wanted<'_>) -> u64 {
    OutcomeKind::ALL
        .into_iter()
        .filter(|&kind| wanted.has(kind))
        .map(|kind| counts.of(kind))
        .sum()
}

/// An input of the plan.
#[derive(Debug)]
pub(super) struct Input {
    name: String,
    rows: String,
    sha256: String,
}

/// What stands before the rows.
#[derive(Debug, Template)]
#[template(path = "head.html")]
pub(super) struct Head {
    policy: String,
    style: &'static str,
    tenant: String,
    meta: Meta,
    summary: Summary,
    /// What a page that is served says of the moment.
    now: Option<Now>,
    rows: String,
    /// The outcomes that the page has, if it does not have all.
    only: Option<String>,
    /// How many rows the plan has, if they are too many for the page.
    left_out: Option<String>,
    inputs: Vec<Input>,
    has_requests: bool,
}

impl Head {
    pub(super) fn new(
        path: &Path,
        ledger: &Ledger,
        counts: &Counts,
        wanted: &Wanted<'_>,
        at: Timestamp,
        served: Option<Now>,
    ) -> Result<Self, Error> {
        let plan = ledger.plan();
        let service = plan.settings.service;
        let only = (!wanted.outcomes.is_empty()).then(|| {
            let words: Vec<&str> = OutcomeKind::ALL
                .into_iter()
                .filter(|&kind| wanted.has(kind))
                .map(OutcomeKind::as_str)
                .collect();
            words.join(", ")
        });
        Ok(Self {
            policy: policy(if served.is_some() { Page::Served } else { Page::Report }),
            style: STYLE,
            tenant: shown(&plan.settings.tenant).into_owned(),
            meta: Meta::new(path, ledger, at)?,
            summary: Summary::new(path, ledger, counts, wanted)?,
            rows: number(rows(counts, wanted)),
            only,
            left_out: (served.is_some() && rows(counts, wanted) > MOST_ROWS).then(|| number(rows(counts, wanted))),
            now: served,
            inputs: inputs(plan),
            has_requests: services::knows_request_ids(service),
        })
    }
}

fn inputs(plan: &Plan) -> Vec<Input> {
    plan.sources
        .iter()
        .map(|source| Input {
            name: shown(&source.name).into_owned(),
            rows: number(source.rows),
            sha256: source.sha256.clone(),
        })
        .collect()
}

/// An oddity of a reply.
#[derive(Debug)]
pub(super) struct Anomaly {
    kind: String,
    detail: String,
    batch: u64,
    request_id: String,
    trace_id: String,
    at: String,
}

/// What stands after the rows.
#[derive(Debug, Template)]
#[template(path = "tail.html")]
pub(super) struct Tail {
    script: &'static str,
    /// The script that keeps a served page up to date.
    live: Option<&'static str>,
    has_requests: bool,
    requests: Requests,
    anomalies: Vec<Anomaly>,
    anomaly_count: String,
    more_anomalies: String,
    runs: Vec<Run>,
    verifications: Vec<Verification>,
    service: String,
    tenant: String,
    base_url: String,
    token_url: Option<String>,
    digest: String,
    made_at: String,
    max_devices: String,
    uid_validation: &'static str,
    inputs: Vec<Input>,
    attempts: String,
}

impl Tail {
    pub(super) fn new(
        ledger: &Ledger,
        counts: &Counts,
        anomalies: &[AnomalyRecord],
        requests: Requests,
        page: Page,
    ) -> Result<Self, Error> {
        let plan = ledger.plan();
        let settings = &plan.settings;
        let has_requests = services::knows_request_ids(settings.service);
        let more = counts.anomalies.saturating_sub(anomalies.len() as u64);
        let place = [&settings.instance, &settings.region]
            .into_iter()
            .flatten()
            .map(|part| shown(part).into_owned());
        Ok(Self {
            script: SCRIPT,
            live: (page == Page::Served).then_some(LIVE),
            has_requests,
            requests,
            anomalies: anomalies.iter().map(|one| anomaly(one, has_requests)).collect(),
            anomaly_count: number(counts.anomalies),
            more_anomalies: if more > 0 { number(more) } else { String::new() },
            runs: runs(ledger)?,
            verifications: ledger.verifications()?.iter().map(Verification::of).collect(),
            service: std::iter::once(settings.service.to_string())
                .chain(place)
                .collect::<Vec<_>>()
                .join(", "),
            tenant: shown(&settings.tenant).into_owned(),
            base_url: shown(&settings.base_url).into_owned(),
            token_url: settings.token_url.as_deref().map(|url| shown(url).into_owned()),
            digest: plan.digest.clone(),
            made_at: readable(plan.created_at),
            max_devices: number(settings.max_devices),
            uid_validation: settings.uid_validation.as_str(),
            inputs: inputs(plan),
            attempts: number(counts.attempts),
        })
    }
}

fn anomaly(anomaly: &AnomalyRecord, has_requests: bool) -> Anomaly {
    Anomaly {
        kind: shown(&anomaly.kind).into_owned(),
        detail: shown(&anomaly.detail).into_owned(),
        batch: anomaly.batch,
        request_id: if has_requests {
            shown(&anomaly.request_id).into_owned()
        } else {
            String::new()
        },
        trace_id: anomaly.trace_id.as_deref().map(shown).unwrap_or_default().into_owned(),
        at: anomaly.at.map(readable).unwrap_or_default(),
    }
}
