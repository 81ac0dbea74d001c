//! `apply`: sends exactly what a plan holds.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::patience::when_allowed;
use fleetpurge_engine::run::{Event, Input};
use fleetpurge_engine::{OutcomeKind, Policy, Rate, RunOptions, SourceError, StopHandle, StopReason};
use fleetpurge_ledger::{
    ApplyLedger, Counts, Error as LedgerError, Holder, Ledger, Plan, Retry, Run, RunEnd, RunInfo, Selection, Service,
};
use futures_util::StreamExt;
use jiff::Timestamp;
use serde_json::json;

use crate::args::{ApplyArgs, RetryKind};
use crate::backup;
use crate::commands::apply_end;
use crate::confirm::Question;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING, chain, sentence};
use crate::next;
use crate::output::{self, counted};
use crate::plan_file;
use crate::progress::Progress;
use crate::rehearsal;
use crate::services::{Applies, Client, Credentials, Error as ClientError, Tenant};
use crate::signals;
use crate::summary;

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
        return apply_end::tell(&args.plan, tenant.service, &counts, None, None);
    }
    if args.require_backup {
        let backup = backup::check::require(&args.plan, ledger.plan(), &selection, count)?;
        output::note(&backup.told());
    }
    let question = Question {
        tenant: &tenant.name,
        count,
        whole: (selection == Selection::default()).then(|| ledger.plan().to_send()),
        given: args.confirm.as_deref(),
    };
    // A missing confirmation is told before missing credentials; a person is asked once everything else is there.
    let confirmed = question.without_asking()?;
    let credentials = credentials(&tenant)?;
    let confirmation = match confirmed {
        Some(confirmation) => confirmation,
        None => question.ask()?,
    };
    let client = tenant
        .client(credentials, Duration::from_secs(args.timeout))
        .map_err(|error| not_started(&error, &tenant))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::ERROR, error.to_string(), SENT_NOTHING, next::same_command()))?;
    let sending = Sending {
        args,
        tenant: &tenant,
        selection,
        count,
        confirmation,
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
}

/// Logs in, then runs the engine over the plan's devices and writes the end down.
async fn send(sending: Sending<'_>, ledger: ApplyLedger, client: impl Applies) -> Result<Exit, Failure> {
    let Sending {
        args,
        tenant,
        selection,
        count,
        confirmation,
    } = sending;
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    let progress = Arc::new(Progress::devices(count));
    let stop = StopHandle::new();
    let asked = {
        let (stop, progress, resume) = (stop.clone(), Arc::clone(&progress), resume(&args.plan));
        let first = move || {
            stop.stop();
            progress.note(
                "Interrupted: nothing more is sent, requests in flight finish and are recorded. Once more stops at once.",
            );
        };
        let second = move || {
            output::note("Stopped at once. The ledger is whole; what was in flight is unknown.");
            output::next(&resume);
        };
        signals::listen(first, second)
            .map_err(|error| Failure::new(Exit::ERROR, error.to_string(), SENT_NOTHING, next::same_command()))?
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
            return Err(Failure::new(
                Exit::INTERRUPTED,
                "interrupted",
                SENT_NOTHING,
                resume(&args.plan),
            ));
        }
        Some(Err(error)) => {
            progress.finish();
            return Err(not_started(&error, tenant));
        }
        Some(Ok(())) => {}
    }
    let run = ledger.begin_run(info(args, confirmation)).map_err(at_plan)?;
    let stopped = drive(args, &run, client, selection, stop, &progress).await;
    progress.finish();
    end(args, tenant.service, run, stopped.as_ref())
}

/// Whole seconds, rounded up.
fn seconds(length: Duration) -> u128 {
    length.as_millis().div_ceil(1_000)
}

fn policy(args: &ApplyArgs) -> Policy {
    Policy {
        max_wait: Duration::from_secs(args.max_wait),
        ..Policy::default()
    }
}

