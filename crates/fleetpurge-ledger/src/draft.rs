//! How an input becomes a plan, and why it is refused.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::error::{Error, ErrorKind};
use crate::plan::{PlanSettings, PlanSummary, Source};
use crate::protect::ProtectLists;
use crate::rules::COMMENTED_OUT;
use crate::{freeze, recall, replace, schema};

pub use crate::labels::{AmbiguousRow, Resolution, Resolved};
pub use crate::protection::{
    PatternMatches, ProtectList, Protected, Protection, Unmatched, UnmatchedEntry, UnmatchedProtect,
};
pub use crate::recall::Unmarked;
pub use crate::refused::{FINDINGS_SHOWN, FreezeError, PlanRefused};
pub use crate::unfit::UnfitInput;

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
    pub(crate) protect: ProtectLists,
    /// Rows that are given by label and have no id yet.
    pub(crate) unresolved: u64,
    pub(crate) labels: Labels,
    pub(crate) source_is_open: bool,
}

/// How far a draft is with the labels of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Rows may still bring new ones.
    Open,
    /// All devices of the account were told.
    Resolved,
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

/// What becomes of a uid that has more than one name, of a label that more than one device has, and of a device that is
/// commented out in one row and listed in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflicts {
    /// It refuses the plan.
    #[default]
    Refuse,
    /// All rows of that uid, label or device are left out, with the reason.
    Skip,
}

/// How a draft is frozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FreezeOptions {
    /// What becomes of rows that contradict one another.
    pub conflicts: Conflicts,
    /// What becomes of the plan if an entry of a protect list protects no row.
    pub unmatched_protect: UnmatchedProtect,
    /// How many of the entries that protect no row [`Protection::unmatched_first`] holds.
    pub unmatched_listed: Listed,
}

/// How much of what was found is kept in memory, to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    /// No more than [`FINDINGS_SHOWN`].
    #[default]
    First,
    /// All of it, however much it is.
    All,
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

impl Draft {
    /// Starts a plan that will be written to `path`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Exists`] for a file that may not be replaced,
    /// [`ErrorKind::Held`] for a plan that an `apply` holds, and what the machine says.
    pub fn create(path: impl AsRef<Path>, settings: PlanSettings, replace: Replace) -> Result<Self, Error> {
        // SQLite takes `file:` at the beginning of a name for a URL.
        let target = std::path::absolute(path.as_ref())?;
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
        freeze::prepare(&connection, settings.service.rules())?;
        connection.execute_batch("BEGIN")?;
        file.connection = Some(connection);
        Ok(Self {
            file,
            settings,
            replace,
            target,
            sources: Vec::new(),
            rows: 0,
            protect: ProtectLists::default(),
            unresolved: 0,
            labels: Labels::Open,
            source_is_open: false,
        })
    }

    /// Names devices that must stay: one entry of a protect list. Before or after the rows, and before their labels are
    /// resolved. An entry that turns out to protect no row refuses the plan ([`UnmatchedProtect`]).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] once labels are resolved: the account's labels were held against the list then. What the
    /// machine says.
    pub fn protect(&mut self, protected: &Protected) -> Result<(), Error> {
        if self.labels == Labels::Resolved {
            return Err(Error::new(
                ErrorKind::Unfit,
                "a protected device came after the labels were resolved",
            ));
        }
        let rules = self.settings.service.rules();
        self.protect.add(self.file.connection()?, rules, protected)
    }

    /// Notes an entry of a protect list that names no device: a row of a table without uid and name. It protects nothing, so
    /// that it is listed with its text and line and refuses the plan ([`UnmatchedProtect`]).
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn protect_unnamed(&mut self, file: &str, line: u64, text: &str) -> Result<(), Error> {
        self.protect.add_unnamed(self.file.connection()?, file, line, text)
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
    /// Of Ubidots, `uid` is the id and `name` the label. A row with a label alone has to be
    /// [resolved](Self::resolve_labels).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] before the first `begin_source`, and for a row with a label alone once labels are resolved.
    /// What the machine says.
    pub fn push(&mut self, line: u64, uid: &str, name: &str) -> Result<u64, Error> {
        let rules = self.settings.service.rules();
        let needs_resolving = rules.needs_resolving(uid, name);
        if needs_resolving && self.labels == Labels::Resolved {
            return Err(Error::new(
                ErrorKind::Unfit,
                "a row with a label alone came after the labels were resolved",
            ));
        }
        let row = self.insert(line, uid, name, rules.blank(uid, name))?;
        self.unresolved += u64::from(needs_resolving);
        Ok(row)
    }

    /// Adds a row that a person has commented out, and returns its number. It is `skipped`, with that reason. `uid` and
    /// `name` are kept character for character, with the mark of the comment; `device` is what they are without it.
    ///
    /// Another row that would send that device refuses the plan ([`PlanRefused::recalled`]): a comment in one list means
    /// that the device stays, wherever else it is listed. Devices are compared by uid; by label for Ubidots, and by name
    /// if the comment has no uid that could be one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] before the first `begin_source`. What the machine says.
    pub fn push_commented_out(&mut self, line: u64, uid: &str, name: &str, device: Unmarked<'_>) -> Result<u64, Error> {
        let row = self.insert(line, uid, name, Some(COMMENTED_OUT))?;
        recall::add(self.file.connection()?, self.settings.service.rules(), row, device)?;
        Ok(row)
    }

    fn insert(&mut self, line: u64, uid: &str, name: &str, skipped: Option<&str>) -> Result<u64, Error> {
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
                skipped,
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
    /// [`FreezeError::Refused`] with everything that was found; [`ErrorKind::Unfit`] while an input is open or a label is
    /// not resolved; what the machine says. No plan is written then.
    pub fn freeze(self, options: FreezeOptions) -> Result<PlanSummary, FreezeError> {
        if self.source_is_open {
            return Err(Error::new(ErrorKind::Unfit, "the plan was frozen before its last input had ended").into());
        }
        if self.unresolved > 0 {
            return Err(Error::new(
                ErrorKind::Unfit,
                format!(
                    "the plan was frozen before its labels were resolved, of {} rows",
                    self.unresolved
                ),
            )
            .into());
        }
        freeze::freeze(self, options)
    }
}
