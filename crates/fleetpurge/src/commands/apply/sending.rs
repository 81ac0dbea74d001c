//! Sends the devices of a plan, and closes the run.

use std::sync::Arc;
use std::time::Duration;

use fleetpurge_engine::event::{Event, Input};
use fleetpurge_engine::patience::when_allowed;
use fleetpurge_engine::{Policy, Rate, RunOptions, SourceError, StopHandle, StopReason};
use fleetpurge_ledger::{
    ApplyLedger, Error as LedgerError, ErrorKind as LedgerErrorKind, Ledger, PlanAddress, Run, RunEnd, RunInfo,
    Selected, Selection, Service,
};
use futures_util::StreamExt;
use serde_json::json;

use super::disturbed::Disturbed;
use super::ending::{self, Reasons};
use super::messages::{interrupted, not_started, stopped_at_once};
use crate::args::{ApplyArgs, Concurrency};
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING, chain, sentence};
use crate::in_flight::{Counted, InFlight};
use crate::output::{self, shown};
use crate::plan_file;
use crate::progress::Progress;
use crate::rehearsal;
use crate::services::{Applies, Error as ClientError, Tenant};
use crate::signals::{self, Signals};
use crate::state_folder::{SHARED_PLANS, state_folder};
use crate::tally::Tally;

/// What is sent, and who wants it.
pub(super) struct Sending<'a> {
    pub(super) args: &'a ApplyArgs,
    pub(super) tenant: &'a Tenant,
    pub(super) selection: Selection,
    pub(super) count: u64,
    pub(super) confirmation: String,
    pub(super) signals: Signals,
    /// The device, if it is a single one.
    pub(super) tried: Option<Selected>,
}

/// Which devices are sent, and where it is counted how far they are.
struct Devices {
    selection: Selection,
    in_flight: InFlight,
    progress: Arc<Progress>,
}

/// Logs in, then runs the engine over the plan's devices and writes the end down.
pub(super) async fn send(sending: Sending<'_>, ledger: ApplyLedger, client: impl Applies) -> Result<Exit, Failure> {
    let Sending {
        args,
        tenant,
        selection,
        count,
        confirmation,
        signals,
        tried,
    } = sending;
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    tracing::info!(
        plan = %args.plan.display(),
        tenant = tenant.name,
        devices = count,
        concurrency = %args.concurrency,
        "the run begins"
    );
    let progress = Arc::new(Progress::devices(count));
    let stop = StopHandle::new();
    let in_flight = InFlight::default();
    let asked = {
        let flying = in_flight.clone();
        let (stop, progress, resume) = (stop.clone(), Arc::clone(&progress), ending::resume(args));
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
        progress: Arc::clone(&progress),
    };
    let (stopped, tally) = drive(args, &run, client, devices, stop).await;
    progress.finish();
    tracing::info!(plan = %args.plan.display(), stopped = ?stopped, "the run ends");
    end(args, tenant.service, run, stopped.as_ref(), tally, tried.as_ref())
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
    devices: Devices,
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
        concurrency: args.concurrency.begins(),
        finds_concurrency: args.concurrency == Concurrency::Auto,
        rate: args.rate,
        policy: policy(args),
        ..RunOptions::default()
    };
    let journal = Counted {
        journal: run.journal(),
        in_flight,
    };
    let mut engine = fleetpurge_engine::run(Arc::new(client), Arc::new(journal), devices, &options, stop);
    // A task of its own runs where the engine does: this one would have its thread woken for every event.
    let counting = tokio::spawn(async move {
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
        tally
    });
    let tally = counting.await.unwrap_or_default();
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
    tried: Option<&Selected>,
) -> Result<Exit, Failure> {
    let failed = |error: LedgerError| {
        if matches!(error.kind(), LedgerErrorKind::Unreachable | LedgerErrorKind::LeaseLost) {
            return left_behind(&error, args);
        }
        plan_file::after(
            &error,
            &args.plan,
            "The end of this run could not be recorded; earlier records are kept, and the same command resumes from \
             there.",
        )
    };
    let is_shared = plan_file::is_in_database(&args.plan);
    let exit = match run.counts() {
        Ok(counts) => ending::standing(&counts, stopped, is_shared).exit(),
        // The outcome of the records is told once they are closed.
        Err(error) if error.kind() == LedgerErrorKind::Moved => Exit::ERROR,
        Err(error) => return Err(failed(error)),
    };
    // To know why is no condition for writing the end down.
    let reasons = Reasons::of(|kind| run.reasons(kind)).unwrap_or_default();
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
            resume: ending::resume(args),
            this_run: &tally.text(),
        };
        return Err(found.tell(stopped));
    }
    if !ended.single_file {
        output::note("Another program reads the plan: keep the file that ends in -wal beside it until the next apply.");
    }
    tell_others(args);
    ending::tell(args, service, &ended.counts, &reasons, stopped, tried)
}

/// Says who goes on with the plan: what they have in flight counts as unknown.
fn tell_others(args: &ApplyArgs) {
    let Ok(PlanAddress::Database(url)) = PlanAddress::typed(&args.plan) else {
        return;
    };
    for by in Ledger::applied_by(&url).unwrap_or_default() {
        output::note(&format!(
            "The plan is also being applied by {} on {}, process {}: what that apply has in flight counts as unknown, and \
             what it has still to send as pending.",
            shown(&by.holder.who),
            shown(&by.holder.host),
            by.holder.pid
        ));
    }
}

/// The end of a run whose database is gone, or that another has taken over from.
fn left_behind(error: &LedgerError, args: &ApplyArgs) -> Failure {
    Failure::new(
        Exit::STOPPED,
        format!("{}: {}", args.plan.display(), chain(error)),
        "What was in flight is unknown: the next apply records that. Earlier records are kept, and the same command resumes \
         from there.",
        ending::resume(args),
    )
}

/// What the run is, for the record. Nothing in it is a secret.
fn info(args: &ApplyArgs, confirmation: String) -> RunInfo {
    let retry: Vec<&str> = args.retry.iter().map(|kind| kind.as_str()).collect();
    let options = json!({
        "concurrency": match args.concurrency {
            Concurrency::Of(number) => json!(number),
            Concurrency::Auto => json!("auto"),
        },
        "rate": args.rate.map(Rate::get),
        "timeout": args.timeout,
        "max_wait": args.max_wait,
        "stale_ok": args.stale_ok,
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
        lease: Some(Duration::from_secs(args.lease)),
        max_wait: Some(Duration::from_secs(args.max_wait)),
        memory: state_folder(SHARED_PLANS),
        ..rehearsal::run_info()
    }
}
