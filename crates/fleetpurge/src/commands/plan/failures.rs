//! What the errors of this command have in common.

use fleetpurge_ledger::Error as LedgerError;

use crate::args::PlanArgs;
use crate::commands::usage;
use crate::exit::Exit;
use crate::failure::{Failure, NO_PLAN};
use crate::{next, plan_file};

pub(super) fn at_plan(error: &LedgerError, args: &PlanArgs) -> Failure {
    plan_file::after(error, &args.out, NO_PLAN)
}

pub(super) fn not_started(error: &std::io::Error) -> Failure {
    let happened = format!("no thread could be started to read the list: {error}");
    Failure::new(Exit::ERROR, happened, NO_PLAN, next::instead())
}

pub(super) fn wrong_usage(message: &str) -> Failure {
    Failure::new(Exit::USAGE, message, NO_PLAN, usage::help_of(Some("plan")))
}
