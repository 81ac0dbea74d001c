//! What stands after the rows. Every text is as a person reads it; the template escapes the HTML.

use askama::Template;
use fleetpurge_ledger::{AnomalyRecord, Counts, Error, Ledger, RunRecord};

use super::input::{Input, inputs};
use super::numbers::number;
use super::policy::SCRIPT;
use super::support::Requests;
use super::time::readable;
use super::verification::Verification;
use crate::output::shown;
use crate::services;

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

/// A run over the plan.
#[derive(Debug)]
pub(super) struct Run {
    number: u64,
    who: String,
    host: String,
    begun: String,
    ended: String,
    exit: String,
    reason: String,
    confirmation: String,
    version: String,
}

/// What stands after the rows.
#[derive(Debug, Template)]
#[template(path = "tail.html")]
pub(super) struct Tail {
    script: &'static str,
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
            has_requests,
            requests,
            anomalies: anomalies.iter().map(|one| anomaly(one, has_requests)).collect(),
            anomaly_count: number(counts.anomalies),
            more_anomalies: if more > 0 { number(more) } else { String::new() },
            runs: ledger.runs()?.iter().map(run).collect(),
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

fn run(run: &RunRecord) -> Run {
    Run {
        number: run.run,
        who: shown(&run.who).into_owned(),
        host: shown(&run.host).into_owned(),
        begun: readable(run.started_at),
        ended: run.ended_at.map_or_else(|| "no end is recorded".to_owned(), readable),
        exit: run.exit.map(|exit| exit.to_string()).unwrap_or_default(),
        reason: run.stop_reason.as_deref().map(shown).unwrap_or_default().into_owned(),
        confirmation: shown(&run.confirmation).into_owned(),
        version: shown(&run.version).into_owned(),
    }
}
