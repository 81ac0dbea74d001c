//! What may be replaced by a new plan, and how that is done.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::apply::{Holder, OwnLock};
use crate::draft::Replace;
use crate::error::{Error, ErrorKind};
use crate::own_file::OwnFile;
use crate::read::Ledger;
use crate::sidecar::{Sidecar, beside};

/// What SQLite keeps beside a database. One that was left behind would be taken for the new plan's.
const LEFTOVERS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Refuses a target that may not be replaced.
pub(crate) fn check(target: &Path, replace: Replace) -> Result<(), Error> {
    let exists = |message: String| Err(Error::new(ErrorKind::Exists, message));
    let Ok(metadata) = std::fs::symlink_metadata(target) else {
        return match LEFTOVERS.iter().find(|leftover| beside(target, leftover).exists()) {
            Some(leftover) => exists(format!(
                "a file ending in {leftover} is left there of another ledger, which may need it"
            )),
            None => Ok(()),
        };
    };
    if replace == Replace::Nothing {
        return exists("there is a file of that name already".to_owned());
    }
    if !metadata.is_file() {
        return exists("what has that name is no plain file, so it is not replaced".to_owned());
    }
    if metadata.len() == 0 {
        return Ok(());
    }
    let attempts = match Ledger::open(target) {
        Ok(ledger) => ledger.counts()?.attempts,
        Err(error) if error.kind() == ErrorKind::NotALedger => {
            return exists("there is a file of that name already, and it is not a plan".to_owned());
        }
        Err(error) => {
            return Err(Error::new(
                ErrorKind::Exists,
                "there is a plan of that name that could not be read, so it is not replaced",
            )
            .with_source(error));
        }
    };
    if attempts > 0 {
        return exists(format!(
            "there is a plan of that name that records {attempts} attempts, so it is not replaced"
        ));
    }
    Ok(())
}

/// A name beside the target, on the same disk, that nobody else uses.
pub(crate) fn draft_name(target: &Path) -> Result<PathBuf, Error> {
    let Some(name) = target.file_name() else {
        return Err(Error::new(ErrorKind::Exists, "that is no name for a file"));
    };
    if !folder(target).is_dir() {
        return Err(Error::new(
            ErrorKind::NotFound,
            "there is no such folder to put the plan into",
        ));
    }
    let mut draft = OsString::from(".");
    draft.push(name);
    draft.push(format!(".draft-{}", Uuid::new_v4().simple()));
    Ok(target.with_file_name(draft))
}

/// Gives a closed draft its name, durably.
pub(crate) fn put(draft: &Path, target: &Path, replace: Replace) -> Result<(), Error> {
    File::options().write(true).open(draft)?.sync_all()?;
    if std::fs::symlink_metadata(target).is_ok() {
        // Held while it is replaced: no `apply` may begin on what goes away.
        let mut sidecar = Sidecar::lock(
            target,
            &Holder {
                who: "plan".to_owned(),
                host: String::new(),
                pid: std::process::id(),
            },
        )?;
        // By whatever name. Where there is no such lock, the open file would stand in the way of the new one.
        let lock = if cfg!(unix) {
            Some(OwnFile::open(target).and_then(|own| OwnLock::take(&own))?)
        } else {
            None
        };
        check(target, replace).and_then(|()| {
            for leftover in LEFTOVERS {
                let leftover = beside(target, leftover);
                if leftover.exists() {
                    std::fs::remove_file(leftover)?;
                }
            }
            Ok(std::fs::rename(draft, target)?)
        })?;
        sidecar.is_not_needed();
        drop(lock);
    } else {
        check(target, replace)?;
        std::fs::rename(draft, target)?;
    }
    sync_folder(target)
}

fn folder(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn sync_folder(target: &Path) -> Result<(), Error> {
    File::open(folder(target))?.sync_all()?;
    Ok(())
}

/// Elsewhere a folder cannot be opened as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<(), Error> {
    Ok(())
}
