//! `apply`: sends exactly what a plan holds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::event::{Event, Input};
use fleetpurge_engine::patience::when_allowed;
use fleetpurge_engine::{OutcomeKind, Policy, Rate, RunOptions, SourceError, StopHandle, StopReason};
use fleetpurge_ledger::{
    ApplyLedger, Counts, Error as LedgerError, ErrorKind as LedgerErrorKind, Holder, Ledger, Plan, Retry, Run, RunEnd,
    RunInfo, Selection, Service,
};
use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::json;

use crate::args::{ApplyArgs, RetryKind};
use crate::backup::{self, check::Wanted};
use crate::commands::apply_disturbed::Disturbed;
use crate::commands::apply_end;
use crate::confirm::Question;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING, chain, sentence};
use crate::in_flight::{Counted, InFlight};
use crate::next;
use crate::output::{self, counted};
use crate::plan_file;
use crate::progress::Progress;
use crate::rehearsal;
use crate::services::{Applies, Client, Credentials, Error as ClientError, Tenant};
use crate::signals::{self, Signals};
use crate::summary;
use crate::tally::Tally;

pub(crate) fn run(args: &ApplyArgs) -> Result<Exit, Failure> {
    execute(args, |tenant| Credentials::find(tenant.service, args))
}

/// The whole of it, with the credentials asked for once the plan and its confirmation allow a run.
pub(crate) fn execute(
    args: &ApplyArgs,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    let ledger = Ledger::open_for_apply(&args.plan, holder()).map_err(at_plan)?;
    let tenant = address(args, ledger.plan())?;
    let selection = selection(args);
    let counts = ledger.counts().map_err(at_plan)?;
    let count = ledger.selected_count(&selection).map_err(at_plan)?;
    introduce(&args.plan, ledger.plan(), &counts, count);
    if count == 0 {
        output::note("There is nothing to send.");
        let reasons = ledger.reasons(OutcomeKind::Unknown).map_err(at_plan)?;
        return apply_end::tell(args, tenant.service, &counts, &reasons, None);
    }
    if args.require_backup {
        let wanted = Wanted {
            selection: &selection,
            count,
            accept_missing: args.accept_missing,
        };
        let backup = backup::check::require(&args.plan, ledger.plan(), &wanted)?;
        output::note(&backup.told());
    }
    let resent = resent(&selection, &counts);
    let question = Question {
        tenant: &tenant.name,
        count,
        whole: (selection == Selection::default()).then(|| ledger.plan().to_send()),
        unknown: resent.as_deref(),
        given: args.confirm.as_deref(),
    };
    // A missing confirmation is told before missing credentials; a person is asked once everything else is there.
    let confirmed = question.without_asking()?;
    if let (Some(_), Some(resent)) = (&confirmed, &resent) {
        output::note(resent);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| of_machine(&error))?;
    // From here on no signal goes unheard, between the answer and the first request either.
    let mut signals = {
        let _within = runtime.enter();
        Signals::new().map_err(|error| of_machine(&error))?
    };
    let credentials = credentials(&tenant);
    // A command that prints the secret may ask for one itself, and Ctrl-C there ends this command too.
    if signals.were_heard(&runtime) {
        return Err(interrupted(args));
    }
    let credentials = credentials?;
    let confirmation = match confirmed {
        Some(confirmation) => confirmation,
        None => question.ask(|| {
            signals.line(&runtime).ok_or_else(|| {
                // What was typed, if only ^C, stands on the line of the prompt.
                output::note("");
                interrupted(args)
            })
        })?,
    };
    let client = tenant
        .client(credentials, Duration::from_secs(args.timeout))
        .map_err(|error| not_started(&error, &tenant))?;
    let sending = Sending {
        args,
        tenant: &tenant,
        selection,
        count,
        confirmation,
        signals,
    };
    match client {
        Client::Nexthink(client) => runtime.block_on(send(sending, ledger, client)),
        Client::Ubidots(client) => runtime.block_on(send(sending, ledger, client)),
    }
}

/// What is sent, and who wants it.
struct Sending<'a> {
    args: &'a ApplyArgs,
    tenant: &'a Tenant,
    selection: Selection,
    count: u64,
    confirmation: String,
    signals: Signals,
}

/// Which devices are sent, and where it is counted how far they are.
struct Devices<'a> {
    selection: Selection,
    in_flight: InFlight,
    progress: &'a Progress,
}

