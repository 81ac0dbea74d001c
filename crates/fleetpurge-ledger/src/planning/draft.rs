//! A plan in the making: rows go in, one at a time, until it is frozen.

use std::path::PathBuf;
use std::sync::Arc;

use fleetpurge_text::Counted;

use crate::model::{Error, ErrorKind, NameFilter, PlanAddress, PlanSettings, Protected, Replace, Source, Unmarked};
use crate::planning::replace;
use crate::rules::name_pattern::NamePattern;
use crate::rules::{COMMENTED_OUT, NameFilters};
use crate::store::draft::commented_out;
use crate::store::draft::file::DraftFile;
use crate::store::draft::protect::ProtectLists;
use crate::store::draft::rows::{self, NewRow, PendingRows};
use crate::store::draft::seen::Seen;
use crate::store::file::naming;
#[cfg(feature = "postgres")]
use crate::store::postgres::{
    link::{Remote, wait},
    put,
    scratch::Scratch,
};

/// A plan that is being made: add rows one at a time, then freeze it.
///
/// It is written beside its target under a temporary name, and gets the target's name when it is frozen. If it is
/// dropped before, nothing is left. Memory stays flat for any number of rows: SQLite finds the duplicates.
#[derive(Debug)]
pub struct Draft {
    pub(crate) file: DraftFile,
    pub(crate) settings: PlanSettings,
    pub(crate) replace: Replace,
    pub(crate) target: Target,
    pub(crate) sources: Vec<Source>,
    pub(crate) rows: u64,
    /// Of the input that is open.
    pub(crate) pending: PendingRows,
    pub(crate) seen: Seen,
    pub(crate) protect: ProtectLists,
    pub(crate) names: NameFilters,
    /// The number of rows with a label and no id yet.
    pub(crate) unresolved: u64,
    pub(crate) labels: Labels,
    pub(crate) source_is_open: bool,
}

/// Where a frozen plan goes.
#[derive(Debug)]
pub(crate) enum Target {
    File(PathBuf),
    #[cfg(feature = "postgres")]
    Database(Remote),
}

/// Whether the labels of a draft's rows are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Not yet: rows may add new ones.
    Open,
    /// All devices of the account were passed.
    Resolved,
}

impl Draft {
    /// Starts a plan that will be written to this address. One for a database is drafted in a scratch file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Exists`] for a plan that may not be replaced,
    /// [`ErrorKind::Held`] for a plan that an `apply` holds, and an I/O error; of a database also `BadAddress`, `Unreachable`,
    /// `NotPermitted` and `NotDurable`.
    pub fn create(address: impl Into<PlanAddress>, settings: PlanSettings, replace: Replace) -> Result<Self, Error> {
        // SQLite's numbers are signed.
        let settings = PlanSettings {
            max_devices: settings.max_devices.min(i64::MAX.cast_unsigned()),
            ..settings
        };
        let rules = settings.service.rules();
        let (target, file) = match address.into() {
            PlanAddress::File(path) => {
                // SQLite takes `file:` at the beginning of a name for a URL.
                let target = std::path::absolute(path)?;
                replace::check(&target, replace)?;
                let file = DraftFile::create(naming::draft_name(&target)?, rules)?;
                (Target::File(target), file)
            }
            #[cfg(feature = "postgres")]
            PlanAddress::Database(url) => {
                let remote = Remote::of(&url)?;
                // Before an hour of planning, not after it.
                wait(|| put::check(&remote, replace))??;
                let scratch = Scratch::empty()?;
                let mut file = DraftFile::create(scratch.path().to_owned(), rules)?;
                file.scratch = Some(scratch);
                (Target::Database(remote), file)
            }
        };
        Ok(Self {
            file,
            settings,
            replace,
            target,
            sources: Vec::new(),
            rows: 0,
            pending: PendingRows::default(),
            seen: Seen::default(),
            protect: ProtectLists::default(),
            names: NameFilters::default(),
            unresolved: 0,
            labels: Labels::Open,
            source_is_open: false,
        })
    }

