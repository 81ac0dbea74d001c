//! What can go wrong while rows are written: they are read from one file and written to another.

use std::io;
use std::path::Path;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan_file;

#[derive(Debug)]
pub(crate) enum Trouble {
    /// The plan could not be read.
    Plan(fleetpurge_ledger::Error),
    /// The rows could not be written.
    Output(io::Error),
    /// They were not written: what was asked for is refused.
    Refused(Failure),
}

impl Trouble {
    /// As the end of a command that writes to stdout.
    pub(crate) fn of_stdout(self, plan: &Path) -> Failure {
        match self {
            Self::Output(error) => Failure::output(&error),
            Self::Plan(error) => plan_file::failure(&error, plan),
            Self::Refused(failure) => failure,
        }
    }

    /// As the end of a command that writes to a file.
    pub(crate) fn of_file(self, plan: &Path, out: &Path, next: String) -> Failure {
        match self {
            Self::Output(error) => Failure::before_sending(
                Exit::ERROR,
                format!("the report could not be written to {}: {error}", out.display()),
                next,
            ),
            other => other.of_stdout(plan),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}

impl From<csv::Error> for Trouble {
    fn from(error: csv::Error) -> Self {
        // Within its own error it hides of which kind that of the writer was: a reader that has gone away.
        Self::Output(match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}

impl From<fleetpurge_ledger::Error> for Trouble {
    fn from(error: fleetpurge_ledger::Error) -> Self {
        Self::Plan(error)
    }
}