/// Logs in, then runs the engine over the plan's devices and writes the end down.
async fn send(sending: Sending<'_>, ledger: ApplyLedger, client: impl Applies) -> Result<Exit, Failure> {
    let Sending {
        args,
        tenant,
        selection,
        count,
        confirmation,
        signals,
    } = sending;
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    let progress = Arc::new(Progress::devices(count));
    let stop = StopHandle::new();
    let in_flight = InFlight::default();
    let asked = {
        let flying = in_flight.clone();
        let (stop, progress, resume) = (stop.clone(), Arc::clone(&progress), apply_end::resume(args));
        let first = move || {
            stop.stop();
            progress.note(
                "Interrupted: nothing more is sent, requests in flight finish and are recorded. Press Ctrl-C again \
                 to stop immediately.",
            );
        };
        let second = move || {
            output::note(&stopped_at_once(flying.devices()));
            output::next_after(Exit::INTERRUPTED, &resume);
        };
        signals.listen(first, second)
    };
    // A token endpoint that asks to wait is waited for, as the API is within the run.
    let policy = policy(args);
    let login = when_allowed(
        &policy,
        async || client.authenticate().await,
        ClientError::disposition,
        |wait| {
            let what = wait.detail.as_deref().unwrap_or(wait.reason.as_str());
            progress.note(&format!("Waiting {} s: {}", seconds(wait.length), sentence(what)));
        },
    );
    match signals::unless_asked(asked, login).await {
        None => {
            progress.finish();
            return Err(interrupted(args));
        }
        Some(Err(error)) => {
            progress.finish();
            return Err(not_started(&error, tenant));
        }
        Some(Ok(())) => {}
    }
    let run = ledger.begin_run(info(args, confirmation)).map_err(at_plan)?;
    let devices = Devices {
        selection,
        in_flight,
        progress: &progress,
    };
    let (stopped, tally) = drive(args, &run, client, devices, stop).await;
    progress.finish();
    end(args, tenant.service, run, stopped.as_ref(), tally)
}

/// The run was asked to end before it had sent anything.
fn interrupted(args: &ApplyArgs) -> Failure {
    Failure::new(Exit::INTERRUPTED, "interrupted", SENT_NOTHING, apply_end::resume(args))
}

fn of_machine(error: &std::io::Error) -> Failure {
    Failure::new(Exit::ERROR, error.to_string(), SENT_NOTHING, next::instead())
}

/// Whole seconds, rounded up.
fn seconds(length: Duration) -> u128 {
    length.as_millis().div_ceil(1_000)
}

fn policy(args: &ApplyArgs) -> Policy {
    Policy::default().max_wait(Duration::from_secs(args.max_wait))
}

/// Runs the engine to its end and says why it stopped early, if it did, and what the run came to.
async fn drive<C: Applies>(
    args: &ApplyArgs,
    run: &Run,
    client: C,
    devices: Devices<'_>,
    stop: StopHandle,
) -> (Option<StopReason>, Tally) {
    let Devices {
        selection,
        in_flight,
        progress,
    } = devices;
    let source_failed = |error: LedgerError| (Some(StopReason::Source(chain(&error))), Tally::default());
    let devices = match run
        .select(&selection)
        .and_then(fleetpurge_ledger::SelectedRows::into_stream)
    {
        Ok(devices) => devices,
        Err(error) => return source_failed(error),
    };
    let devices = devices.map(|selected| {
        let selected = selected.map_err(|error| SourceError(Box::new(error)))?;
        let device = C::device(selected.uid, selected.name).map_err(|error| SourceError(Box::new(error)))?;
        Ok(Input {
            earlier: selected.earlier,
            ..Input::send(selected.row, device)
        })
    });
    let options = RunOptions {
        concurrency: args.concurrency,
        rate: args.rate,
        policy: policy(args),
        ..RunOptions::default()
    };
    let journal = Counted {
        journal: run.journal(),
        in_flight,
    };
    let mut engine = fleetpurge_engine::run(Arc::new(client), Arc::new(journal), devices, &options, stop);
    let mut tally = Tally::default();
    while let Some(event) = engine.events.recv().await {
        match event {
            Event::Done(done) => {
                progress.advance(done.len() as u64);
                done.iter().for_each(|device| tally.count(device.outcome.kind));
                progress.message(tally.text());
            }
            Event::Waiting(wait) => progress.waiting_until(wait.until.into_std()),
            _ => {}
        }
    }
    let stopped = match engine.end.await {
        Ok(end) => end.stopped,
        Err(_) => Some(StopReason::Panicked),
    };
    (stopped, tally)
}

