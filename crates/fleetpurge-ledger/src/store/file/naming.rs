//! Gives a draft its name, durably, and takes away what an earlier plan of that name left behind.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::model::{Error, ErrorKind, Holder};
use crate::store::file::lease::Lease;
use crate::store::file::lock_file::{LockFile, beside};
use crate::store::file::own_file::OwnFile;

/// What SQLite keeps beside a database. One that was left behind would be taken for the new plan's.
pub(crate) const LEFTOVERS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A name beside the target, on the same disk, that nobody else uses.
pub(crate) fn draft_name(target: &Path) -> Result<PathBuf, Error> {
    let Some(name) = target.file_name() else {
        return Err(Error::new(ErrorKind::Exists, "that is not a file name"));
    };
    if !folder(target).is_dir() {
        return Err(Error::new(
            ErrorKind::NotFound,
            "the folder for the plan does not exist",
        ));
    }
    let mut draft = OsString::from(".");
    draft.push(name);
    draft.push(format!(".draft-{}", Uuid::new_v4().simple()));
    Ok(target.with_file_name(draft))
}

/// Gives a closed draft its name, durably.
///
/// `may_replace` says whether the file that has the name may be replaced: asked again while it is held.
pub(crate) fn put(draft: &Path, target: &Path, may_replace: impl Fn() -> Result<(), Error>) -> Result<(), Error> {
    File::options().write(true).open(draft)?.sync_all()?;
    if std::fs::symlink_metadata(target).is_ok() {
        // Held while it is replaced: no `apply` may begin on what goes away.
        let mut lock_file = LockFile::lock(
            target,
            &Holder {
                who: "plan".to_owned(),
                host: String::new(),
                pid: std::process::id(),
            },
        )?;
        // By whatever name. Where there is no such lock, the open file would stand in the way of the new one.
        let lock = if cfg!(unix) {
            Some(OwnFile::open(target).and_then(|own| Lease::take(&own))?)
        } else {
            None
        };
        may_replace().and_then(|()| {
            for leftover in LEFTOVERS {
                let leftover = beside(target, leftover);
                if leftover.exists() {
                    std::fs::remove_file(leftover)?;
                }
            }
            Ok(std::fs::rename(draft, target)?)
        })?;
        lock_file.is_not_needed();
        drop(lock);
    } else {
        may_replace()?;
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
