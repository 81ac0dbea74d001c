//! The steps of the writer, for tests that crash at one.

/// Where the writer is. For tests.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Step {
    /// The file is about to be marked open.
    Opening,
    /// It is marked open; its log is about to be made.
    Opened,
    /// Records have come in and none is written.
    BeforeWrite,
    /// They are written and not committed.
    BeforeCommit,
    /// They are committed; the lock file does not know.
    AfterCommit,
    /// The lock file knows; nobody was answered.
    BeforeAnswer,
    /// All were answered.
    AfterAnswer,
    /// The log is about to be checkpointed into the file.
    BeforeCheckpoint,
    /// It is checkpointed.
    AfterCheckpoint,
    /// The run has ended in the log; the log is about to go.
    Closing,
    /// The log is gone.
    Closed,
}
