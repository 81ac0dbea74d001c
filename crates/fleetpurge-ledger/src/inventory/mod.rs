//! Compares a fresh inventory with a plan: which devices are still there?
//!
//! The inventory is in temporary tables of SQLite, which use a file, so that memory stays flat. `evidence` decides what
//! it proves.

mod evidence;

use jiff::Timestamp;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use crate::error::{Error, ErrorKind};
use crate::read::{Ledger, ReportRow, ReportRows};
use crate::rules::{Rules, UidKey, name_key};
use crate::verify::number;

use evidence::{Cell, cell, sighting};
pub use evidence::{Doubt, Findings, Namesake, Origin, Overlap, Sighting, Survey, is_looked_for};

/// The tables are written once and then looked up in any order: KiB of them in memory.
const CACHE: i64 = -8192;

/// An inventory whose rows are being told.
#[derive(Debug)]
#[must_use = "an inventory is compared when it is finished"]
pub struct Inventory<'l> {
    ledger: &'l Ledger,
    survey: Survey,
}

/// An inventory that was compared with a plan.
#[derive(Debug)]
pub struct Comparison<'l> {
    ledger: &'l Ledger,
    survey: Survey,
}

impl Ledger {
    /// Begins to hold an inventory against the plan. Its rows are to be told with [`Inventory::row`].
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn inventory(&self) -> Result<Inventory<'_>, Error> {
        let connection = &self.connection;
        let rules = self.plan().settings.service.rules();
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection.create_scalar_function("inventory_key", 1, flags, move |context| {
            Ok(value(rules.key(context.get_raw(0).as_str()?.trim())))
        })?;
        connection.create_scalar_function("name_key", 1, flags, |context| {
            Ok(name_key(context.get_raw(0).as_str()?))
        })?;
        connection.pragma_update(Some("temp"), "cache_size", CACHE)?;
        connection.execute_batch(
            "DROP TABLE IF EXISTS temp.inventory;
             DROP TABLE IF EXISTS temp.known;
             CREATE TEMP TABLE inventory (key NOT NULL, name TEXT NOT NULL, line INTEGER NOT NULL);
             CREATE TEMP TABLE known (key NOT NULL, name TEXT NOT NULL, PRIMARY KEY (key, name)) WITHOUT ROWID;",
        )?;
        Ok(Inventory {
            ledger: self,
            survey: Survey::default(),
        })
    }

    /// When the service was last asked for a deletion of this plan; None: never.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn last_asked_at(&self) -> Result<Option<Timestamp>, Error> {
        let text: Option<String> = self
            .connection
            .query_row(
                "SELECT begun_at FROM attempts ORDER BY attempt DESC LIMIT 1",
                (),
                |row| row.get(0),
            )
            .optional()?;
        text.map(|text| {
            text.parse().map_err(|error: jiff::Error| {
                Error::new(ErrorKind::Altered, "a date of the ledger's attempts is none").with_source(error)
            })
        })
        .transpose()
    }
}

impl<'l> Inventory<'l> {
    /// Tells one row: the line of its file, its uid and its name, as they stand there.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn row(&mut self, line: u64, uid: &str, name: &str) -> Result<(), Error> {
        self.survey.rows += 1;
        let key = match cell(self.rules(), uid) {
            Cell::Blank => {
                self.survey.blank.add(line, uid);
                return Ok(());
            }
            Cell::Malformed => {
                self.survey.malformed.add(line, uid);
                return Ok(());
            }
            Cell::Device(key) => value(key),
        };
        self.ledger
            .connection
            .prepare_cached("INSERT INTO temp.inventory (key, name, line) VALUES (?1, ?2, ?3)")?
            .execute((key, name_key(name), line.cast_signed()))?;
        Ok(())
    }

    /// All rows were told: compares them with the plan.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn finish(self, origin: Origin) -> Result<Comparison<'l>, Error> {
        let Self { ledger, mut survey } = self;
        let connection = &ledger.connection;
        // Sorted, so that the tables are written from their beginning to their end.
        connection.execute_batch(
            "CREATE INDEX temp.inventory_key ON inventory (key);
             CREATE INDEX temp.inventory_name ON inventory (name);
             INSERT INTO temp.known (key, name)
                 SELECT DISTINCT inventory_key(uid) AS key, name_key(name) AS name FROM rows ORDER BY key, name;",
        )?;
        survey.devices = count(connection, "SELECT count(DISTINCT key) FROM temp.inventory")?;
        survey.in_plan = count(
            connection,
            "SELECT count(DISTINCT key) FROM temp.inventory i
             WHERE EXISTS (SELECT 1 FROM temp.known k WHERE k.key = i.key)",
        )?;
        if survey.in_plan == 0 {
            connection.execute_batch("CREATE INDEX temp.known_name ON known (name)")?;
            survey.names_in_plan = count(
                connection,
                "SELECT count(DISTINCT key) FROM temp.inventory i
                 WHERE i.name <> '' AND EXISTS (SELECT 1 FROM temp.known k WHERE k.name = i.name)",
            )?;
        }
        let plan = ledger.plan();
        survey.is_input = origin.sha256.and_then(|sha256| {
            let same = plan.sources.iter().find(|source| source.sha256 == sha256);
            same.map(|source| source.name.clone())
        });
        survey.is_only_input = survey.is_input.is_some() && plan.sources.len() == 1;
        survey.written_at = origin.written_at;
        survey.asked_at = ledger.last_asked_at()?;
        Ok(Comparison { ledger, survey })
    }

    fn rules(&self) -> &'static dyn Rules {
        self.ledger.plan().settings.service.rules()
    }
}

