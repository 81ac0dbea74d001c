//! What a person reads before a plan is applied, and while it is.

use std::path::Path;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Plan, Selection};

use super::ending;
use crate::args::ApplyArgs;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING, chain, sentence};
use crate::next;
use crate::output::{self, counted};
use crate::rehearsal;
use crate::services::{Error as ClientError, ErrorKind, Tenant};
use crate::summary::{self, Digests};

/// The run was asked to end before it had sent anything.
pub(super) fn interrupted(args: &ApplyArgs) -> Failure {
    Failure::new(Exit::INTERRUPTED, "interrupted", SENT_NOTHING, ending::resume(args))
}

pub(super) fn of_machine(error: &std::io::Error) -> Failure {
    Failure::new(Exit::ERROR, error.to_string(), SENT_NOTHING, next::instead())
}

/// Both hosts, the digest and the plan's age, before anything is asked or sent.
pub(super) fn introduce(path: &Path, plan: &Plan, counts: &Counts, count: u64, digests: Digests) {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = summary::plan(&mut text, plan, digests);
    output::note(&format!(
        "Plan {}, made {} ({})",
        path.display(),
        summary::age(plan.created_at, rehearsal::now()),
        plan.created_at
    ));
    output::note(String::from_utf8_lossy(&text).trim_end());
    output::note(&so_far(counts, count));
}

/// What this apply may send, and what earlier ones have come to. The unknown are always named: nobody else tells that
/// devices are neither scheduled nor sent again.
pub(super) fn so_far(counts: &Counts, count: u64) -> String {
    let mut others = String::new();
    for kind in [OutcomeKind::Invalid, OutcomeKind::Failed, OutcomeKind::Rejected] {
        if counts.of(kind) > 0 {
            others.push_str(&format!(", {} {kind}", counts.of(kind)));
        }
    }
    format!(
        "This apply may send {}: {} of {} pending; so far {} scheduled, {} unknown{others}",
        counted(count, "device", "devices"),
        counts.pending,
        counted(counts.planned, "row is", "rows are"),
        counts.scheduled,
        counts.unknown
    )
}

/// The warning for a person who sends unknown devices again.
pub(super) fn resent(selection: &Selection, counts: &Counts) -> Option<String> {
    let limit = selection.limit.unwrap_or(u64::MAX);
    if !selection.resend_unknown || counts.unknown == 0 {
        return None;
    }
    let many = match limit {
        limit
            if limit
                < Selection {
                    limit: None,
                    ..*selection
                }
                .count(counts) =>
        {
            format!("At most {}", counts.unknown.min(limit))
        }
        _ => counts.unknown.to_string(),
    };
    Some(format!(
        "{many} of them are unknown: the service may have deleted them already, and is asked to delete each of them \
         again."
    ))
}

/// The last words of a run that does not wait for its answers.
pub(super) fn stopped_at_once(in_flight: u64) -> String {
    match in_flight {
        0 => "Stopped immediately. The plan is intact; no request was open, so 0 devices in flight are unknown."
            .to_owned(),
        devices => format!(
            "Stopped immediately. The plan is intact; {} unknown: the service may or may not have deleted them.",
            counted(devices, "device in flight is", "devices in flight are")
        ),
    }
}

/// The client could not be set up, or could not log in.
pub(super) fn not_started(error: &ClientError, tenant: &Tenant) -> Failure {
    let advice = match error.status() {
        Some(200..=399) => "Check that this is the address of the token endpoint.",
        Some(500..) if error.kind() != ErrorKind::Throttled => "Run it again later.",
        _ => tenant.advice(error.kind()),
    };
    let from = tenant.token_url.as_deref().unwrap_or(&tenant.base_url);
    Failure::new(
        Exit::ERROR,
        format!("no token from {from}: {} {advice}", sentence(&chain(error))),
        SENT_NOTHING,
        next::instead(),
    )
}
