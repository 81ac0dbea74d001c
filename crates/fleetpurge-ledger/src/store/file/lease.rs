//! The lock on the plan's own file, which holds whatever name the file was opened by.

use crate::model::{Error, ErrorKind};
use crate::store::file::lock_file::patiently;
use crate::store::file::own_file::{Lock, OwnFile};

/// The lock on the plan's own file, by whatever name it was opened.
#[derive(Debug)]
pub(crate) struct Lease(OwnFile);

impl Lease {
    pub(crate) fn take(own: &OwnFile) -> Result<Self, Error> {
        patiently(|| match own.lock() {
            Ok(Lock::Free) => Ok(Self(own.clone())),
            Ok(Lock::Held) => Err(Error::new(
                ErrorKind::Held,
                "the plan's file is held by another process, which opened it by another name",
            )),
            Err(error) => Err(Error::new(ErrorKind::Io, "the plan could not be locked").with_source(error)),
        })
    }

    pub(crate) fn own(&self) -> &OwnFile {
        &self.0
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.unlock();
    }
}

/// What SQLite keeps beside a file has the name by which it was opened: by two names, two runs would not see each other's
/// records (<https://www.sqlite.org/howtocorrupt.html>, 2.5).
pub(crate) fn one_name(own: &OwnFile) -> Result<(), Error> {
    match own.names()? {
        0 | 1 => Ok(()),
        names => Err(Error::new(
            ErrorKind::SeveralNames,
            format!("the plan's file has {names} names (hard links)"),
        )),
    }
}
