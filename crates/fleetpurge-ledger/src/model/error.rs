//! What went wrong, what was not lost, and what to do.

use std::error::Error as StdError;
use std::fmt;

use crate::model::holder::LockedBy;

/// Anything that can go wrong with a ledger.
///
/// `Display` is one lowercase sentence; what lies beneath is the [source](StdError::source).
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: ErrorKind,
    message: String,
    holder: Option<LockedBy>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no file of that name. Nothing was changed. Look at the name.
    NotFound,
    /// The file is not a ledger. Nothing was changed. Name a file that `plan` wrote.
    NotALedger,
    /// A newer program wrote the ledger: it has a newer schema, and the message names both versions, or it is for a
    /// service that this version does not know, and the message names that. Nothing was changed. Use the newer program.
    NewerSchema,
    /// The ledger was never frozen: the planning that wrote it did not finish. Plan again.
    Unfinished,
    /// Something in the ledger is not as it was written; the message names the record. Nothing was changed or sent.
    /// Put back an unaltered copy, or plan again from a fresh export.
    Altered,
    /// The ledger lacks records that were durable: its write-ahead log is missing or was cut. Nothing was changed or
    /// sent. Put the log back beside the ledger, or plan again from a fresh export.
    Forgotten,
    /// Another `apply` holds the plan; [`Error::holder`] says who. Nothing was changed. Wait for it to end.
    Held,
    /// The ledger or its folder cannot be written. Nothing was changed. Copy the plan to where it can.
    ReadOnly,
    /// The disk is full. What was durable before is kept; what failed was not recorded. Make room, run again.
    DiskFull,
    /// The ledger is on a network file system, where a crash could lose records. Nothing was changed. Copy the plan to
    /// a local disk.
    NetworkFileSystem,
    /// The plan has a second name (a hard link): what SQLite keeps beside one name is not found by the other. Nothing was
    /// changed or sent. Remove the other name, or copy the plan and apply the copy.
    SeveralNames,
    /// The plan, or what lies beside it, was removed, renamed, replaced or overwritten while it was applied; the message
    /// says which. What was begun before is recorded; [`Ended::disturbance`](crate::Ended::disturbance) says where.
    Moved,
    /// The plan was applied after its devices were looked for: what was found belongs to an earlier state of it. Not
    /// kept. Verify again.
    Changed,
    /// There is a file of that name, and it may not be replaced. It was not touched. Choose another name.
    Exists,
    /// A record does not fit what is known: a device that is not in the plan, is final, or is under way in another
    /// attempt; an answer to an attempt that was never begun. Not recorded. An error of the calling program.
    Inconsistent,
    /// Another program is using the file. Nothing was changed. Try again when it is done.
    Busy,
    /// The run has ended, or its writer stopped after an earlier error. Not recorded.
    Closed,
    /// The address of a database cannot be used: it names no plan, or a setting of the connection is wrong. Nothing was changed.
    BadAddress,
    /// The database cannot be reached, or was gone for longer than a run waits. What was durable before is kept, and what was in
    /// flight is unknown once the plan is applied again.
    Unreachable,
    /// The database does not let the program in, or does not let it do what it has to. Nothing was changed.
    NotPermitted,
    /// The database does not promise to keep what is recorded, or takes no records: the message names the setting. Nothing was
    /// changed or sent.
    NotDurable,
    /// Another machine took over from the run, because nothing was heard of it for longer than its lease. Not recorded; what the
    /// run had in flight is unknown.
    LeaseLost,
    /// The machine refused a read or a write. What was durable before is kept.
    Io,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                message: message.into(),
                holder: None,
                source: None,
            }),
        }
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    pub(crate) fn held_by(mut self, holder: Option<LockedBy>) -> Self {
        self.inner.holder = holder;
        self
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Who holds the plan, where that is what went wrong and it is known.
    #[must_use]
    pub fn holder(&self) -> Option<&LockedBy> {
        self.inner.holder.as_ref()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("source", &self.inner.source)
            .finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let (kind, message) = match error.kind() {
            Io::NotFound => (ErrorKind::NotFound, "there is no such file"),
            Io::PermissionDenied | Io::ReadOnlyFilesystem => {
                (ErrorKind::ReadOnly, "the plan or its folder cannot be written")
            }
            Io::StorageFull | Io::QuotaExceeded => (ErrorKind::DiskFull, "the disk is full"),
            _ => (ErrorKind::Io, "the plan could not be read or written"),
        };
        Self::new(kind, message).with_source(error)
    }
}
