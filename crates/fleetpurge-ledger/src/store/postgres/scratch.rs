//! A plan of the database in a file of its own, which goes when nobody reads it any more.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::fetch::{self, Position};
use super::link::{Remote, wait};
use crate::model::Error;

/// A scratch file.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    /// Goes with it, and with what SQLite keeps beside the file.
    _folder: TempDir,
}

impl Scratch {
    /// A place for a plan; there is no file yet.
    pub(crate) fn empty() -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("fleetpurge-").tempdir()?;
        Ok(Self {
            path: folder.path().join("plan"),
            _folder: folder,
        })
    }

    /// Fetches a plan, as it is at this moment.
    pub(crate) fn fetch(remote: &Remote) -> Result<(Self, Position), Error> {
        let scratch = Self::empty()?;
        let path = scratch.path();
        let position = wait(|| fetch::whole(remote, path))??;
        Ok((scratch, position))
    }

    /// Fetches what was recorded since.
    pub(crate) fn refresh(&self, remote: &Remote, plan: i64) -> Result<Position, Error> {
        let path = self.path();
        wait(|| fetch::records(remote, path, plan))?
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
