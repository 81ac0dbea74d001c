//! `apply`: sends exactly what a plan holds.

use std::time::Duration;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Error as LedgerError, Ledger, Plan, Retry, Selection};

use super::ending;
use super::messages::{interrupted, introduce, not_started, of_machine, resent};
use super::sending::{Sending, send};
use crate::args::{ApplyArgs, RetryKind};
use crate::backup::{self, check::Wanted};
use crate::confirm::Question;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::holder::holder;
use crate::next;
use crate::output::{self};
use crate::plan_file;
use crate::profiles::Profile;
use crate::services::{Client, Credentials, Tenant, check_profile};
use crate::signals::Signals;

pub(crate) fn run(args: &ApplyArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    execute(args, profile, |tenant| {
        Credentials::find(tenant, &args.credentials, args.token_url.as_deref(), profile)
    })
}

/// The whole of it, with the credentials asked for once the plan and its confirmation allow a run.
pub(crate) fn execute(
    args: &ApplyArgs,
    profile: Option<&Profile>,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    let at_plan = |error: LedgerError| plan_file::after(&error, &args.plan, SENT_NOTHING);
    let ledger = Ledger::open_for_apply(&args.plan, holder()).map_err(at_plan)?;
    let tenant = address(args, ledger.plan())?;
    check_profile(&tenant, profile)?;
    let selection = selection(args);
    let counts = ledger.counts().map_err(at_plan)?;
    let count = ledger.selected_count(&selection).map_err(at_plan)?;
    introduce(&args.plan, ledger.plan(), &counts, count);
    if count == 0 {
        output::note("There is nothing to send.");
        let reasons = ledger.reasons(OutcomeKind::Unknown).map_err(at_plan)?;
        return ending::tell(args, tenant.service, &counts, &reasons, None);
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
