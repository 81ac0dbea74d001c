//! Opens the folder of a backup, and checks that it may be written to.

use std::path::{Path, absolute};

use fleetpurge_ledger::Plan;
use fleetpurge_records::Backup;
use jiff::Timestamp;

use super::failures::{DELETED_NOTHING, unwritable};
use crate::backup::folder::{self, Folder, NotOpened};
use crate::backup::manifest::{self, NotOfPlan, Unread};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::next;

/// The folder, held, and its manifest: that of an earlier backup of this plan, to be gone on with, or a new one.
pub(super) fn open(dir: &Path, plan: &Plan) -> Result<(Folder, Backup), Failure> {
    let another = || {
        let free = folder::free_beside(dir);
        next::same_command_with(&[("--out", Some(&next::argument(&free)))])
    };
    let refused = |why: &str| {
        Failure::new(
            Exit::REFUSED,
            format!("{} {why}; it is left as it is", dir.display()),
            DELETED_NOTHING,
            another(),
        )
    };
    if absolute(dir).ok().is_none_or(|dir| dir.to_str().is_none()) {
        return Err(refused(
            "has a name that is not text, which the pointer to it has to hold",
        ));
    }
    let folder = Folder::open(dir).map_err(|error| match error {
        NotOpened::Foreign => refused("holds other files than a backup's"),
        NotOpened::Held => Failure::new(
            Exit::ERROR,
            format!("another backup writes to {}", dir.display()),
            DELETED_NOTHING,
            next::same_command(),
        ),
        NotOpened::Io(error) => unwritable(dir, &error),
    })?;
    let earlier = manifest::of(&folder::manifest(dir)).map_err(|unread| match unread {
        Unread::Format(_) => refused("holds a backup of another version of fleetpurge"),
        Unread::Wrong(why) => Failure::new(Exit::REFUSED, why, DELETED_NOTHING, another()),
    })?;
    let manifest = match earlier {
        None => manifest::begun(plan, Timestamp::now()),
        Some(earlier) => {
            manifest::judge(&earlier, plan).map_err(|why| {
                refused(match why {
                    NotOfPlan::OtherPlan => "holds the backup of another plan",
                    NotOfPlan::OlderThanPlan => "holds a backup that is older than the plan",
                })
            })?;
            Backup {
                finished_at: None,
                counts: None,
                ..earlier
            }
        }
    };
    Ok((folder, manifest))
}
