//! What the errors of this command have in common.

use crate::commands::usage;
use crate::exit::Exit;
use crate::failure::{Failure, NOTHING_SENT};

/// Whatever was or was not found out.
pub(super) const NOTHING_DELETED: &str = NOTHING_SENT;

pub(super) fn wrong_usage(message: &str) -> Failure {
    Failure::new(Exit::USAGE, message, NOTHING_DELETED, help())
}

pub(super) fn help() -> String {
    usage::help_of(Some("verify"))
}
