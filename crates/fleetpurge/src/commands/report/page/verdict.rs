//! What has become of the plan, and who applied it, in sentences.

use fleetpurge_ledger::{Counts, RunRecord};

use super::numbers::number;
use super::time::readable;
use crate::output::{counted, shown};

/// What has become of the plan, in a sentence.
pub(super) fn verdict(counts: &Counts) -> String {
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
pub(super) fn by(runs: &[RunRecord]) -> String {
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
