//! A plan and its counts as a person reads them, the same in every command.

use std::io::{self, Write};

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Plan, Service};
use jiff::Timestamp;

use crate::output::shown;
use crate::services::meaning;

/// Who is addressed, where, and what exactly was reviewed.
pub(crate) fn plan(out: &mut impl Write, plan: &Plan) -> io::Result<()> {
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
        let rows = crate::output::counted(source.rows, "row", "rows");
        line(
            out,
            "input",
            &format!("{}, {rows}, sha256 {}", shown(&source.name), source.sha256),
        )?;
    }
    line(out, "digest", &plan.digest)
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

/// How long ago that was: a plan that was made long ago may name devices that have come back.
pub(crate) fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    if seconds < 0 {
        return "in the future: check the clock".to_owned();
    }
    let (count, length) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {length}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

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
