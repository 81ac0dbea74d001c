//! How an input becomes a plan, and why it is refused.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use crate::error::{Error, ErrorKind};
use crate::freeze;
use crate::plan::{PlanSettings, PlanSummary, Source};
use crate::rules;
use crate::{replace, schema};

/// A plan in the making: rows go in, one at a time, until it is frozen.
///
/// It is written beside its target under another name and takes that name when it is frozen; dropped before, it leaves
/// nothing behind. Memory stays flat whatever the number of rows: SQLite sorts out the repeats.
#[derive(Debug)]
pub struct Draft {
    pub(crate) file: DraftFile,
    pub(crate) settings: PlanSettings,
    pub(crate) replace: Replace,
    pub(crate) target: PathBuf,
    pub(crate) sources: Vec<Source>,
    pub(crate) rows: u64,
    pub(crate) protects: bool,
    source_is_open: bool,
}

/// The file of a draft: gone when this is dropped, unless it was given its name.
#[derive(Debug)]
pub(crate) struct DraftFile {
    /// Before `path`: closed first.
    pub(crate) connection: Option<Connection>,
    pub(crate) path: PathBuf,
}

impl Drop for DraftFile {
    fn drop(&mut self) {
        drop(self.connection.take());
        // Renamed already, or nothing that could be done about it.
        std::fs::remove_file(&self.path).ok();
    }
}

impl DraftFile {
    pub(crate) fn connection(&self) -> Result<&Connection, Error> {
        self.connection
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::Closed, "the draft is closed"))
    }
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
    pub(crate) validation: crate::plan::UidValidation,
    pub(crate) draft: Mutex<DraftFile>,
}

impl PlanRefused {
    /// Whether the plan would send more devices than it may.
    #[must_use]
    pub const fn is_over_cap(&self) -> bool {
        self.to_send > self.max_devices
    }

    /// Whether the plan would send nothing, though nothing else speaks against it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.to_send == 0 && self.conflicts == 0
    }

    /// Calls `tell` with the number of the conflict (from 1) and the row, for every row of every conflict; rows of one
    /// conflict come together, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or what `tell` said.
    pub fn each_conflict<E: From<Error>>(&self, tell: impl FnMut(u64, RowAt) -> Result<(), E>) -> Result<(), E> {
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        freeze::each_conflict(draft.connection()?, tell)
    }

    /// Calls `tell` with every row whose uid is malformed, in input order.
    ///
    /// # Errors
    ///
    /// The draft could not be read, or what `tell` said.
    pub fn each_malformed<E: From<Error>>(&self, tell: impl FnMut(RowAt) -> Result<(), E>) -> Result<(), E> {
        if self.validation != crate::plan::UidValidation::Strict {
            return Ok(());
        }
        let draft = self.draft.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        freeze::each_malformed(draft.connection()?, tell)
    }
}

impl Draft {
    /// Starts a plan that will be written to `path`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Exists`] for a file that may not be replaced,
    /// [`ErrorKind::Held`] for a plan that an `apply` holds, and what the machine says.
    pub fn create(path: impl AsRef<Path>, settings: PlanSettings, replace: Replace) -> Result<Self, Error> {
        let target = path.as_ref().to_owned();
        // SQLite's numbers are signed.
        let settings = PlanSettings {
            max_devices: settings.max_devices.min(i64::MAX.cast_unsigned()),
            ..settings
        };
        replace::check(&target, replace)?;
        let file = DraftFile {
            connection: None,
            path: replace::draft_name(&target)?,
        };
        Self::start(file, target, settings, replace)
    }

