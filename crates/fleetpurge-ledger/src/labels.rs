//! Resolves labels to ids before a plan is frozen.
//!
//! A Ubidots device that still sends data is created again under its label, with another id. So a reviewed plan must
//! hold ids: the account's listing is compared with the rows once, and no label is looked up afterwards.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::draft::{Draft, Labels, RowAt};
use crate::error::{Error, ErrorKind};
use crate::freeze;
use crate::protect;
use crate::refused::FINDINGS_SHOWN;
use crate::rules::{self, Rules, Sent};
use crate::verify::number;

/// A row whose label more than one device has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmbiguousRow {
    /// The row; its uid is blank.
    pub row: RowAt,
    /// The ids of the devices that have the label, no more than [`FINDINGS_SHOWN`].
    pub ids: Vec<String>,
}

/// What resolving labels came to, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// Rows that have an id now.
    pub found: u64,
    /// Rows left out because no device has their label.
    pub unknown: u64,
    /// Rows whose label more than one device has.
    pub ambiguous: u64,
}

/// The devices of the account are being told, all of them, to a draft that has rows with a label alone.
///
/// Dropped before [`finish`](Self::finish), as when the listing fails half way, it has resolved nothing: a listing with a
/// gap would call devices unknown that are there, and one of two that share a label the only one.
#[derive(Debug)]
#[must_use = "labels are resolved when it is finished"]
pub struct Resolution<'d> {
    draft: &'d mut Draft,
}

impl Draft {
    /// How many rows have a label alone and have to be [resolved](Self::resolve_labels) before the plan is frozen.
    #[must_use]
    pub const fn unresolved(&self) -> u64 {
        self.unresolved
    }

    /// How many rows may be protected by a label that is not known yet: a protect list names labels, and what label a
    /// device has today only the account knows; one that stands in a row may have been changed since. None once the
    /// devices of the account were told ([`resolve_labels`](Self::resolve_labels)), and for a service whose rows always
    /// have a name.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn maybe_protected(&self) -> Result<u64, Error> {
        if self.labels == Labels::Resolved || !self.protect.names_labels() {
            return Ok(0);
        }
        freeze::count(
            self.file.connection()?,
            "SELECT count(*) FROM rows WHERE skipped IS NULL",
        )
    }

    /// Begins to resolve the labels of the rows that have no id, after the last input and the last protected device.
    ///
    /// Every device of the account has to be told, once or more often, also where its label is none of the rows': the
    /// labels are held against the protect lists, too. Memory stays flat. One that was dropped before it was finished
    /// may be begun again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] while an input is open, once labels are resolved, and for a service that is not asked by id
    /// alone; what the machine says.
    pub fn resolve_labels(&mut self) -> Result<Resolution<'_>, Error> {
        let unfit = |message| Err(Error::new(ErrorKind::Unfit, message));
        if self.settings.service.rules().sent() != Sent::ById {
            return unfit("the devices of this service have no labels to resolve");
        }
        if self.source_is_open {
            return unfit("labels were to be resolved before the last input had ended");
        }
        if self.labels == Labels::Resolved {
            return unfit("labels were to be resolved for a second time");
        }
        // In the order of the index: it is written from its beginning to its end, and read likewise.
        self.file.connection()?.execute_batch(
            "DELETE FROM temp.candidates;
             DELETE FROM temp.unresolved;
             INSERT INTO temp.unresolved (label, row)
                 SELECT name, row FROM rows WHERE skipped IS NULL AND needs_resolving(uid, name) ORDER BY name, row;",
        )?;
        Ok(Resolution { draft: self })
    }
}

impl Resolution<'_> {
    /// Tells one device of the account. The same one may be told again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unfit`] for a device without an id, and what the machine says.
    pub fn device(&mut self, id: &str, label: &str) -> Result<(), Error> {
        if rules::is_blank(id) {
            return Err(Error::new(ErrorKind::Unfit, "a device of the account has no id"));
        }
        let rules = self.draft.settings.service.rules();
        let connection = self.draft.file.connection()?;
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO temp.candidates (label, key, id)
                 SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM temp.unresolved WHERE label = ?1)",
            )?
            .execute((label, rules.key(id).spelled(), id))?;
        if !self.draft.protect.is_empty() {
            protect::protect_likewise(connection, &self.draft.protect, id, label)?;
        }
        Ok(())
    }

    /// All devices of the account were told: gives each row its id, or the reason why it has none.
    ///
    /// # Errors
    ///
    /// What the machine says; the labels are not resolved then.
    pub fn finish(self) -> Result<Resolved, Error> {
        let connection = self.draft.file.connection()?;
        let mut resolved = Resolved::default();
        {
            // Sorted, so that the rows are changed from the first to the last.
            let mut unresolved = connection.prepare(
                "SELECT u.row,
                        (SELECT id FROM temp.candidates c WHERE c.label = u.label ORDER BY key LIMIT 1),
                        (SELECT id FROM temp.candidates c WHERE c.label = u.label ORDER BY key LIMIT 1 OFFSET 1)
                 FROM temp.unresolved u ORDER BY u.row",
            )?;
            let mut give = connection.prepare("UPDATE rows SET uid = ?2 WHERE row = ?1")?;
            let mut skip = connection.prepare("UPDATE rows SET skipped = ?2 WHERE row = ?1")?;
            let mut rows = unresolved.query(())?;
            while let Some(found) = rows.next()? {
                let row = number(found, 0)?.cast_signed();
                let id = |column| -> Result<Option<&str>, Error> {
                    Ok(found.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?)
                };
                match (id(1)?, id(2)?) {
                    (Some(id), None) => {
                        give.execute((row, id))?;
                        resolved.found += 1;
                    }
                    (Some(id), Some(other)) => {
                        skip.execute((row, rules::ambiguous(id, other)))?;
                        resolved.ambiguous += 1;
                    }
                    (None, _) => {
                        skip.execute((row, rules::NO_SUCH_LABEL))?;
                        resolved.unknown += 1;
                    }
                }
            }
        }
        connection.execute_batch("DELETE FROM temp.unresolved")?;
        self.draft.unresolved = 0;
        self.draft.labels = Labels::Resolved;
        Ok(resolved)
    }
}

/// What resolving needs of SQLite.
pub(crate) fn prepare(connection: &Connection, rules: &'static dyn Rules) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("needs_resolving", 2, flags, |context| {
        Ok(rules.needs_resolving(context.get_raw(0).as_str()?, context.get_raw(1).as_str()?))
    })?;
    connection.create_scalar_function("is_blank", 1, flags, |context| {
        Ok(rules::is_blank(context.get_raw(0).as_str()?))
    })?;
    connection.execute_batch(
        "CREATE TEMP TABLE unresolved (label TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (label, row)) WITHOUT ROWID;
         CREATE TEMP TABLE candidates (label TEXT NOT NULL, key TEXT NOT NULL, id TEXT NOT NULL,
                                       PRIMARY KEY (label, key)) WITHOUT ROWID;",
    )?;
    Ok(())
}

/// How many labels of rows more than one device has.
pub(crate) fn count_ambiguous(connection: &Connection) -> Result<u64, Error> {
    freeze::count(
        connection,
        "SELECT count(*) FROM (SELECT 1 FROM temp.candidates GROUP BY label HAVING count(*) > 1)",
    )
}

/// The ids of the first few devices that have a label.
pub(crate) fn candidates(connection: &Connection, label: &str) -> Result<Vec<String>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM temp.candidates WHERE label = ?1 ORDER BY key LIMIT ?2")?;
    let ids = statement
        .query_map((label, FINDINGS_SHOWN.cast_signed()), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}
