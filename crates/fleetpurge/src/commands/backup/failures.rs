//! What the errors of this command have in common.

use std::io;
use std::path::Path;

use crate::exit::Exit;
use crate::failure::{Failure, chain, sentence};
use crate::next;
use crate::services::{Error, Tenant};

pub(super) const DELETED_NOTHING: &str = "A backup deletes nothing.";

/// The client could not be set up, or could not log in.
pub(super) fn not_begun(error: &Error, tenant: &Tenant) -> Failure {
    Failure::new(
        Exit::ERROR,
        format!(
            "no token from {}: {} {}",
            tenant.base_url,
            sentence(&chain(error)),
            tenant.advice(error.kind())
        ),
        DELETED_NOTHING,
        next::same_command(),
    )
}

pub(super) fn of_machine(why: &str) -> Failure {
    Failure::new(Exit::ERROR, why, DELETED_NOTHING, next::same_command())
}

pub(super) fn unwritable(dir: &Path, error: &io::Error) -> Failure {
    of_machine(&format!("{} cannot be written: {error}", dir.display()))
}
