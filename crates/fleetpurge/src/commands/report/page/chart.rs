//! The totals and the chart.

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Plan};

use super::numbers::{float, number, share};
use crate::rows::Wanted;
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

/// The outcomes, with or without devices.
pub(super) fn totals(plan: &Plan, counts: &Counts, wanted: &Wanted<'_>) -> Vec<Total> {
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
pub(super) fn parts(counts: &Counts) -> Vec<Part> {
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
pub(super) fn chart(counts: &Counts) -> String {
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
