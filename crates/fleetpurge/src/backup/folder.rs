//! The folder of a backup: its files, and who writes there.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use ubidots_devices::DeviceId;

use crate::atomic_file::is_unfinished;

const MANIFEST: &str = "backup.json";
const LOCK: &str = "backup.lock";
pub(super) const DEVICES: &str = "devices";

/// The folder that a plan's backup has unless another is named: `PLAN.backup`.
pub(crate) fn default_for(plan: &Path) -> PathBuf {
    beside(plan, ".backup")
}

/// The first of `DIR-2`, `DIR-3` … that is not there.
pub(crate) fn free_beside(dir: &Path) -> PathBuf {
    let named = |number: u32| beside(dir, &format!("-{number}"));
    (2..1_000)
        .map(named)
        .find(|dir| !dir.exists())
        .unwrap_or_else(|| named(2))
}

/// The pointer to a plan's backup: `PLAN.backup.json`.
pub(crate) fn pointer(plan: &Path) -> PathBuf {
    beside(plan, ".backup.json")
}

pub(crate) fn manifest(dir: &Path) -> PathBuf {
    dir.join(MANIFEST)
}

/// A device's file. An id is the same in either case, and so is a file's name on some systems.
pub(crate) fn device(dir: &Path, id: &DeviceId) -> PathBuf {
    dir.join(DEVICES).join(file_name(id))
}

pub(super) fn file_name(id: &DeviceId) -> String {
    format!("{}.ndjson.gz", id.as_str().to_ascii_lowercase())
}

/// A name for a file that is not a device's any more: `FILE.damaged`, `FILE.damaged-2` … None that is there is taken.
pub(crate) fn aside(file: &Path) -> PathBuf {
    let damaged = beside(file, ".damaged");
    if damaged.exists() {
        free_beside(&damaged)
    } else {
        damaged
    }
}

fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(more);
    PathBuf::from(name)
}

/// Why a folder cannot be written to.
#[derive(Debug)]
pub(crate) enum NotOpened {
    /// Another backup writes to it.
    Held,
    /// It is no backup's, and not empty.
    Foreign,
    Io(io::Error),
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A folder that nobody else writes a backup to.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    /// Given back when the process ends, however it does.
    _lock: File,
}

impl Folder {
    /// Makes it where it is not there, and holds it. A folder with anything else in it is left as it is.
    pub(crate) fn open(path: &Path) -> Result<Self, NotOpened> {
        fs::create_dir_all(path)?;
        if !manifest(path).try_exists()? && !is_free(path)? {
            return Err(NotOpened::Foreign);
        }
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(NotOpened::Held),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Makes room for the devices, without what a backup that died was writing.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        let devices = self.path.join(DEVICES);
        fs::create_dir_all(&devices)?;
        for folder in [&self.path, &devices] {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if is_unfinished(&entry.file_name()) {
                    fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// The names of the files are on the disk too.
    pub(crate) fn sync(&self) -> io::Result<()> {
        sync_folder(&self.path.join(DEVICES))?;
        sync_folder(&self.path)
    }
}

/// Nothing is in it but what a backup leaves that died before it had a manifest.
fn is_free(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if name != LOCK && !is_unfinished(&name) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn sync_folder(_: &Path) -> io::Result<()> {
    // A folder cannot be opened as a file there, and its entries are in the journal of the file system.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_its_place() {
        let id = DeviceId::new("6E309da44fc8455a9cceb5aa").unwrap();
        assert_eq!(default_for(Path::new("a/b.plan")), Path::new("a/b.plan.backup"));
        assert_eq!(pointer(Path::new("a/b.plan")), Path::new("a/b.plan.backup.json"));
        assert_eq!(
            device(Path::new("d"), &id),
            Path::new("d/devices/6e309da44fc8455a9cceb5aa.ndjson.gz")
        );
    }

    #[test]
    fn a_folder_is_held_by_one_and_never_taken_from_others() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("a/b");
        let folder = Folder::open(&path).unwrap();
        folder.prepare().unwrap();
        assert!(matches!(Folder::open(&path), Err(NotOpened::Held | NotOpened::Foreign)));
        drop(folder);
        fs::write(manifest(&path), "{}").unwrap();
        let left = path.join(DEVICES).join(".fleetpurge-x1");
        fs::write(&left, "half").unwrap();
        let folder = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(NotOpened::Held)));
        folder.prepare().unwrap();
        assert!(!left.exists());

        let foreign = scratch.path().join("photos");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("cat.jpg"), "").unwrap();
        assert!(matches!(Folder::open(&foreign), Err(NotOpened::Foreign)));
        assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
    }
}
