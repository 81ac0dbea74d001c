//! The parts of the page, as the templates have them. Every text is as a person reads it; the templates escape the HTML.

use std::path::Path;

use askama::Template;
use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{AnomalyRecord, Counts, Error, Ledger, Plan, RunRecord};
use jiff::Timestamp;

use super::policy::{SCRIPT, STYLE, policy};
use super::support::Requests;
use super::time::readable;
use super::verification::Verification;
use crate::commands::apply::ending;
use crate::output::{counted, shown};
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

/// An outcome with its count.
#[derive(Debug)]
pub(super) struct Total {
    /// Its place among the outcomes, by which the script knows it.
    number: usize,
    word: &'static str,
    count: String,
    share: String,
    meaning: &'static str,
    is_none: bool,
    /// Whether rows of it are on the page.
    is_shown: bool,
}

/// A part of the chart's bar, in thousandths of its length.
#[derive(Debug)]
pub(super) struct Part {
    word: &'static str,
    x: String,
    width: String,
}

/// An input of the plan.
#[derive(Debug)]
pub(super) struct Input {
    name: String,
    rows: String,
    sha256: String,
}

/// Why devices have an outcome.
#[derive(Debug)]
pub(super) struct Why {
    word: &'static str,
    rows: String,
    detail: String,
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

/// How many reasons of an outcome are listed.
const REASONS: usize = 5;

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

/// What has become of the plan, in a sentence.
fn verdict(counts: &Counts) -> String {
    let to_send = counts.planned.saturating_sub(counts.skipped);
    if counts.attempts == 0 {
        return format!("Nothing was sent yet. The plan may send {}.", devices(to_send));
    }
    let mut text = if counts.scheduled == to_send {
        format!(
            "All {} that the plan may send are scheduled for deletion.",
            devices(to_send)
        )
    } else {
        format!(
            "{} of the {} that the plan may send are scheduled for deletion.",
            number(counts.scheduled),
            devices(to_send)
        )
    };
    if counts.unknown > 0 {
        text.push_str(&format!(
            " Of {} it is not known whether the service has acted.",
            devices(counts.unknown)
        ));
    }
    if counts.pending > 0 {
        text.push_str(&format!(" {} still pending.", devices_are(counts.pending)));
    }
    text
}

fn devices(count: u64) -> String {
    format!("{} {}", number(count), if count == 1 { "device" } else { "devices" })
}

fn devices_are(count: u64) -> String {
    format!("{} {}", devices(count), if count == 1 { "is" } else { "are" })
}

/// Who applied the plan, and when last.
fn by(runs: &[RunRecord]) -> String {
    let Some(last) = runs.last() else {
        return "Never applied".to_owned();
    };
    let mut names: Vec<String> = Vec::new();
    for run in runs {
        let name = format!("{} on {}", shown(&run.who), shown(&run.host));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(3);
    names.truncate(3);
    let mut text = format!("Applied by {}", names.join(", "));
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text.push_str(&format!(
        ", in {}, last {}",
        counted(runs.len() as u64, "run", "runs"),
        readable(last.started_at)
    ));
    text
}

fn totals(plan: &Plan, counts: &Counts, wanted: &Wanted<'_>) -> Vec<Total> {
    OutcomeKind::ALL
        .into_iter()
        .enumerate()
        .map(|(number_of, kind)| {
            let count = counts.of(kind);
            Total {
                number: number_of,
                word: kind.as_str(),
                count: number(count),
                share: share(count, counts.planned),
                meaning: services::meaning(plan.settings.service, kind),
                is_none: count == 0,
                is_shown: count > 0 && wanted.has(kind),
            }
        })
        .collect()
}

/// A bar of all rows, in which a part that has any row can be seen.
fn parts(counts: &Counts) -> Vec<Part> {
    const LENGTH: f64 = 1000.0;
    const LEAST: f64 = 4.0;
    let shares: Vec<(OutcomeKind, f64)> = OutcomeKind::ALL
        .into_iter()
        .map(|kind| (kind, counts.of(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| (kind, float(count).max(float(counts.planned) * LEAST / LENGTH)))
        .collect();
    let whole: f64 = shares.iter().map(|(_, share)| share).sum();
    let mut x = 0.0;
    shares
        .into_iter()
        .map(|(kind, share)| {
            let width = share / whole * LENGTH;
            let part = Part {
                word: kind.as_str(),
                x: format!("{x:.2}"),
                width: format!("{:.2}", (width - 1.5).max(1.0)),
            };
            x += width;
            part
        })
        .collect()
}

/// The chart in words, for who does not see it.
fn chart(counts: &Counts) -> String {
    let parts: Vec<String> = OutcomeKind::ALL
        .into_iter()
        .filter(|&kind| counts.of(kind) > 0)
        .map(|kind| {
            let count = counts.of(kind);
            format!("{kind} {} ({})", number(count), share(count, counts.planned))
        })
        .collect();
    format!("Outcomes of {} rows: {}", number(counts.planned), parts.join(", "))
}

fn share(count: u64, of: u64) -> String {
    if count == 0 || of == 0 {
        return "0 %".to_owned();
    }
    let percent = float(count) * 100.0 / float(of);
    match percent {
        _ if count == of => "100 %".to_owned(),
        ..0.1 => "< 0.1 %".to_owned(),
        99.9.. => "> 99.9 %".to_owned(),
        _ => format!("{percent:.1} %"),
    }
}

/// Exact up to 2^53, which is more rows than fit into a plan.
#[expect(clippy::cast_precision_loss, reason = "only lengths and shares are made of it")]
fn float(count: u64) -> f64 {
    count as f64
}

fn whys(ledger: &Ledger, counts: &Counts) -> Result<Vec<Why>, Error> {
    let mut whys = Vec::new();
    for kind in [
        OutcomeKind::Unknown,
        OutcomeKind::Failed,
        OutcomeKind::Rejected,
        OutcomeKind::Invalid,
    ] {
        if counts.of(kind) == 0 {
            continue;
        }
        let why = |rows, detail| Why {
            word: kind.as_str(),
            rows: number(rows),
            detail,
        };
        if kind == OutcomeKind::Unknown && ledger.in_flight() > 0 {
            whys.push(why(
                ledger.in_flight(),
                "sent, and no answer is recorded yet".to_owned(),
            ));
        }
        let reasons = ledger.reasons(kind)?;
        for reason in reasons.iter().take(REASONS) {
            let detail = reason.detail.as_deref().unwrap_or("no reason is recorded");
            whys.push(why(reason.rows, shown(detail).into_owned()));
        }
        let others: u64 = reasons.iter().skip(REASONS).map(|reason| reason.rows).sum();
        if others > 0 {
            whys.push(why(others, "other reasons".to_owned()));
        }
    }
    Ok(whys)
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

/// A count with its thousands apart, by a space that does not break.
pub(super) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_in_thousands() {
        for (count, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1\u{a0}000"),
            (1_234_567, "1\u{a0}234\u{a0}567"),
        ] {
            assert_eq!(number(count), expected);
        }
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_none() {
        for (count, of, expected) in [
            (0, 10, "0 %"),
            (1, 100_000, "< 0.1 %"),
            (99_999, 100_000, "> 99.9 %"),
            (10, 10, "100 %"),
            (1, 3, "33.3 %"),
        ] {
            assert_eq!(share(count, of), expected);
        }
    }

    #[test]
    fn one_row_of_a_million_is_seen_in_the_chart() {
        let counts = Counts {
            planned: 1_000_000,
            scheduled: 999_999,
            unknown: 1,
            ..Counts::default()
        };
        let parts = parts(&counts);
        assert_eq!(
            parts.iter().map(|part| part.word).collect::<Vec<_>>(),
            ["scheduled", "unknown"]
        );
        let ends: f64 = parts[1].x.parse::<f64>().unwrap() + parts[1].width.parse::<f64>().unwrap();
        assert!(
            ends <= 1000.0 && parts[1].width.parse::<f64>().unwrap() > 2.0,
            "{parts:?}"
        );
    }
}