impl<'l> Comparison<'l> {
    /// What the inventory is. Its [doubts](Survey::doubts) come first: where there is one, no sighting proves anything.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Every device that is [looked for](is_looked_for), in input order, and what the inventory says of it.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn sightings(&self) -> Result<Sightings<'_>, Error> {
        Ok(Sightings {
            ledger: self.ledger,
            rows: self.ledger.report_rows()?,
        })
    }
}

/// The devices that are looked for, and what an inventory says of each.
#[derive(Debug)]
pub struct Sightings<'c> {
    ledger: &'c Ledger,
    rows: ReportRows<'c>,
}

impl Sightings<'_> {
    fn look(&self, row: &ReportRow) -> Result<Sighting, Error> {
        let connection = &self.ledger.connection;
        let cell = cell(self.ledger.plan().settings.service.rules(), &row.uid);
        let is_listed = match &cell {
            Cell::Device(key) => connection
                .prepare_cached("SELECT 1 FROM temp.inventory WHERE key = ?1 LIMIT 1")?
                .exists([value(key.clone())])?,
            Cell::Blank | Cell::Malformed => false,
        };
        let namesake = if is_listed {
            None
        } else {
            namesake(connection, &name_key(&row.name))?
        };
        Ok(sighting(&cell, is_listed, namesake))
    }
}

impl Iterator for Sightings<'_> {
    type Item = Result<(ReportRow, Sighting), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = match self.rows.next()? {
                Ok(row) if is_looked_for(row.outcome) => row,
                Ok(_) => continue,
                Err(error) => return Some(Err(error)),
            };
            return Some(self.look(&row).map(|sighting| (row, sighting)));
        }
    }
}

/// A device of the inventory that has this name under a uid that the plan does not know by it: one that it does is another
/// device, as a replaced machine is, and no sign of another column.
fn namesake(connection: &Connection, name: &str) -> Result<Option<Namesake>, Error> {
    if name.is_empty() {
        return Ok(None);
    }
    connection
        .prepare_cached(
            "SELECT i.line, i.key FROM temp.inventory i WHERE i.name = ?1
             AND NOT EXISTS (SELECT 1 FROM temp.known k WHERE k.key = i.key AND k.name = i.name) LIMIT 1",
        )?
        .query_row([name], |row| {
            let uid = match row.get(1)? {
                Value::Blob(uuid) => {
                    uuid::Uuid::from_slice(&uuid).map_or_else(|_| String::new(), |uuid| uuid.to_string())
                }
                Value::Text(text) => text,
                _ => String::new(),
            };
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), uid))
        })
        .optional()
        .map(|found| found.map(|(line, uid)| Namesake { line, uid }))
        .map_err(Error::from)
}

fn value(key: UidKey<'_>) -> Value {
    match key {
        UidKey::Uuid(uuid) => Value::Blob(uuid.to_vec()),
        UidKey::Text(text) => Value::Text(text.into_owned()),
    }
}

fn count(connection: &Connection, query: &str) -> Result<u64, Error> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query(())?;
    rows.next()?.map_or(Ok(0), |row| number(row, 0))
}