    fn start(mut file: DraftFile, target: PathBuf, settings: PlanSettings, replace: Replace) -> Result<Self, Error> {
        let connection = Connection::open(&file.path).map_err(|error| {
            Error::new(ErrorKind::ReadOnly, "the folder of the plan cannot be written").with_source(error)
        })?;
        // Nobody else sees the draft, and one that is cut short is thrown away: it needs no journal of its own. It is
        // synced before it gets its name.
        connection.pragma_update_and_check(None, "journal_mode", "OFF", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
        connection.pragma_update(None, "temp_store", "FILE")?;
        connection.pragma_update(None, "cache_size", -6144)?;
        schema::create(&connection)?;
        freeze::prepare(&connection)?;
        connection.execute_batch("BEGIN")?;
        file.connection = Some(connection);
        Ok(Self {
            file,
            settings,
            replace,
            target,
            sources: Vec::new(),
            rows: 0,
            protects: false,
            source_is_open: false,
        })
    }

    /// Names a device that must stay. Before or after the rows.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn protect(&mut self, protected: &Protected) -> Result<(), Error> {
        let key = rules::protect_key(&protected.entry);
        if key.is_empty() {
            return Ok(());
        }
        self.file
            .connection()?
            .prepare_cached("INSERT OR IGNORE INTO temp.protected (key, file) VALUES (?1, ?2)")?
            .execute((key, &protected.file))?;
        self.protects = true;
        Ok(())
    }

    /// Starts an input; the rows that follow are its.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] while another is open.
    pub fn begin_source(&mut self, name: &str) -> Result<(), Error> {
        if self.source_is_open {
            return Err(Error::new(
                ErrorKind::Unfit,
                "an input began before the one before it had ended",
            ));
        }
        self.source_is_open = true;
        self.sources.push(Source {
            name: name.to_owned(),
            sha256: String::new(),
            first_row: self.rows + 1,
            rows: 0,
        });
        Ok(())
    }

    /// Adds a row and returns its number. `uid` and `name` are kept character for character.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] before the first `begin_source`, and what the machine says.
    pub fn push(&mut self, line: u64, uid: &str, name: &str) -> Result<u64, Error> {
        if !self.source_is_open {
            return Err(Error::new(ErrorKind::Unfit, "a row came before its input had begun"));
        }
        let row = self.rows + 1;
        self.file
            .connection()?
            .prepare_cached("INSERT INTO rows (row, uid, name, source, line, skipped) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute((
                row.cast_signed(),
                uid,
                name,
                self.sources.len().cast_signed(),
                line.cast_signed(),
                rules::blank(uid, name),
            ))?;
        self.rows = row;
        Ok(row)
    }

    /// Ends the input with the SHA-256 of its bytes in lowercase hexadecimal.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] without an open input, and what the machine says.
    pub fn end_source(&mut self, sha256: &str) -> Result<(), Error> {
        let number = self.sources.len().cast_signed();
        let (true, Some(source)) = (self.source_is_open, self.sources.last_mut()) else {
            return Err(Error::new(ErrorKind::Unfit, "an input ended that had not begun"));
        };
        sha256.clone_into(&mut source.sha256);
        source.rows = self.rows + 1 - source.first_row;
        self.source_is_open = false;
        self.file
            .connection()?
            .prepare_cached("INSERT INTO sources (source, name, sha256, first_row, rows) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((
                number,
                &source.name,
                &source.sha256,
                source.first_row.cast_signed(),
                source.rows.cast_signed(),
            ))?;
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
        if self.source_is_open {
            return Err(Error::new(ErrorKind::Unfit, "the plan was frozen before its last input had ended").into());
        }
        freeze::freeze(self, options)
    }
}

impl fmt::Display for FreezeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

impl From<rusqlite::Error> for FreezeError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for PlanRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plan is refused: ")?;
        let mut reasons = Vec::new();
        if self.conflicts > 0 {
            reasons.push(format!("{} with more than one name", uids(self.conflicts)));
        }
        if self.malformed > 0 {
            reasons.push(format!("{} malformed", uids(self.malformed)));
        }
        if self.is_over_cap() {
            reasons.push(format!(
                "{} devices to send where {} may be",
                self.to_send, self.max_devices
            ));
        }
        if self.is_empty() {
            reasons.push("nothing to send".to_owned());
        }
        f.write_str(&reasons.join(", "))
    }
}

fn uids(count: u64) -> String {
    if count == 1 {
        "1 uid".to_owned()
    } else {
        format!("{count} uids")
    }
}

impl std::error::Error for PlanRefused {}
