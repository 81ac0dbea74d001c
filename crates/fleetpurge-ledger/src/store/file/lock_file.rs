//! The file beside a plan that names its holder and the number of commits.
//!
//! The lock is the operating system's, so a dead holder does not block. The number of commits reveals a write-ahead log
//! that lost its end: SQLite accepts a shorter log as a shorter history. It is written after every commit and not
//! synced: a killed process loses none of it, and after a power cut an old number only reveals less.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Error, ErrorKind, Hold, Holder, LockedBy};

const TITLE: &str = "fleetpurge holds the plan beside this file\n";
const PLAN: &str = "plan ";
const COMMITS: &str = "commits ";
const DIGEST_LEN: usize = 64;
const COMMITS_LEN: usize = 20;

/// Where the digits of the number of commits begin.
const COMMITS_AT: u64 = (TITLE.len() + PLAN.len() + DIGEST_LEN + 1 + COMMITS.len()) as u64;

/// Stands where no digest is known.
const NO_DIGEST: &str = "----------------------------------------------------------------";

/// Who and host are cut to this, so that the whole is one small write.
const FIELD_LEN: usize = 200;

/// How many commits a plan had, as far as the lock file knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KnownCommits {
    pub(crate) digest: String,
    pub(crate) commits: u64,
}

/// What a lock file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LockFileContent {
    pub(crate) known: Option<KnownCommits>,
    pub(crate) locked_by: Option<LockedBy>,
}

/// The lock file, locked.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: File,
    path: PathBuf,
    locked_by: LockedBy,
    /// What an earlier holder left: it died, or it could not checkpoint its log.
    pub(crate) left: Option<KnownCommits>,
    /// Whether the lock file outlives its holder: the log may have to be proven by it.
    keep: bool,
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Elsewhere another process may have it open without the lock, and a name that is taken away under it would
        // come back as a second file.
        if cfg!(unix)
            && !self.keep
            && is_still_there(&self.file, &self.path)
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::debug!(%error, "the plan's lock file stays");
        }
    }
}

/// `plan.db` -> `plan.db` + `suffix`, as SQLite itself names a file beside another.
pub(crate) fn beside(plan: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(plan.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

/// Reads a lock file without locking it. One that is absent, or cannot be read while it is locked (Windows), says
/// nothing.
pub(crate) fn look(plan: &Path) -> LockFileContent {
    let mut text = String::new();
    match File::open(beside(plan, ".lock")).and_then(|file| file.take(4096).read_to_string(&mut text)) {
        Ok(_) => parse(&text),
        Err(_) => LockFileContent::default(),
    }
}

/// How often, and how long apart, a lock is tried again: who only looks has it for a moment.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Tries until it is free, or until it is held longer than a reader would need.
pub(crate) fn patiently<T>(mut attempt: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    for _ in 0..TRIES {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::Held => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    attempt()
}

/// Whether anybody holds the plan by its lock file.
pub(crate) fn look_for_lock(plan: &Path) -> Result<Hold, Error> {
    let file = match File::open(beside(plan, ".lock")) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Hold::Free),
        Err(error) => return Err(not_seen(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Hold::Free),
        Err(TryLockError::WouldBlock) => Ok(Hold::Held(look(plan).locked_by)),
        Err(TryLockError::Error(error)) => Err(not_seen(error)),
    }
}

fn not_seen(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, "it could not be determined whether the plan is held").with_source(error)
}

impl LockFile {
    /// Locks the plan, or says who holds it.
    pub(crate) fn lock(plan: &Path, holder: &Holder) -> Result<Self, Error> {
        patiently(|| Self::lock_now(plan, holder))
    }

    fn lock_now(plan: &Path, holder: &Holder) -> Result<Self, Error> {
        let path = beside(plan, ".lock");
        // A holder removes its lock file when it is done. One that was opened before and locked after that is nobody's.
        for _ in 0..100 {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(held(look(plan).locked_by)),
                Err(TryLockError::Error(error)) => {
                    return Err(Error::new(ErrorKind::Io, "the plan could not be locked").with_source(error));
                }
            }
            if !is_still_there(&file, &path) {
                continue;
            }
            let mut text = String::new();
            // Bytes that are no text are no record of ours.
            let left = match (&mut file).take(4096).read_to_string(&mut text) {
                Ok(_) => parse(&text).known,
                Err(_) => None,
            };
            let mut lock_file = Self {
                file,
                path,
                locked_by: LockedBy {
                    holder: holder.clone(),
                    since: Timestamp::now(),
                },
                keep: left.is_some(),
                left,
            };
            let left = lock_file.left.clone();
            lock_file.write(left.as_ref())?;
            return Ok(lock_file);
        }
        Err(Error::new(
            ErrorKind::Busy,
            "the plan's lock is taken and released again and again",
        ))
    }

    /// Records how many commits the plan has, and syncs it. From here on the lock file outlives its holder.
    pub(crate) fn set(&mut self, digest: &str, commits: u64) -> Result<(), Error> {
        self.keep = true;
        self.write(Some(&KnownCommits {
            digest: digest.to_owned(),
            commits,
        }))?;
        self.file.sync_all()?;
        Ok(())
    }

    /// Records that there was another commit.
    pub(crate) fn advance(&mut self, commits: u64) -> Result<(), Error> {
        self.file.seek(SeekFrom::Start(COMMITS_AT))?;
        self.file.write_all(format!("{commits:0COMMITS_LEN$}").as_bytes())?;
        Ok(())
    }

    /// From here on the plan's own file says all: the lock file goes with its holder.
    pub(crate) fn is_not_needed(&mut self) {
        self.keep = false;
    }

    fn write(&mut self, known: Option<&KnownCommits>) -> Result<(), Error> {
        let text = render(known, &self.locked_by);
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)?;
        Ok(())
    }
}

