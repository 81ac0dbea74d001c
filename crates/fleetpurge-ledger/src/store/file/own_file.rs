//! The plan's own file: opened once per process, identified by its inode, and locked.
//!
//! There are two reasons. A name does not identify a file: links, a mounted file and two spellings of a path lead to
//! one file, and a name can lead to another file later. And closing any descriptor of a file drops all `fcntl` locks of
//! the process on it, including those of SQLite (<https://www.sqlite.org/howtocorrupt.html>, 2.2). So the file is
//! opened here, once, and closed when nothing in this process uses it.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::model::{Error, ErrorKind};

/// What a file is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Identity(Known);

/// Its device and inode.
#[cfg(unix)]
type Known = (u64, u64);

/// Elsewhere nothing that the standard library tells. SQLite's open file keeps its name there.
#[cfg(not(unix))]
type Known = PathBuf;

/// The files that this process has open.
static OPEN: Mutex<BTreeMap<Identity, Entry>> = Mutex::new(BTreeMap::new());

#[derive(Debug)]
struct Entry {
    file: File,
    /// Opened for the same file in the moment in which it got another name: closed together with `file`.
    spare: Vec<File>,
    users: usize,
    is_locked: bool,
}

/// A plan's own file, open.
#[derive(Debug)]
pub(crate) struct OwnFile {
    identity: Identity,
    path: PathBuf,
}

/// What the path of an open file leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// To that file.
    Here,
    /// To nothing.
    Nothing,
    /// To another file.
    Another,
}

/// How long a file is, and when it was written to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
}

/// What is found where a lock is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    Free,
    Held,
}

