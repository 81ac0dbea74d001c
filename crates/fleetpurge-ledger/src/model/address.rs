//! Where a plan is.

use std::fmt;
use std::path::{Path, PathBuf};

#[cfg(feature = "postgres")]
use fleetpurge_postgres::DatabaseUrl;

use crate::model::Error;
#[cfg(feature = "postgres")]
use crate::model::ErrorKind;

/// Where a plan is: in a file, or in a database that several machines share.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanAddress {
    /// In this file.
    File(PathBuf),
    /// In this PostgreSQL database, under the name that the URL has as `plan`.
    #[cfg(feature = "postgres")]
    Database(DatabaseUrl),
}

impl PlanAddress {
    /// What a person typed: the URL of a database with the name of a plan in it, or else the name of a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadAddress`](crate::ErrorKind::BadAddress) for the URL of a database that is not whole, or that this
    /// program was built without.
    pub fn typed(text: &Path) -> Result<Self, Error> {
        #[cfg(feature = "postgres")]
        if let Some(url) = text.to_str().filter(|text| DatabaseUrl::is_one(text)) {
            let url: DatabaseUrl = url.parse().map_err(Error::from)?;
            if url.plan().is_none() {
                return Err(Error::new(
                    ErrorKind::BadAddress,
                    "the address names a database and no plan: add ?plan=NAME to it",
                ));
            }
            return Ok(Self::Database(url));
        }
        Ok(Self::File(text.to_owned()))
    }

    /// The file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            #[cfg(feature = "postgres")]
            Self::Database(_) => None,
        }
    }
}

impl fmt::Display for PlanAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            #[cfg(feature = "postgres")]
            Self::Database(url) => url.fmt(f),
        }
    }
}

impl From<PathBuf> for PlanAddress {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for PlanAddress {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Path> for PlanAddress {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&Self> for PlanAddress {
    fn from(address: &Self) -> Self {
        address.clone()
    }
}

#[cfg(feature = "postgres")]
impl From<DatabaseUrl> for PlanAddress {
    fn from(url: DatabaseUrl) -> Self {
        Self::Database(url)
    }
}
