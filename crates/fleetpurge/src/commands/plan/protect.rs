//! The lists of devices that must stay.

use std::path::Path;

use fleetpurge_export::{ProtectedEntry, read_protected};
use fleetpurge_ledger::draft::Protected;
use fleetpurge_ledger::{Draft, Service};

use super::{NO_PLAN, at_plan, headers};
use crate::args::PlanArgs;
use crate::exit::Exit;
use crate::export_error;
use crate::failure::Failure;
use crate::next;

/// Reads one list into the draft.
pub(super) fn read(draft: &mut Draft, file: &Path, args: &PlanArgs) -> Result<(), Failure> {
    let entries = read_protected(file, headers(args.service.into())).map_err(|error| export_error::failure(&error))?;
    if entries.is_empty() {
        let words = Service::from(args.service).words();
        return Err(Failure::new(
            Exit::ERROR,
            format!(
                "{}: the list of protected devices names none. Put one {} or {} on each line, or leave --protect out",
                file.display(),
                words.uid,
                words.name
            ),
            NO_PLAN,
            next::same_command(),
        ));
    }
    for entry in entries {
        let (ProtectedEntry::Uid(entry) | ProtectedEntry::Name(entry) | ProtectedEntry::Either(entry)) = entry;
        let protected = Protected {
            entry,
            file: file.display().to_string(),
        };
        draft.protect(&protected).map_err(|error| at_plan(&error, args))?;
    }
    Ok(())
}
