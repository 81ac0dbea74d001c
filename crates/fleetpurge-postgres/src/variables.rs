//! libpq's variables, and none of them ignored.
//!
//! <https://www.postgresql.org/docs/current/libpq-envars.html>

use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::error::Error;

/// What would change where and how the connection is made. Ignoring one could mean less safety than its user thinks.
///
/// PGTZ, PGDATESTYLE, PGCLIENTENCODING and PGGEQO are not here: they shape what a person sees in `psql`.
const UNSUPPORTED: &[&str] = &[
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGOPTIONS",
    "PGREQUIRESSL",
    "PGREQUIREAUTH",
    "PGREQUIREPEER",
    "PGCHANNELBINDING",
    "PGGSSENCMODE",
    "PGGSSLIB",
    "PGGSSDELEGATION",
    "PGKRBSRVNAME",
    "PGLOADBALANCEHOSTS",
    "PGMINPROTOCOLVERSION",
    "PGMAXPROTOCOLVERSION",
    "PGSSLCERTMODE",
    "PGSSLCOMPRESSION",
    "PGSSLCRL",
    "PGSSLCRLDIR",
    "PGSSLMINPROTOCOLVERSION",
    "PGSSLMAXPROTOCOLVERSION",
    "PGSSLNEGOTIATION",
    "PGSSLSNI",
];

/// The variables, by a function that knows them. An empty one is not set, as for libpq.
pub(crate) struct Variables<F>(pub(crate) F);

impl<F: Fn(&str) -> Option<OsString>> Variables<F> {
    fn raw(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// # Errors
    ///
    /// If the value is not Unicode.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.raw(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) if !text.contains('\0') => Ok(Some(text)),
            // The value is not shown: it may be a password.
            Some(_) => Err(Error::setting(format!(
                "the variable {name} is not Unicode text: set it again"
            ))),
        }
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(PathBuf::from)
    }

    pub(crate) fn password(&self) -> Result<Option<SecretString>, Error> {
        Ok(self.text("PGPASSWORD")?.map(SecretString::from))
    }

    /// # Errors
    ///
    /// If a variable is set that this crate does not follow.
    pub(crate) fn refuse_unsupported(&self) -> Result<(), Error> {
        match UNSUPPORTED.iter().find(|name| self.raw(name).is_some()) {
            None => Ok(()),
            Some(name) => Err(Error::setting(format!(
                "the variable {name} is set, which is not supported here: unset it, and say in the URL what it says"
            ))),
        }
    }
}
