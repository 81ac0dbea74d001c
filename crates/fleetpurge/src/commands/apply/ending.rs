//! The end of an `apply`: the counts, the exit code, and the next command.

use std::io::Write;
use std::path::Path;

use fleetpurge_engine::{ErrorKind, OutcomeKind, StopReason};
use fleetpurge_ledger::{Counts, Reason, Selected, Service};

use super::first::called;
use crate::args::ApplyArgs;
use crate::exit::{Exit, Standing};
use crate::failure::{Failure, sentence};
use crate::next;
use crate::output::{self, counted, shown};
use crate::plan_file;
use crate::services::{ask_support, check_permission, meaning};
use crate::summary;

/// What holds, of which the exit code tells one.
///
/// A database that could not be written to for a while is no fault of this machine.
pub(crate) fn standing(counts: &Counts, stopped: Option<&StopReason>, is_shared: bool) -> Standing {
    Standing {
        interrupted: matches!(stopped, Some(StopReason::Interrupted)),
        machine_error: match stopped {
            Some(StopReason::Journal(_) | StopReason::Source(_)) => !is_shared,
            Some(StopReason::Panicked) => true,
            _ => false,
        },
        pending: counts.pending > 0,
        unknown: counts.unknown > 0,
        bad: counts.invalid + counts.failed + counts.rejected > 0,
    }
}

/// Why devices did not end scheduled, the most frequent reasons first.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    unknown: Vec<Reason>,
    failed: Vec<Reason>,
    rejected: Vec<Reason>,
}

impl Reasons {
    pub(crate) fn of<E>(mut reasons: impl FnMut(OutcomeKind) -> Result<Vec<Reason>, E>) -> Result<Self, E> {
        Ok(Self {
            unknown: reasons(OutcomeKind::Unknown)?,
            failed: reasons(OutcomeKind::Failed)?,
            rejected: reasons(OutcomeKind::Rejected)?,
        })
    }
}

/// Tells the counts on stdout, and on stderr what is left to do.
pub(crate) fn tell(
    args: &ApplyArgs,
    service: Service,
    counts: &Counts,
    reasons: &Reasons,
    stopped: Option<&StopReason>,
    tried: Option<&Selected>,
) -> Result<Exit, Failure> {
    // The run is over and recorded: a reader that has gone away changes nothing about how it ended.
    let mut out = output::stdout();
    let _ = summary::counts(&mut out, service, counts).and_then(|()| out.flush());
    drop(out);
    let is_shared = plan_file::is_in_database(&args.plan);
    let exit = standing(counts, stopped, is_shared).exit();
    output::note("");
    if let Some(tried) = tried {
        output::note(&which(service, tried));
    }
    output::note(&paragraph(
        exit,
        service,
        counts,
        reasons,
        stopped,
        args.limit.map(Into::into),
    ));
    output::next_after(exit, &next_command(exit, service, args));
    Ok(exit)
}

/// Which device was tried: to be looked for in the inventory.
fn which(service: Service, device: &Selected) -> String {
    let called = called(service, &device.uid, &device.name);
    if device.name.trim().is_empty() {
        return format!("The device was {called} (row {}).", device.row);
    }
    format!(
        "The device was {called} ({} {}, row {}).",
        service.words().uid,
        shown(&device.uid),
        device.row
    )
}

/// What happened, and what was and was not deleted.
fn paragraph(
    exit: Exit,
    service: Service,
    counts: &Counts,
    reasons: &Reasons,
    stopped: Option<&StopReason>,
    limit: Option<u64>,
) -> String {
    let mut sentences = Vec::new();
    match (stopped, limit) {
        (Some(StopReason::Interrupted), _) => {
            sentences.push("Interrupted; every answer that came was recorded.".to_owned());
        }
        (Some(reason), _) => {
            sentences.push(format!("Stopped early: {}", sentence(&reason.to_string())));
            sentences.extend(advice(service, reason).map(str::to_owned));
        }
        (None, Some(limit)) if exit == Exit::STOPPED => {
            sentences.push(format!(
                "The limit of {} is reached.",
                counted(limit, "device", "devices")
            ));
        }
        (None, _) => {}
    }
    let of = |kind: OutcomeKind| counts.of(kind);
    if of(OutcomeKind::Scheduled) > 0 {
        sentences.push(format!(
            "{} scheduled, which is not yet deleted: the service deletes later, and {}.",
            counted(of(OutcomeKind::Scheduled), "device is", "devices are"),
            where_it_shows(service)
        ));
    } else {
        sentences.push("No device is scheduled for deletion.".to_owned());
    }
    if counts.pending > 0 {
        sentences.push(format!(
            "{} pending: not sent, or certainly not deleted; the same apply resumes with them.",
            counted(counts.pending, "device is", "devices are")
        ));
    }
    if let Some(unknown) = summary::unknown(counts.unknown, 0, &reasons.unknown) {
        sentences.push(unknown);
        sentences.push("Unknown devices are sent again only with --resend-unknown.".to_owned());
    }
    let bad: Vec<String> = [OutcomeKind::Invalid, OutcomeKind::Failed, OutcomeKind::Rejected]
        .into_iter()
        .filter(|&kind| of(kind) > 0)
        .map(|kind| format!("{} {kind}", of(kind)))
        .collect();
    if !bad.is_empty() {
        sentences.push(format!("Not deleted: {}.", bad.join(", ")));
        if of(OutcomeKind::Invalid) > 0 {
            sentences.push(format!(
                "{} invalid: {}.",
                of(OutcomeKind::Invalid),
                meaning(service, OutcomeKind::Invalid)
            ));
        }
        for (kind, reasons) in [
            (OutcomeKind::Failed, &reasons.failed),
            (OutcomeKind::Rejected, &reasons.rejected),
        ] {
            sentences.extend(summary::why(kind, of(kind), reasons));
        }
    }
    sentences.join(" ")
}

