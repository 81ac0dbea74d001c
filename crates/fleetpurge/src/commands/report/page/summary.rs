//! What has become of a plan at a glance: the totals, the chart, and why devices were not scheduled.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Error, Ledger, Plan};

use super::number::{float, number, share};
use crate::commands::apply::ending;
use crate::output::shown;
use crate::rows::Wanted;
use crate::seen;
use crate::services;

/// An outcome with its count.
#[derive(Debug)]
pub(super) struct Total {
    /// Its place among the outcomes, by which the script knows it.
    pub(super) number: usize,
    pub(super) word: &'static str,
    pub(super) count: String,
    pub(super) share: String,
    pub(super) meaning: &'static str,
    pub(super) is_none: bool,
    /// Whether rows of it are on the page.
    pub(super) is_shown: bool,
}

/// A part of the chart's bar, in thousandths of its length.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) word: &'static str,
    pub(super) x: String,
    pub(super) width: String,
}

/// Why devices have an outcome.
#[derive(Debug)]
pub(super) struct Why {
    pub(super) word: &'static str,
    pub(super) rows: String,
    pub(super) detail: String,
}

/// What has become of a plan at a glance.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) verdict: String,
    pub(super) check: Option<String>,
    /// The latest verification.
    pub(super) verified: Option<String>,
    pub(super) totals: Vec<Total>,
    pub(super) parts: Vec<Part>,
    pub(super) chart: String,
    pub(super) planned: String,
    pub(super) whys: Vec<Why>,
}

/// How many reasons of an outcome are listed.
const REASONS: usize = 5;

impl Summary {
    pub(super) fn new(path: &Path, ledger: &Ledger, counts: &Counts, wanted: &Wanted<'_>) -> Result<Self, Error> {
        let plan = ledger.plan();
        let service = plan.settings.service;
        Ok(Self {
            verdict: verdict(counts),
            check: (counts.scheduled + counts.unknown > 0).then(|| shown(&ending::verify(service, path)).into_owned()),
            verified: ledger.verifications()?.last().map(seen::verification),
            totals: totals(plan, counts, wanted),
            parts: parts(counts),
            chart: chart(counts),
            planned: number(counts.planned),
            whys: whys(ledger, counts)?,
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

#[cfg(test)]
mod tests {
    use super::*;

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
