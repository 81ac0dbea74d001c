//! Which rows of a plan are written.

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Error, Ledger, NamePattern, ReportRow};

/// A choice of rows. One that says nothing chooses all of them.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// With one of these outcomes; empty: with any.
    pub(crate) outcomes: Vec<OutcomeKind>,
    /// With a name like this.
    pub(crate) name: Option<&'a NamePattern>,
}

impl Wanted<'_> {
    pub(crate) fn has(&self, kind: OutcomeKind) -> bool {
        self.outcomes.is_empty() || self.outcomes.contains(&kind)
    }

    /// These rows in input order. Memory stays flat.
    pub(crate) fn rows<'l>(
        &self,
        ledger: &'l Ledger,
    ) -> Result<impl Iterator<Item = Result<ReportRow, Error>> + use<'l, '_>, Error> {
        let rows = ledger.report_rows()?;
        Ok(rows.filter(|row| row.as_ref().map_or(true, |row| self.keeps(row))))
    }

    fn keeps(&self, row: &ReportRow) -> bool {
        self.has(row.outcome) && self.name.is_none_or(|name| name.matches(&row.name))
    }
}
