//! `apply`: sends exactly what a plan holds.

use std::time::{Duration, Instant};

use fleetpurge_ledger::{Error as LedgerError, Ledger, Plan, PlanAddress, Retry, Selection};

use super::ending::{self, Reasons};
use super::first::{FIRST_TOLD, tell_first};
use super::messages::{interrupted, introduce, not_started, of_machine, resent};
use super::sending::{Sending, send};
use super::{age, dry_run};
use crate::announce;
use crate::args::{ApplyArgs, RetryKind};
use crate::backup::{self, check::Wanted};
use crate::confirm::Question;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::holder::holder;
use crate::output::{self};
use crate::plan_file;
use crate::profiles::Profile;
use crate::services::{Client, Credentials, Tenant, address_of_plan, check_profile};
use crate::signals::Signals;
use crate::state_folder::{SHARED_PLANS, state_folder};
use crate::summary::Digests;

pub(crate) fn run(args: &ApplyArgs, profile: Option<&Profile>, digests: Digests) -> Result<Exit, Failure> {
    if args.dry_run {
        return rehearse(args, profile, digests);
    }
    execute(args, profile, digests, |tenant| {
        Credentials::find(tenant, &args.credentials, args.token_url.as_deref(), profile)
    })
}

/// All of it but the network. The plan is only read: not even its lock is taken.
fn rehearse(args: &ApplyArgs, profile: Option<&Profile>, digests: Digests) -> Result<Exit, Failure> {
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    announce::plan(&args.plan);
    let begun = Instant::now();
    let ledger = PlanAddress::typed(&args.plan).and_then(Ledger::open).map_err(at_plan)?;
    plan_file::opened(&args.plan, ledger.plan(), begun);
    let tenant = address_of_plan(&args.plan, ledger.plan(), args.token_url.as_deref())?;
    check_profile(&tenant, profile)?;
    let selection = selection(args);
    let counts = ledger.counts().map_err(at_plan)?;
    let count = selection.count(&counts);
    introduce(&args.plan, ledger.plan(), &counts, count, digests);
    age::check(args, ledger.plan())?;
    if count > 0 {
        tell_first(
            ledger.plan().settings.service,
            count,
            &dry_run::first(args, &ledger, &selection)?,
        );
        if args.require_backup {
            require_backup(args, ledger.plan(), &selection, count)?;
        }
        if args.confirm.is_some() {
            question(args, &tenant, ledger.plan(), &selection, count, None).without_asking()?;
        }
    }
    dry_run::run(args, &ledger, &tenant, &selection, count)
}

/// The whole of it, with the credentials asked for once the plan and its confirmation allow a run.
pub(crate) fn execute(
    args: &ApplyArgs,
    profile: Option<&Profile>,
    digests: Digests,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    announce::plan(&args.plan);
    let begun = Instant::now();
    let address = PlanAddress::typed(&args.plan).map_err(at_plan)?;
    let memory = state_folder(SHARED_PLANS);
    let ledger = Ledger::open_for_apply_remembering(address, holder(), memory.as_deref()).map_err(at_plan)?;
    plan_file::opened(&args.plan, ledger.plan(), begun);
    let tenant = address_of_plan(&args.plan, ledger.plan(), args.token_url.as_deref())?;
    check_profile(&tenant, profile)?;
    let selection = selection(args);
    let counts = ledger.counts().map_err(at_plan)?;
    let count = ledger.selected_count(&selection).map_err(at_plan)?;
    introduce(&args.plan, ledger.plan(), &counts, count, digests);
    if count == 0 {
        output::note("There is nothing to send.");
        let reasons = Reasons::of(|kind| ledger.reasons(kind)).map_err(at_plan)?;
        return ending::tell(args, tenant.service, &counts, &reasons, None, None);
    }
    let first = ledger.first_selected(&selection, FIRST_TOLD).map_err(at_plan)?;
    tell_first(tenant.service, count, &first);
    age::check(args, ledger.plan())?;
    if args.require_backup {
        require_backup(args, ledger.plan(), &selection, count)?;
    }
    let resent = resent(&selection, &counts);
    let question = question(args, &tenant, ledger.plan(), &selection, count, resent.as_deref());
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
        tried: first.into_iter().next().filter(|_| count == 1),
    };
    match client {
        Client::Nexthink(client) => runtime.block_on(send(sending, ledger, client)),
        Client::Ubidots(client) => runtime.block_on(send(sending, ledger, client)),
    }
}

fn question<'a>(
    args: &'a ApplyArgs,
    tenant: &'a Tenant,
    plan: &Plan,
    selection: &Selection,
    count: u64,
    unknown: Option<&'a str>,
) -> Question<'a> {
    Question {
        tenant: &tenant.name,
        count,
        whole: (*selection == Selection::default()).then(|| plan.to_send()),
        unknown,
        given: args.confirm.as_deref(),
    }
}

fn require_backup(args: &ApplyArgs, plan: &Plan, selection: &Selection, count: u64) -> Result<(), Failure> {
    let wanted = Wanted {
        selection,
        count,
        accept_missing: args.accept_missing,
    };
    let backup = backup::check::require(&args.plan, plan, &wanted)?;
    output::note(&backup.told());
    Ok(())
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
