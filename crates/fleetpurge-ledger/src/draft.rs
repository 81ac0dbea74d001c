//! How an input becomes a plan, and why it is refused.

use std::path::Path;

use crate::error::Error;
use crate::plan::{PlanSettings, PlanSummary};

/// A plan in the making: rows go in, one at a time, until it is frozen.
///
/// It is written beside its target under another name and takes that name when it is frozen; dropped before, it leaves
/// nothing behind. Memory stays flat whatever the number of rows: SQLite sorts out the repeats.
#[derive(Debug)]
pub struct Draft {
    _inner: (),
}

/// What may be replaced by a new plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// No file at all.
    #[default]
    Nothing,
    /// A plan of which nothing was ever sent, and an empty file. Anything else is refused: a ledger with attempts, a
    /// ledger that cannot be read, a file that is no ledger.
    UnusedPlan,
}

/// What becomes of a uid that has more than one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// It refuses the plan.
    #[default]
    Refuse,
    /// All rows of that uid are left out, with the reason.
    Skip,
}

/// A device that must stay.
///
/// It is found in a row's uid or name, as equal UUIDs or, for anything else, without regard to case and outer space:
/// here a match too many is the safe mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// A uid or a name.
    pub entry: String,
    /// Where that was read, for the reason: `protected by FILE`.
    pub file: String,
}

/// How a draft is frozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreezeOptions {
    /// What becomes of a uid that has more than one name.
    pub conflicts: Conflicts,
}

/// A row and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowAt {
    /// Its number, from 1, over all inputs.
    pub row: u64,
    /// The name of its input.
    pub source: String,
    /// Its line in that input, from 1.
    pub line: u64,
    /// Its uid, character for character.
    pub uid: String,
    /// Its name, character for character.
    pub name: String,
}

/// Why a draft did not become a plan.
#[derive(Debug)]
pub enum FreezeError {
    /// The plan is refused for what is in its rows.
    Refused(Box<PlanRefused>),
    /// The machine failed.
    Failed(Error),
}

/// How many findings of a kind [`PlanRefused`] carries itself; the iterators bring all of them.
pub const FINDINGS_SHOWN: usize = 20;

/// A plan refused for what is in its rows. Everything found is told at once; no plan was written.
#[derive(Debug)]
pub struct PlanRefused {
    /// How many uids have more than one name. Not counted where conflicts are skipped.
    pub conflicts: u64,
    /// The rows of the first few of them, by first appearance: rows of one conflict stand together.
    pub conflicts_first: Vec<RowAt>,
    /// Under strict validation, how many uids are malformed.
    pub malformed: u64,
    /// The first few of them.
    pub malformed_first: Vec<RowAt>,
    /// How many devices the plan would send.
    pub to_send: u64,
    /// How many it may.
    pub max_devices: u64,
}

impl PlanRefused {
    /// Whether the plan would send more devices than it may.
    #[must_use]
    pub const fn is_over_cap(&self) -> bool {
        self.to_send > self.max_devices
    }

    /// Whether the plan would send nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.to_send == 0
    }

    /// Calls `tell` with the number of the conflict (from 1) and the row, for every row of every conflict; rows of one
    /// conflict come together, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or what `tell` said.
    pub fn each_conflict<E: From<Error>>(&self, tell: impl FnMut(u64, RowAt) -> Result<(), E>) -> Result<(), E> {
        let _ = tell;
        Ok(())
    }

    /// Calls `tell` with every row whose uid is malformed, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or what `tell` said.
    pub fn each_malformed<E: From<Error>>(&self, tell: impl FnMut(RowAt) -> Result<(), E>) -> Result<(), E> {
        let _ = tell;
        Ok(())
    }
}

impl Draft {
    /// Starts a plan that will be written to `path`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Exists`](crate::ErrorKind::Exists) for a file that may not be replaced,
    /// [`ErrorKind::Held`](crate::ErrorKind::Held) for a plan that an `apply` holds, and what the machine says.
    pub fn create(path: impl AsRef<Path>, settings: PlanSettings, replace: Replace) -> Result<Self, Error> {
        let _ = (path, settings, replace);
        Ok(Self { _inner: () })
    }

    /// Names a device that must stay. Before or after the rows.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn protect(&mut self, protected: &Protected) -> Result<(), Error> {
        let _ = protected;
        Ok(())
    }

    /// Starts an input; the rows that follow are its.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn begin_source(&mut self, name: &str) -> Result<(), Error> {
        let _ = name;
        Ok(())
    }

    /// Adds a row and returns its number. `uid` and `name` are kept character for character.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`](crate::ErrorKind::Unfit) before the first `begin_source`, and what the machine says.
    pub fn push(&mut self, line: u64, uid: &str, name: &str) -> Result<u64, Error> {
        let _ = (line, uid, name);
        Ok(1)
    }

    /// Ends the input with the SHA-256 of its bytes in lowercase hexadecimal.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`](crate::ErrorKind::Unfit) without an open input, and what the machine says.
    pub fn end_source(&mut self, sha256: &str) -> Result<(), Error> {
        let _ = sha256;
        Ok(())
    }

    /// Applies the rules of planning and freezes what is left.
    ///
    /// When it returns, the plan is durable under its name.
    ///
    /// # Errors
    ///
    /// [`FreezeError::Refused`] with everything that was found, or what the machine says. No plan is written then.
    pub fn freeze(self, options: FreezeOptions) -> Result<PlanSummary, FreezeError> {
        let _ = options;
        Err(FreezeError::Failed(Error::new(crate::ErrorKind::Io, "unfinished")))
    }
}

impl std::fmt::Display for FreezeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FreezeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Refused(_) => None,
            Self::Failed(error) => error.source(),
        }
    }
}

impl From<Error> for FreezeError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl std::fmt::Display for PlanRefused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the plan is refused")
    }
}

impl std::error::Error for PlanRefused {}