/// Writes the end down and tells it.
fn end(
    args: &ApplyArgs,
    service: Service,
    run: Run,
    stopped: Option<&StopReason>,
    tally: Tally,
) -> Result<Exit, Failure> {
    let failed = |error: LedgerError| {
        plan_file::after(
            &error,
            &args.plan,
            "The end of this run could not be recorded; earlier records are kept, and the same command resumes from \
             there.",
        )
    };
    let exit = match run.counts() {
        Ok(counts) => apply_end::standing(&counts, stopped).exit(),
        // The outcome of the records is told once they are closed.
        Err(error) if error.kind() == LedgerErrorKind::Moved => Exit::ERROR,
        Err(error) => return Err(failed(error)),
    };
    // To know why is no condition for writing the end down.
    let reasons = run.reasons(OutcomeKind::Unknown).unwrap_or_default();
    let ended = run
        .end(RunEnd {
            exit: exit.code(),
            stop_reason: stopped.map(ToString::to_string),
        })
        .map_err(failed)?;
    if let Some(disturbance) = &ended.disturbance {
        let found = Disturbed {
            plan: &args.plan,
            service,
            counts: &ended.counts,
            disturbance,
            resume: apply_end::resume(args),
            this_run: &tally.text(),
        };
        return Err(found.tell(stopped));
    }
    if !ended.single_file {
        output::note("Another program reads the plan: keep the file that ends in -wal beside it until the next apply.");
    }
    apply_end::tell(args, service, &ended.counts, &reasons, stopped)
}

/// Where the plan leads, unless it leads somewhere that has to be confirmed.
fn address(args: &ApplyArgs, plan: &Plan) -> Result<Tenant, Failure> {
    let refused = |why: &str, next: String| Failure::new(Exit::REFUSED, why, SENT_NOTHING, next);
    let tenant = Tenant::of(&plan.settings).map_err(|why| refused(&why, "fleetpurge plan --help".to_owned()))?;
    match (&args.token_url, tenant.token_url.as_deref()) {
        (Some(given), Some(url)) if given != url => Err(refused(
            &format!(
                "--token-url {given} is not the plan's, which is {url}; a plan is applied exactly or not at all, so \
                 plan \
                 again for another token endpoint"
            ),
            "fleetpurge plan --help".to_owned(),
        )),
        (None, Some(url)) if tenant.token_host_is_foreign() => Err(refused(
            &format!(
                "the plan sends the credentials to {url}, a host that is neither the instance's nor that of the base \
                 URL; check who owns it, and repeat it with --token-url only if it is correct"
            ),
            next::over("status", &args.plan, &[]),
        )),
        _ => Ok(tenant),
    }
}

fn selection(args: &ApplyArgs) -> Selection {
    Selection {
        retry: Retry {
            failed: args.retry.contains(&RetryKind::Failed),
            rejected: args.retry.contains(&RetryKind::Rejected),
        },
        resend_unknown: args.resend_unknown,
        limit: args.limit.map(Into::into),
    }
}

/// What the run is, for the record. Nothing in it is a secret.
fn info(args: &ApplyArgs, confirmation: String) -> RunInfo {
    let retry: Vec<&str> = args.retry.iter().map(|kind| kind.as_str()).collect();
    let options = json!({
        "concurrency": args.concurrency,
        "rate": args.rate.map(Rate::get),
        "timeout": args.timeout,
        "max_wait": args.max_wait,
        "limit": args.limit,
        "retry": retry,
        "resend_unknown": args.resend_unknown,
        "require_backup": args.require_backup,
        "accept_missing": args.accept_missing,
    });
    RunInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        confirmation,
        options: options.to_string(),
        ..rehearsal::run_info()
    }
}

/// Both hosts, the digest and the plan's age, before anything is asked or sent.
fn introduce(path: &Path, plan: &Plan, counts: &Counts, count: u64) {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = summary::plan(&mut text, plan);
    output::note(&format!(
        "Plan {}, made {} ({})",
        path.display(),
        summary::age(plan.created_at, Timestamp::now()),
        plan.created_at
    ));
    output::note(String::from_utf8_lossy(&text).trim_end());
    output::note(&so_far(counts, count));
}

/// What this apply may send, and what earlier ones have come to. The unknown are always named: nobody else tells that
/// devices are neither scheduled nor sent again.
fn so_far(counts: &Counts, count: u64) -> String {
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

/// What a person is told who sends unknown devices again.
fn resent(selection: &Selection, counts: &Counts) -> Option<String> {
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
fn stopped_at_once(in_flight: u64) -> String {
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
fn not_started(error: &ClientError, tenant: &Tenant) -> Failure {
    let advice = tenant.advice(error.kind());
    let from = tenant.token_url.as_deref().unwrap_or(&tenant.base_url);
    Failure::new(
        Exit::ERROR,
        format!("no token from {from}: {} {advice}", sentence(&chain(error))),
        SENT_NOTHING,
        next::instead(),
    )
}

/// Who runs this, for the lock and the record.
fn holder() -> Holder {
    let who = ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned());
    Holder {
        who,
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        pid: std::process::id(),
    }
}
