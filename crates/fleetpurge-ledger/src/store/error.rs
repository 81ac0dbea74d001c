//! What an error of SQLite means for the ledger.

use crate::model::{Error, ErrorKind};

impl From<rusqlite::Error> for Error {
    /// What SQLite said, by its code: the caller's context is in the operation it called.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let (kind, message) = match error.sqlite_error_code() {
            Some(Code::DiskFull) => (ErrorKind::DiskFull, "the disk is full"),
            Some(Code::ReadOnly) => (ErrorKind::ReadOnly, "the plan cannot be written"),
            Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed) => {
                (ErrorKind::Busy, "another program is using the plan")
            }
            Some(Code::NotADatabase) => (ErrorKind::NotALedger, "the file is not a plan"),
            Some(Code::DatabaseCorrupt) => (ErrorKind::Altered, "the plan's file is damaged"),
            Some(Code::ConstraintViolation) => (ErrorKind::Inconsistent, "a record does not fit what the plan knows"),
            Some(_) => (ErrorKind::Io, "the plan could not be read or written"),
            None => match error {
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..) => {
                    (ErrorKind::Altered, "a field of the plan is not as it was written")
                }
                _ => (ErrorKind::Io, "the plan could not be read or written"),
            },
        };
        Self::new(kind, message).with_source(error)
    }
}