fn held(by: Option<LockedBy>) -> Error {
    let message = match &by {
        Some(LockedBy { holder, since }) => format!(
            "the plan is held by {}@{}, process {}, since {since}",
            holder.who, holder.host, holder.pid
        ),
        None => "the plan is held by another process".to_owned(),
    };
    Error::new(ErrorKind::Held, message).held_by(by)
}

#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(there)) => ours.dev() == there.dev() && ours.ino() == there.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_there(_: &File, _: &Path) -> bool {
    true
}

fn render(known: Option<&KnownCommits>, by: &LockedBy) -> String {
    let (digest, commits) = match known {
        Some(known) if known.digest.len() == DIGEST_LEN => (known.digest.as_str(), known.commits),
        _ => (NO_DIGEST, 0),
    };
    format!(
        "{TITLE}{PLAN}{digest}\n{COMMITS}{commits:0COMMITS_LEN$}\nwho {}\nhost {}\npid {}\nsince {}\nend\n",
        line(&by.holder.who),
        line(&by.holder.host),
        by.holder.pid,
        by.since,
    )
}

/// A text as part of one line.
fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(FIELD_LEN)
        .collect()
}

fn parse(text: &str) -> LockFileContent {
    let Some(text) = text.strip_prefix(TITLE) else {
        return LockFileContent::default();
    };
    let field = |name: &str| {
        text.lines()
            .take_while(|line| *line != "end")
            .find_map(|line| line.strip_prefix(name))
    };
    let known = || {
        let digest = field(PLAN).filter(|digest| digest.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        Some(KnownCommits {
            digest: digest.to_owned(),
            commits: field(COMMITS)?.parse().ok()?,
        })
    };
    let locked_by = || {
        Some(LockedBy {
            holder: Holder {
                who: field("who ")?.to_owned(),
                host: field("host ")?.to_owned(),
                pid: field("pid ")?.parse().ok()?,
            },
            since: field("since ")?.parse().ok()?,
        })
    };
    LockFileContent {
        known: known(),
        locked_by: locked_by(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(who: &str) -> Holder {
        Holder {
            who: who.to_owned(),
            host: "box".to_owned(),
            pid: 7,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.db");
        let digest = "ab".repeat(32);
        let mut lock_file = LockFile::lock(&plan, &holder("ann\nlee")).unwrap();
        assert_eq!(look(&plan).known, None);
        lock_file.set(&digest, 41).unwrap();
        lock_file.advance(42).unwrap();
        let said = look(&plan);
        assert_eq!(said.known, Some(KnownCommits { digest, commits: 42 }));
        assert_eq!(said.locked_by.unwrap().holder, holder("ann lee"));
    }

    #[test]
    fn the_next_holder_learns_what_the_dead_one_left_and_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.db");
        let mut lock_file = LockFile::lock(&plan, &holder("a much longer name than the next")).unwrap();
        lock_file.set(&"ab".repeat(32), 41).unwrap();
        drop(lock_file);
        let next = LockFile::lock(&plan, &holder("b")).unwrap();
        assert_eq!(next.left.as_ref().unwrap().commits, 41);
        assert_eq!(look(&plan).known, next.left);
    }

    #[test]
    fn a_removed_sidecar_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.db");
        drop(LockFile::lock(&plan, &holder("a")).unwrap());
        assert!(cfg!(not(unix)) || !beside(&plan, ".lock").exists());
        LockFile::lock(&plan, &holder("b")).unwrap();
        assert_eq!(NO_DIGEST.len(), DIGEST_LEN);
    }

    #[test]
    fn nonsense_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.db");
        for bytes in [&b""[..], b"\xff\xfe", b"someone else's notes", TITLE.as_bytes()] {
            std::fs::write(beside(&plan, ".lock"), bytes).unwrap();
            assert_eq!(look(&plan), LockFileContent::default());
            assert_eq!(LockFile::lock(&plan, &holder("a")).unwrap().left, None);
        }
    }
}