    /// Adds an entry of a protect list: devices that must stay. Call it before or after the rows, and before their
    /// labels are resolved. An entry that protects no row refuses the plan
    /// ([`UnmatchedProtect`](crate::UnmatchedProtect)).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] after labels were resolved, because the account's labels were compared with the
    /// list then. An I/O error.
    pub fn protect(&mut self, protected: &Protected) -> Result<(), Error> {
        if self.labels == Labels::Resolved {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                "a protected device came after the labels were resolved",
            ));
        }
        let rules = self.settings.service.rules();
        self.protect.add(self.file.connection()?, rules, protected)
    }

    /// Adds an entry of a protect list that names no device: a row of a table without uid and name. It protects
    /// nothing, so it is listed with its text and line and refuses the plan
    /// ([`UnmatchedProtect`](crate::UnmatchedProtect)).
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn protect_unnamed(&mut self, file: &str, line: u64, text: &str) -> Result<(), Error> {
        self.protect.add_unnamed(self.file.connection()?, file, line, text)
    }

    /// Adds a pattern for names: rows that it excludes, or that no pattern includes, are skipped with that reason. Call it
    /// before or after the rows. A pattern that matches no row refuses the plan
    /// ([`UnmatchedNames`](crate::UnmatchedNames)).
    ///
    /// A device that several rows name is left out or kept as a whole, and its names must still agree.
    pub fn filter_names(&mut self, filter: NameFilter, pattern: Arc<NamePattern>) {
        self.names.add(filter, pattern);
    }

    /// Starts an input; the rows that follow belong to it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] while another is open.
    pub fn begin_source(&mut self, name: &str) -> Result<(), Error> {
        if self.source_is_open {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                "an input began before the one before it had ended",
            ));
        }
        self.source_is_open = true;
        self.sources.push(Source {
            name: name.to_owned(),
            sha256: String::new(),
            first_row: self.rows + 1,
            rows: 0,
            counted: Counted::Lines,
        });
        Ok(())
    }

    /// Adds a row and returns its number. `uid` and `name` are kept unchanged.
    ///
    /// For Ubidots, `uid` is the id and `name` the label. A row with only a label must be
    /// [resolved](Self::resolve_labels).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] before the first `begin_source`, and for a row with only a label after labels were
    /// resolved. An I/O error.
    pub fn push(&mut self, line: u64, uid: &str, name: &str) -> Result<u64, Error> {
        let rules = self.settings.service.rules();
        let needs_resolving = rules.needs_resolving(uid, name);
        if needs_resolving && self.labels == Labels::Resolved {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                "a row with a label alone came after the labels were resolved",
            ));
        }
        let row = self.insert(line, uid, name, rules.blank(uid, name))?;
        self.unresolved += u64::from(needs_resolving);
        Ok(row)
    }

    /// Adds a row that is commented out, and returns its number. It is `skipped`, with that reason. `uid` and `name`
    /// are kept unchanged, with the comment character; `device` has them without it.
    ///
    /// If another row would send that device, the plan is refused
    /// ([`PlanRefused::recalled`](crate::PlanRefused::recalled)): a comment in one list means that the device stays,
    /// wherever else it is listed. Devices are compared by uid; for Ubidots also by label; and by name if the comment
    /// has no usable uid.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] before the first `begin_source`. An I/O error.
    pub fn push_commented_out(&mut self, line: u64, uid: &str, name: &str, device: Unmarked<'_>) -> Result<u64, Error> {
        let row = self.insert(line, uid, name, Some(COMMENTED_OUT))?;
        commented_out::add(self.file.connection()?, self.settings.service.rules(), row, device)?;
        Ok(row)
    }

    fn insert(&mut self, line: u64, uid: &str, name: &str, skipped: Option<&str>) -> Result<u64, Error> {
        if !self.source_is_open {
            return Err(Error::new(
                ErrorKind::Inconsistent,
                "a row came before its input had begun",
            ));
        }
        let row = self.rows + 1;
        let new = NewRow {
            row,
            uid,
            name,
            source: self.sources.len(),
            line,
            skipped,
        };
        self.pending.add(self.file.connection()?, &new)?;
        if skipped.is_none() {
            self.seen.add(&self.settings.service.rules().key(uid));
        }
        self.rows = row;
        Ok(row)
    }

    /// Says what the lines of the input's rows count; lines, unless this is called. Nothing without an open input.
    pub fn count_by(&mut self, counted: Counted) {
        if let (true, Some(source)) = (self.source_is_open, self.sources.last_mut()) {
            source.counted = counted;
        }
    }

    /// Ends the input with the SHA-256 of its bytes in lowercase hexadecimal.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inconsistent`] without an open input, and an I/O error.
    pub fn end_source(&mut self, sha256: &str) -> Result<(), Error> {
        self.pending.insert(self.file.connection()?)?;
        let number = self.sources.len();
        let (true, Some(source)) = (self.source_is_open, self.sources.last_mut()) else {
            return Err(Error::new(ErrorKind::Inconsistent, "an input ended that had not begun"));
        };
        sha256.clone_into(&mut source.sha256);
        source.rows = self.rows + 1 - source.first_row;
        self.source_is_open = false;
        rows::insert_source(self.file.connection()?, number, source)
    }
}
