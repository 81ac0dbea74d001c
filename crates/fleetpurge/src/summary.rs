//! Prints a plan and its counts, in the same form for every command.

use std::io::{self, Write};

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Plan, Reason, Service};
use jiff::{SignedDuration, Timestamp};

use crate::failure::sentence;
use crate::output::{counted, shown};
use crate::services::meaning;

/// How much of a digest is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digests {
    Whole,
    /// Enough to compare by eye.
    Short,
}

impl Digests {
    /// How many digits are enough to compare by eye.
    const SHORT: usize = 12;

    fn of(self, digest: &str) -> &str {
        match self {
            Self::Whole => digest,
            Self::Short => digest.get(..Self::SHORT).unwrap_or(digest),
        }
    }
}

/// Who is addressed, where, and what exactly was reviewed.
pub(crate) fn plan(out: &mut impl Write, plan: &Plan, digests: Digests) -> io::Result<()> {
    let settings = &plan.settings;
    let place = match (&settings.instance, &settings.region) {
        (Some(instance), Some(region)) => format!("{}, instance {instance}, region {region}", settings.service),
        (Some(instance), None) => format!("{}, instance {instance}", settings.service),
        _ => settings.service.to_string(),
    };
    line(
        out,
        "tenant",
        &format!("{} ({})", shown(&settings.tenant), shown(&place)),
    )?;
    line(out, "deletions", &shown(&settings.base_url))?;
    if let Some(token_url) = &settings.token_url {
        line(out, "token", &shown(token_url))?;
    }
    for source in &plan.sources {
        let rows = counted(source.rows, "row", "rows");
        line(
            out,
            "input",
            &format!("{}, {rows}, sha256 {}", shown(&source.name), digests.of(&source.sha256)),
        )?;
    }
    line(out, "digest", digests.of(&plan.digest))
}

fn line(out: &mut impl Write, label: &str, value: &str) -> io::Result<()> {
    writeln!(out, "{label:<11} {value}")
}

/// The counts, every outcome with its meaning.
pub(crate) fn counts(out: &mut impl Write, service: Service, counts: &Counts) -> io::Result<()> {
    writeln!(out, "{:<11} {:>9}", "rows", counts.planned)?;
    for kind in OutcomeKind::ALL {
        let meaning = meaning(service, kind);
        writeln!(out, "{:<11} {:>9}  {meaning}", kind.as_str(), counts.of(kind))?;
    }
    writeln!(out, "{:<11} {:>9}", "attempts", counts.attempts)?;
    writeln!(out, "{:<11} {:>9}", "anomalies", counts.anomalies)
}

/// How many reasons are printed.
const REASONS: usize = 3;

/// The longest part of a reason that is printed. All of it is in the report.
const REASON_CHARS: usize = 200;

/// How many are unknown, what that means, and why they are: a paragraph, where there are any. Of so many no answer is
/// recorded.
pub(crate) fn unknown(count: u64, in_flight: u64, reasons: &[Reason]) -> Option<String> {
    if count == 0 {
        return None;
    }
    let mut text = format!(
        "{} unknown: the service may or may not have deleted {}.",
        counted(count, "device is", "devices are"),
        if count == 1 { "it" } else { "them" }
    );
    let mut others = count.saturating_sub(in_flight);
    if in_flight > 0 {
        text.push_str(&format!(" {in_flight} of them: no answer is recorded."));
    }
    for reason in reasons.iter().take(REASONS) {
        if let Some(detail) = &reason.detail {
            others = others.saturating_sub(reason.rows);
            text.push_str(&format!(" {} of them: {}", reason.rows, sentence(&shown(&cut(detail)))));
        }
    }
    if others > 0 && others < count {
        text.push_str(&format!(" {others} of them: for other reasons."));
    }
    Some(text)
}

/// Why devices have this outcome: how many for each of the most frequent reasons. `None` if no reason is known.
pub(crate) fn why(kind: OutcomeKind, count: u64, reasons: &[Reason]) -> Option<String> {
    let mut others = count;
    let mut told = Vec::new();
    for reason in reasons.iter().take(REASONS) {
        if let Some(detail) = &reason.detail {
            others = others.saturating_sub(reason.rows);
            told.push(format!("{} {kind}: {}", reason.rows, sentence(&shown(&cut(detail)))));
        }
    }
    if others > 0 && others < count {
        told.push(format!("{others} {kind}: for other reasons."));
    }
    (!told.is_empty()).then(|| told.join(" "))
}

/// The part of a reason that is printed.
fn cut(detail: &str) -> String {
    let mut short: String = detail.chars().take(REASON_CHARS).collect();
    if short.len() < detail.len() {
        short.push('…');
    }
    short
}

/// How long ago that was: a plan that was made long ago may name devices that have come back.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(then);
    if age.as_secs() < 0 {
        return "in the future: check the clock".to_owned();
    }
    format!("{} ago", length(age))
}

/// A length of time in its largest unit.
pub(crate) fn length(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unknown_are_told_with_their_most_frequent_reasons() {
        let reason = |detail: &str, rows| Reason {
            detail: (!detail.is_empty()).then(|| detail.to_owned()),
            rows,
        };
        assert_eq!(unknown(0, 0, &[]), None);
        assert_eq!(
            unknown(1, 0, &[reason("HTTP 500", 1)]).unwrap(),
            "1 device is unknown: the service may or may not have deleted it. 1 of them: HTTP 500."
        );
        let many = [
            reason("a", 9),
            reason("b\u{1b}", 5),
            reason("", 3),
            reason("d", 2),
            reason("e", 1),
        ];
        assert_eq!(
            unknown(20, 0, &many).unwrap(),
            "20 devices are unknown: the service may or may not have deleted them. 9 of them: a. 5 of them: \
             b\\u{1b}. 6 of them: for other reasons."
        );
        assert_eq!(
            unknown(5, 3, &[reason("HTTP 500", 2)]).unwrap(),
            "5 devices are unknown: the service may or may not have deleted them. 3 of them: no answer is \
             recorded. 2 of them: HTTP 500."
        );
        let long = unknown(2, 0, &[reason(&"x".repeat(500), 2)]).unwrap();
        assert!(long.ends_with("x\u{2026}.") && long.len() < 400, "{long}");
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let then = Timestamp::UNIX_EPOCH;
        let table = [
            (0, "0 seconds ago"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (60, "1 minute ago"),
            (7_300, "2 hours ago"),
            (86_400 * 3, "3 days ago"),
            (-5, "in the future: check the clock"),
        ];
        for (seconds, expected) in table {
            let now = Timestamp::from_second(seconds).unwrap();
            assert_eq!(age(then, now), expected);
        }
    }
}
