//! Checks that the names of a run's files still lead to the files that it has open.
//!
//! Otherwise a run would continue to write to a plan that was removed or renamed: nobody finds these records, and the
//! file that now has the name does not have them. The check runs before each attempt begins, and at the end.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::model::{Error, ErrorKind};
use crate::store::file::lock_file::beside;
use crate::store::file::own_file::{Identity, Named, OwnFile, Stamp, identity_at};

/// What was done to a plan while it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It has no name any more, and nothing else has its own.
    Removed,
    /// It has no name any more, and another file has its own.
    Replaced,
    /// It has another name.
    Renamed,
    /// Somebody else wrote to it.
    Overwritten,
    /// The file beside it that ends so was removed or replaced.
    Beside(&'static str),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed => f.write_str("the plan was removed while it was applied"),
            Self::Replaced => f.write_str("the plan was replaced by another file while it was applied"),
            Self::Renamed => f.write_str("the plan was renamed while it was applied"),
            Self::Overwritten => f.write_str("the plan was written to by another program while it was applied"),
            Self::Beside(suffix) => write!(
                f,
                "the file beside the plan that ends in {suffix} was removed or replaced while it was applied"
            ),
        }
    }
}

impl From<Change> for Error {
    fn from(change: Change) -> Self {
        Self::new(ErrorKind::Moved, change.to_string())
    }
}

/// The files of a run.
#[derive(Debug)]
pub(crate) struct Watch {
    own: OwnFile,
    /// The log and the lock file, each known by what it was when the run had begun.
    others: Vec<Other>,
    /// The plan's file as this process left it: in between, only the log is written.
    stamp: Mutex<Option<Stamp>>,
}

#[derive(Debug)]
struct Other {
    suffix: &'static str,
    path: PathBuf,
    identity: Option<Identity>,
}

impl Watch {
    /// Watches a plan, and what lies beside it with these endings.
    pub(crate) fn new(own: &OwnFile, suffixes: &[&'static str]) -> Self {
        let other = |suffix: &&'static str| {
            let path = beside(own.path(), suffix);
            Other {
                suffix,
                identity: identity_at(&path),
                path,
            }
        };
        let watch = Self {
            own: own.clone(),
            others: suffixes.iter().map(other).collect(),
            stamp: Mutex::new(None),
        };
        watch.written();
        watch
    }

    /// This process wrote to the plan's file itself.
    pub(crate) fn written(&self) {
        *self.stamp.lock().unwrap_or_else(PoisonError::into_inner) = self.stamp_now();
    }

    /// Elsewhere a file's date changes some time after it was written to.
    fn stamp_now(&self) -> Option<Stamp> {
        if cfg!(unix) { self.own.stamp().ok() } else { None }
    }

    /// Looks whether everything is where it was.
    pub(crate) fn look(&self) -> Result<(), Change> {
        match self.own.named() {
            Named::Here => {}
            // Whoever is told of a name looks for it; of a file without one there is none.
            _ if self.own.names().is_ok_and(|names| names > 0) => return Err(Change::Renamed),
            Named::Nothing => return Err(Change::Removed),
            Named::Another => return Err(Change::Replaced),
        }
        let stamp = *self.stamp.lock().unwrap_or_else(PoisonError::into_inner);
        if stamp != self.stamp_now() {
            return Err(Change::Overwritten);
        }
        match self
            .others
            .iter()
            .find(|other| identity_at(&other.path) != other.identity)
        {
            Some(other) => Err(Change::Beside(other.suffix)),
            None => Ok(()),
        }
    }

    /// Whether the file beside the plan that ends so is the one that was there when the run had begun.
    pub(crate) fn is_still_there(&self, suffix: &str) -> bool {
        self.others
            .iter()
            .any(|other| other.suffix == suffix && identity_at(&other.path) == other.identity)
    }

    /// The plan's path.
    pub(crate) fn path(&self) -> &Path {
        self.own.path()
    }
}