/// What to look at before the same command is typed again.
fn advice(service: Service, reason: &StopReason) -> Option<&'static str> {
    match reason {
        StopReason::Refused { trail, .. } if matches!(trail.status, Some(401 | 403)) => Some(check_permission(service)),
        StopReason::Refused {
            kind: ErrorKind::Certificate,
            ..
        } => Some("Check the URL, this machine's clock and its trusted certificates."),
        StopReason::Refused { trail, .. } if trail.code.as_deref() == Some("EMPTY_TENANT") => {
            Some("The service does not know whose devices are meant: check that the credentials are of this tenant.")
        }
        StopReason::Refused { trail, .. } if matches!(trail.status, Some(400 | 402 | 406..)) => {
            Some(ask_support(service))
        }
        StopReason::Refused { .. } => Some("Check that the address is that of the API."),
        StopReason::Unreachable { .. } => Some("Check the address, the network and the proxy settings."),
        StopReason::WaitTooLong { .. } | StopReason::OnlyThrottled { .. } => {
            Some("Run it again later, or allow a longer wait with --max-wait.")
        }
        StopReason::Ambiguous { .. } => Some("Find out what is wrong with the service before going on."),
        StopReason::Journal(_) => Some("Check the disk, or the database, of the plan."),
        StopReason::RefusesEverything(_) => {
            Some("Check the list: whether its devices are of this tenant, and its uids of the right column.")
        }
        StopReason::FailsEverything(_) => Some(ask_support(service)),
        _ => None,
    }
}

/// Where it can be seen that a scheduled or an unknown device is gone.
const fn where_it_shows(service: Service) -> &'static str {
    match service {
        Service::Nexthink => "only a fresh export shows that a device is gone",
        Service::Ubidots => "only the account shows that a device is gone",
    }
}

fn next_command(exit: Exit, service: Service, args: &ApplyArgs) -> String {
    match exit {
        Exit::DONE | Exit::SOME_UNKNOWN => verify(service, &args.plan),
        Exit::SOME_BAD => next::over("report", &args.plan, &[]),
        Exit::ERROR => next::over("status", &args.plan, &[]),
        _ => resume(args),
    }
}

/// The command that looks whether devices are gone, in the form that the service allows.
pub(crate) fn verify(service: Service, plan: &Path) -> String {
    match service {
        Service::Nexthink => next::over("verify", plan, &["--inventory", "FRESH_EXPORT"]),
        Service::Ubidots => next::over("verify", plan, &["--live"]),
    }
}

/// The command that goes on with the plan. What it may send is asked anew; a backup that was required still is.
pub(crate) fn resume(args: &ApplyArgs) -> String {
    let file = args
        .credentials
        .client_secret_file
        .as_ref()
        .map(|file| next::argument(file));
    let mut flags = Vec::new();
    if args.require_backup {
        flags.push("--require-backup");
    }
    for (flag, value) in [
        ("--client-secret-file", file.as_deref()),
        (
            "--client-secret-command",
            args.credentials.client_secret_command.as_deref(),
        ),
        ("--profile", args.profile.profile.as_deref()),
    ] {
        flags.extend(value.into_iter().flat_map(|value| [flag, value]));
    }
    next::over("apply", &args.plan, &flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Counts = Counts {
        planned: 10,
        skipped: 1,
        scheduled: 3,
        invalid: 1,
        failed: 1,
        rejected: 1,
        unknown: 1,
        pending: 2,
        attempts: 4,
        anomalies: 0,
    };

    #[test]
    fn why_a_run_stopped_and_what_is_left_say_how_it_exits() {
        let clean = Counts {
            planned: 3,
            scheduled: 3,
            ..Counts::default()
        };
        let table = [
            (COUNTS, Some(StopReason::Interrupted), 130),
            (COUNTS, Some(StopReason::Journal("full".into())), 1),
            (COUNTS, Some(StopReason::FailsEverything(5)), 5),
            (COUNTS, None, 5),
            (Counts { pending: 0, ..COUNTS }, None, 4),
            (
                Counts {
                    pending: 0,
                    unknown: 0,
                    ..COUNTS
                },
                None,
                3,
            ),
            (clean, None, 0),
            (clean, Some(StopReason::Interrupted), 130),
            (clean, Some(StopReason::FailsEverything(5)), 0),
        ];
        for (counts, stopped, expected) in table {
            assert_eq!(
                standing(&counts, stopped.as_ref(), false).exit().code(),
                expected,
                "{stopped:?}"
            );
        }
    }

    #[test]
    fn the_last_words_say_what_was_and_was_not_deleted() {
        let because = |detail: &str| {
            vec![Reason {
                detail: Some(detail.to_owned()),
                rows: 1,
            }]
        };
        let reasons = Reasons {
            unknown: because("no answer came within 30 s"),
            failed: because("the service said FAILED"),
            rejected: because("the name is too long"),
        };
        assert_eq!(
            paragraph(Exit::STOPPED, Service::Nexthink, &COUNTS, &reasons, None, Some(3)),
            "The limit of 3 devices is reached. 3 devices are scheduled, which is not yet deleted: the service deletes \
             later, and only a fresh export shows that a device is gone. 2 devices are pending: not sent, or certainly not deleted; the same apply resumes with them. 1 device is unknown: the service may or may not have deleted it. 1 of them: no answer came within 30 s. Unknown devices are sent again only with --resend-unknown. Not \
             deleted: 1 invalid, 1 failed, 1 rejected. 1 invalid: the service reported the uid as malformed. 1 failed: the service said FAILED. 1 rejected: the name is too \
             long."
        );
    }
}
