//! Compares a fresh inventory with a plan: which devices are still there?

use jiff::Timestamp;

use crate::model::{Error, ReportRow};
use crate::reading::ledger::Ledger;
use crate::reading::report::ReportRows;
use crate::rules::inventory::{Cell, Origin, Sighting, Survey, cell, is_free_text, is_looked_for, sighting};
use crate::rules::{Rules, name_key};
use crate::store::inventory::{self};
use crate::store::known;

/// An inventory whose rows are being added.
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
    /// Begins to compare an inventory with the plan. Add its rows with [`Inventory::row`].
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn inventory(&self) -> Result<Inventory<'_>, Error> {
        inventory::prepare(&self.database, self.plan().settings.service.rules())?;
        Ok(Inventory {
            ledger: self,
            survey: Survey::default(),
        })
    }

    /// The time of the last deletion request for this plan; `None` if there was none.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn last_asked_at(&self) -> Result<Option<Timestamp>, Error> {
        known::last_begun_at(&self.database)
    }
}

impl<'l> Inventory<'l> {
    /// Adds a row: its line in the file, its uid and its name, unchanged.
    ///
    /// # Errors
    ///
    /// An I/O error.
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
            Cell::Device(key) => key,
        };
        inventory::add(&self.ledger.database, key, &name_key(name), line)
    }

    /// Adds a row that is commented out, without the comment character. It is a [doubt](crate::Doubt::CommentedOut),
    /// unless it is free text.
    pub fn commented_out(&mut self, line: u64, uid: &str, name: &str) {
        if !is_free_text(self.rules(), uid, name) {
            self.survey.commented_out.add(line, uid);
        }
    }

    /// All rows were added: compares them with the plan.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn finish(self, origin: Origin) -> Result<Comparison<'l>, Error> {
        let Self { ledger, mut survey } = self;
        inventory::compare(&ledger.database, &mut survey)?;
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
    /// A summary of the inventory. Check its [doubts](Survey::doubts) first: if there is one, no sighting is
    /// evidence.
    #[must_use]
    pub const fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Every device that is [looked for](is_looked_for), in input order, and what the inventory shows of it.
    ///
    /// # Errors
    ///
    /// An I/O error.
    pub fn sightings(&self) -> Result<Sightings<'_>, Error> {
        Ok(Sightings {
            ledger: self.ledger,
            rows: self.ledger.report_rows()?,
        })
    }
}

/// The devices that are looked for, and what an inventory shows of each.
#[derive(Debug)]
pub struct Sightings<'c> {
    ledger: &'c Ledger,
    rows: ReportRows<'c>,
}

impl Sightings<'_> {
    fn look(&self, row: &ReportRow) -> Result<Sighting, Error> {
        let database = &self.ledger.database;
        let cell = cell(self.ledger.plan().settings.service.rules(), &row.uid);
        let is_listed = match &cell {
            Cell::Device(key) => inventory::lists(database, key.clone())?,
            Cell::Blank | Cell::Malformed => false,
        };
        let namesake = if is_listed {
            None
        } else {
            inventory::namesake(database, &name_key(&row.name))?
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
