//! Compares the plan with a fresh export, a query's result, or the account.

use fleetpurge_ledger::Service;

use super::failures::{NOTHING_DELETED, wrong_usage};
use super::{account, export, query};
use crate::announce;
use crate::args::{BrakeArgs, VerifyArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::plan_file;
use crate::profiles::Profile;
use crate::services::{Credentials, Tenant, check_profile};

pub(crate) fn run(args: &VerifyArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    execute(args, |tenant| {
        check_profile(tenant, profile)?;
        Credentials::find(tenant, &args.credentials, args.token_url.as_deref(), profile)
    })
}

/// The whole of it, with the credentials asked for once they are needed.
pub(crate) fn execute(
    args: &VerifyArgs,
    credentials: impl FnOnce(&Tenant) -> Result<Credentials, Failure>,
) -> Result<Exit, Failure> {
    if args.wait.is_some() && args.inventory.is_some() {
        return Err(wrong_usage(
            "--wait looks again and again, and an export does not change: verify each fresh export by itself, or look in \
             the account with --live (Ubidots)",
        ));
    }
    args.query
        .check(&BrakeArgs::default())
        .map_err(|why| wrong_usage(&why))?;
    let token_url = args.token_url.as_ref().map(|_| "--token-url");
    if let (None, Some(flag)) = (&args.query.query, args.credentials.given().or(token_url)) {
        return Err(wrong_usage(&format!("{flag} is of no use without --query")));
    }
    announce::plan(&args.plan);
    let ledger = plan_file::open(&args.plan)?;
    if args.live && ledger.plan().settings.service != Service::Ubidots {
        return Err(wrong_usage(
            "Nexthink documents no way to ask for a device; have a saved query list them all: --query '#all_devices', or \
             compare the plan with a fresh export: --inventory EXPORT",
        ));
    }
    let counts = ledger
        .counts()
        .map_err(|error| plan_file::failure(&error, &args.plan))?;
    if counts.scheduled + counts.unknown == 0 {
        return Err(Failure::new(
            Exit::ERROR,
            "there is nothing to look for: no device of the plan is scheduled or unknown",
            NOTHING_DELETED,
            next::over("status", &args.plan, &[]),
        ));
    }
    let other = |tenant: &Tenant| {
        let why = format!("there are no credentials for {}", tenant.name);
        Failure::new(Exit::ERROR, why, NOTHING_DELETED, next::instead())
    };
    match (&args.inventory, &args.query.query) {
        (Some(export), _) => export::look(ledger, args, export),
        (None, Some(query)) => query::look(ledger, args, query, |tenant| match credentials(tenant)? {
            Credentials::Nexthink(credentials) => Ok(credentials),
            Credentials::Ubidots(_) => Err(other(tenant)),
        }),
        (None, None) => account::look(ledger, args, |tenant| match credentials(tenant)? {
            Credentials::Ubidots(credentials) => Ok(credentials),
            Credentials::Nexthink(_) => Err(other(tenant)),
        }),
    }
}