impl OwnFile {
    /// Opens the file that a path leads to, links resolved: everything that SQLite keeps lies beside that one.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let path = fs::canonicalize(path).map_err(not_opened)?;
        let mut open = registry();
        let metadata = fs::metadata(&path).map_err(not_opened)?;
        // Before it is opened: to open a pipe would wait for its other end.
        if !metadata.is_file() {
            return Err(Error::new(ErrorKind::NotALedger, "that is not a file, and not a plan"));
        }
        let identity = identity(&path, &metadata);
        if let Some(entry) = open.get_mut(&identity) {
            entry.users += 1;
            return Ok(Self { identity, path });
        }
        let file = File::open(&path).map_err(not_opened)?;
        let identity = self::identity(&path, &file.metadata()?);
        if let Some(entry) = open.get_mut(&identity) {
            entry.users += 1;
            entry.spare.push(file);
        } else {
            let entry = Entry {
                file,
                spare: Vec::new(),
                users: 1,
                is_locked: false,
            };
            open.insert(identity.clone(), entry);
        }
        Ok(Self { identity, path })
    }

    /// Where it was opened: absolute, links resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What it is known by.
    #[cfg(test)]
    pub(crate) fn identity(&self) -> Identity {
        self.identity.clone()
    }

    /// Up to so many of its first bytes.
    pub(crate) fn head(&self, len: usize) -> Result<Vec<u8>, Error> {
        let mut head = vec![0; len];
        let mut filled = 0;
        self.with(|entry| {
            while filled < len {
                match read_at(&entry.file, &mut head[filled..], filled as u64) {
                    Ok(0) => break,
                    Ok(count) => filled += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        })?;
        head.truncate(filled);
        Ok(head)
    }

    /// How many names it has. 0: it was removed.
    pub(crate) fn names(&self) -> io::Result<u64> {
        self.with(|entry| names(&entry.file))
    }

    /// What its path leads to now.
    pub(crate) fn named(&self) -> Named {
        match identity_at(&self.path) {
            Some(identity) if identity == self.identity => Named::Here,
            Some(_) => Named::Another,
            None => Named::Nothing,
        }
    }

    /// Its length and date.
    pub(crate) fn stamp(&self) -> io::Result<Stamp> {
        let metadata = self.with(|entry| entry.file.metadata())?;
        Ok(Stamp {
            len: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }

    /// Locks the file itself, as long as this process has it open, against every other `apply` by whatever name.
    pub(crate) fn lock(&self) -> io::Result<Lock> {
        self.with(|entry| {
            if entry.is_locked {
                return Ok(Lock::Held);
            }
            let lock = lock(&entry.file)?;
            entry.is_locked = lock == Lock::Free;
            Ok(lock)
        })
    }

    /// Lets go of the lock that [`lock`](Self::lock) took.
    pub(crate) fn unlock(&self) {
        let unlocked = self.with(|entry| {
            entry.is_locked = false;
            unlock(&entry.file)
        });
        if let Err(error) = unlocked {
            tracing::debug!(%error, "the plan's file stays locked until it is closed");
        }
    }

    /// Whether anybody has locked it.
    pub(crate) fn look_for_lock(&self) -> io::Result<Lock> {
        self.with(|entry| {
            if entry.is_locked {
                return Ok(Lock::Held);
            }
            let found = share(&entry.file)?;
            if found == Lock::Free {
                unlock(&entry.file)?;
            }
            Ok(found)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Entry) -> io::Result<T>) -> io::Result<T> {
        match registry().get_mut(&self.identity) {
            Some(entry) => work(entry),
            None => Err(io::Error::other("the plan's file was closed")),
        }
    }
}

impl Clone for OwnFile {
    fn clone(&self) -> Self {
        if let Some(entry) = registry().get_mut(&self.identity) {
            entry.users += 1;
        }
        Self {
            identity: self.identity.clone(),
            path: self.path.clone(),
        }
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        // Closed while nobody can open it: what is closed later would drop the locks of whoever came in between.
        let mut open = registry();
        if let Some(entry) = open.get_mut(&self.identity) {
            entry.users -= 1;
            if entry.users == 0 {
                open.remove(&self.identity);
            }
        }
    }
}

fn registry() -> MutexGuard<'static, BTreeMap<Identity, Entry>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the file at a path is known by.
pub(crate) fn identity_at(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|metadata| identity(path, &metadata))
}

#[cfg(unix)]
pub(crate) fn identity(_: &Path, metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Identity((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(path: &Path, _: &Metadata) -> Identity {
    Identity(path.to_owned())
}

#[cfg(unix)]
fn names(file: &File) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(file.metadata()?.nlink())
}

#[cfg(windows)]
fn names(file: &File) -> io::Result<u64> {
    Ok(winapi_util::file::information(file)?.number_of_links())
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

/// `flock(2)`, which on Linux is apart from the `fcntl` locks of SQLite. Elsewhere the two are one (BSD, macOS), or a lock
/// keeps out who only reads (Windows): there the lock file beside the plan and the count of names have to do.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn lock(file: &File) -> io::Result<Lock> {
    found(file.try_lock())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn lock(_: &File) -> io::Result<Lock> {
    Ok(Lock::Free)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn share(file: &File) -> io::Result<Lock> {
    found(file.try_lock_shared())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn share(_: &File) -> io::Result<Lock> {
    Ok(Lock::Free)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn unlock(file: &File) -> io::Result<()> {
    file.unlock()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn unlock(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn found(lock: Result<(), fs::TryLockError>) -> io::Result<Lock> {
    match lock {
        Ok(()) => Ok(Lock::Free),
        Err(fs::TryLockError::WouldBlock) => Ok(Lock::Held),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn not_opened(error: io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            (ErrorKind::NotFound, "there is no plan with that name")
        }
        _ => (ErrorKind::Io, "the plan could not be read"),
    };
    Error::new(kind, message).with_source(error)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_once_whatever_its_names_and_closed_with_its_last_user() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&path, "abc").unwrap();
        std::os::unix::fs::symlink("a", &link).unwrap();
        let first = OwnFile::open(&path).unwrap();
        let second = OwnFile::open(&link).unwrap();
        assert_eq!(first.identity(), second.identity());
        assert_eq!(second.path(), fs::canonicalize(&path).unwrap());
        assert_eq!(first.lock().unwrap(), Lock::Free);
        assert_eq!(second.lock().unwrap(), Lock::Held);
        assert_eq!(second.look_for_lock().unwrap(), Lock::Held);
        first.unlock();
        let third = second.clone();
        drop((first, second));
        assert_eq!(third.look_for_lock().unwrap(), Lock::Free);
        assert_eq!(third.head(2).unwrap(), b"ab");
        assert_eq!(third.head(9).unwrap(), b"abc");
        let identity = third.identity();
        assert!(registry().contains_key(&identity));
        drop(third);
        assert!(!registry().contains_key(&identity));
    }

    #[test]
    fn an_open_file_knows_what_its_name_leads_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "abc").unwrap();
        let file = OwnFile::open(&path).unwrap();
        let stamp = file.stamp().unwrap();
        assert_eq!((file.named(), file.names().unwrap()), (Named::Here, 1));
        fs::hard_link(&path, dir.path().join("b")).unwrap();
        assert_eq!((file.named(), file.names().unwrap()), (Named::Here, 2));
        fs::remove_file(&path).unwrap();
        assert_eq!((file.named(), file.names().unwrap()), (Named::Nothing, 1));
        fs::write(&path, "abc").unwrap();
        assert_eq!(file.named(), Named::Another);
        assert_eq!(file.stamp().unwrap(), stamp);
        fs::write(dir.path().join("b"), "abcd").unwrap();
        assert_ne!(file.stamp().unwrap(), stamp);
    }
}
