//! Compares the plan with a fresh export, or with the account.

use fleetpurge_ledger::Service;
use ubidots_devices::Credentials;

use super::failures::{NOTHING_DELETED, wrong_usage};
use super::{account, export};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;
use crate::plan_file;
use crate::profiles::Profile;
use crate::services::{Tenant, check_profile, of_ubidots};

pub(crate) fn run(args: &VerifyArgs, profile: Option<&Profile>) -> Result<Exit, Failure> {
    execute(args, |tenant| {
        check_profile(tenant, profile)?;
        of_ubidots(tenant, profile)
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
    let ledger = plan_file::open(&args.plan)?;
    if args.live && ledger.plan().settings.service != Service::Ubidots {
        return Err(wrong_usage(
            "Nexthink documents no way to ask for a device; compare the plan with a fresh export: --inventory EXPORT",
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
    match &args.inventory {
        Some(export) => export::look(ledger, args, export),
        None => account::look(ledger, args, credentials),
    }
}
