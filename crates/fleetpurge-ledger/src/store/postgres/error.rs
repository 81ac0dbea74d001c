//! What an error of the database means for the plan.

use fleetpurge_postgres::ErrorKind as Cause;

use crate::model::{Error, ErrorKind};

impl From<fleetpurge_postgres::Error> for Error {
    fn from(error: fleetpurge_postgres::Error) -> Self {
        let (kind, message) = match error.kind() {
            Cause::Url | Cause::Setting => (ErrorKind::BadAddress, "the database cannot be addressed like that"),
            Cause::Unreachable | Cause::Tls | Cause::Lost | Cause::Timeout => {
                (ErrorKind::Unreachable, "the database cannot be reached")
            }
            Cause::Login | Cause::NoDatabase | Cause::NotPermitted => {
                (ErrorKind::NotPermitted, "the database does not let this program in")
            }
            Cause::NotDurable | Cause::ReadOnly => (
                ErrorKind::NotDurable,
                "the database does not promise to keep what is recorded",
            ),
            _ => match error.sqlstate() {
                // Constraints, and the triggers of the tables.
                Some(state) if state.starts_with("23") => {
                    (ErrorKind::Inconsistent, "a record does not fit what the plan knows")
                }
                Some(state) if state.starts_with("53") => (ErrorKind::DiskFull, "the database has no room left"),
                // A lock that was waited for too long, or a deadlock.
                Some("55P03" | "40P01" | "40001") => (ErrorKind::Busy, "another program is using the plan"),
                _ => (ErrorKind::Io, "the database could not be read or written"),
            },
        };
        Self::new(kind, message).with_source(error)
    }
}

/// Whether another try may help: the connection is gone, or was never there.
pub(crate) fn is_lost(error: &Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<fleetpurge_postgres::Error>())
        .is_some_and(fleetpurge_postgres::Error::is_lost)
}