/// Runs the engine to its end and says why it stopped early, if it did.
async fn drive<C: Applies>(
    args: &ApplyArgs,
    run: &Run,
    client: C,
    selection: Selection,
    stop: StopHandle,
    progress: &Progress,
) -> Option<StopReason> {
    let source_failed = |error: LedgerError| Some(StopReason::Source(chain(&error)));
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
    let mut engine = fleetpurge_engine::run(Arc::new(client), Arc::new(run.journal()), devices, &options, stop);
    let mut tally = Tally::default();
    while let Some(event) = engine.events.recv().await {
        match event {
            Event::Done(done) => {
                progress.advance(done.len() as u64);
                done.iter().for_each(|device| tally.count(device.outcome.kind));
                progress.message(tally.text());
            }
            Event::Waiting(wait) => {
                progress.message(format!("{}, waiting {} s", tally.text(), seconds(wait.length)));
            }
            Event::Landed { .. } => {}
        }
    }
    match engine.end.await {
        Ok(end) => end.stopped,
        Err(_) => Some(StopReason::Panicked),
    }
}

/// Writes the end down and tells it.
fn end(args: &ApplyArgs, service: Service, run: Run, stopped: Option<&StopReason>) -> Result<Exit, Failure> {
    let failed = |error: LedgerError| {
        plan_file::after(
            &error,
            &args.plan,
            "The end of this run could not be written down; what it recorded before stands, and the same command goes \
             on from there.",
        )
    };
    let counts = run.counts().map_err(failed)?;
    let exit = apply_end::standing(&counts, stopped).exit();
    let ended = run
        .end(RunEnd {
            exit: exit.code(),
            stop_reason: stopped.map(ToString::to_string),
        })
        .map_err(failed)?;
    if !ended.single_file {
        output::note("Another program reads the plan: keep the file that ends in -wal beside it until the next apply.");
    }
    apply_end::tell(&args.plan, service, &ended.counts, stopped, args.limit.map(Into::into))
}

/// What this run has come to so far, beside the progress bar.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    scheduled: u64,
    others: u64,
}

impl Tally {
    fn count(&mut self, kind: OutcomeKind) {
        match kind {
            OutcomeKind::Scheduled => self.scheduled += 1,
            _ => self.others += 1,
        }
    }

    fn text(self) -> String {
        match self.others {
            0 => format!("{} scheduled", self.scheduled),
            others => format!("{} scheduled, {others} not", self.scheduled),
        }
    }
}

/// Where the plan leads, unless it leads somewhere that has to be confirmed.
fn address(args: &ApplyArgs, plan: &Plan) -> Result<Tenant, Failure> {
    let refused = |why: &str, next: String| Failure::new(Exit::REFUSED, why, SENT_NOTHING, next);
    let tenant = Tenant::of(&plan.settings).map_err(|why| refused(&why, "fleetpurge plan --help".to_owned()))?;
    match (&args.token_url, tenant.token_url.as_deref()) {
        (Some(given), Some(url)) if given != url => Err(refused(
            &format!(
                "--token-url {given} is not the plan's, which is {url}; a plan is applied exactly or not at all, so plan \
                 again for another token endpoint"
            ),
            "fleetpurge plan --help".to_owned(),
        )),
        (None, Some(url)) if tenant.token_host_is_foreign() => Err(refused(
            &format!(
                "the plan sends the credentials to {url}, a host that is neither the instance's nor that of the base \
                 URL; if that is meant, say so"
            ),
            next::same_command_with(&[("--token-url", Some(url))]),
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
    output::note(&format!(
        "This apply may send {}: {} of {} pending, {} scheduled so far",
        counted(count, "device", "devices"),
        counts.pending,
        counted(counts.planned, "row is", "rows are"),
        counts.scheduled
    ));
}

/// The client could not be set up, or could not log in.
fn not_started(error: &ClientError, tenant: &Tenant) -> Failure {
    let advice = tenant.advice(error.kind());
    let from = tenant.token_url.as_deref().unwrap_or(&tenant.base_url);
    Failure::new(
        Exit::ERROR,
        format!("no token from {from}: {} {advice}", sentence(&chain(error))),
        SENT_NOTHING,
        next::same_command(),
    )
}

fn resume(plan: &Path) -> String {
    next::over("apply", plan, &[])
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
