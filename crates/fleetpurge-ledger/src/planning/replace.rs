//! Decides whether an existing file may be replaced by a new plan.

use std::path::Path;

use crate::model::{Error, ErrorKind, Replace};
use crate::reading::Ledger;
use crate::store::file::lock_file::beside;
use crate::store::file::naming::LEFTOVERS;

/// Refuses a target that may not be replaced.
pub(crate) fn check(target: &Path, replace: Replace) -> Result<(), Error> {
    let exists = |message: String| Err(Error::new(ErrorKind::Exists, message));
    let Ok(metadata) = std::fs::symlink_metadata(target) else {
        return match LEFTOVERS.iter().find(|leftover| beside(target, leftover).exists()) {
            Some(leftover) => exists(format!(
                "a file ending in {leftover} is still there, and another plan may need it"
            )),
            None => Ok(()),
        };
    };
    if replace == Replace::Nothing {
        return exists("a file with that name exists already".to_owned());
    }
    if !metadata.is_file() {
        return exists("that name belongs to something that is not a plain file, so it is not replaced".to_owned());
    }
    if metadata.len() == 0 {
        return Ok(());
    }
    let attempts = match Ledger::open(target) {
        Ok(ledger) => ledger.counts()?.attempts,
        Err(error) if error.kind() == ErrorKind::NotALedger => {
            return exists("a file with that name exists already, and it is not a plan".to_owned());
        }
        Err(error) => {
            return Err(Error::new(
                ErrorKind::Exists,
                "a plan with that name exists and could not be read, so it is not replaced",
            )
            .with_source(error));
        }
    };
    if attempts > 0 {
        return exists(format!(
            "a plan with that name exists and records {attempts} attempts, so it is not replaced"
        ));
    }
    Ok(())
}
