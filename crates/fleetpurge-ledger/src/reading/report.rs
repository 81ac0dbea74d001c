//! Every row with its outcome: merges the rows, the outcomes and the attempts as it reads them.

use std::collections::VecDeque;

use fleetpurge_engine::OutcomeKind;

use crate::model::{Error, LastSighting, ReportRow, Segments};
use crate::reading::sighted::Sighted;
use crate::store::afterwards::BatchNumbers;
use crate::store::database::Database;
use crate::store::known::{self, KnownAttempt, KnownOutcome};
use crate::store::ranges::{AttemptRange, Outcomes, Pages, holding, outcomes};
use crate::store::rows::{self, PlanRow};

/// Every row in input order with its outcome.
#[derive(Debug)]
pub struct ReportRows<'ledger> {
    database: &'ledger Database,
    page: VecDeque<PlanRow>,
    row: u64,
    outcomes: Outcomes<'ledger>,
    /// What is known of the rows up to the first number.
    known: (u64, Option<KnownOutcome>),
    attempts: Segments<AttemptRange, Pages<'ledger, AttemptRange>>,
    /// How often rows up to the first number were attempted.
    tried: (u64, u64),
    last: Option<KnownAttempt>,
    batches: BatchNumbers,
    sighted: Sighted<'ledger>,
    is_over: bool,
}

impl<'ledger> ReportRows<'ledger> {
    pub(crate) fn new(database: &'ledger Database, planned: u64) -> Result<Self, Error> {
        Ok(Self {
            database,
            page: VecDeque::new(),
            row: 0,
            outcomes: outcomes(database, 1, planned),
            known: (0, None),
            attempts: Segments::new(Pages::new(database, 1, planned), 1, planned),
            tried: (0, 0),
            last: None,
            batches: BatchNumbers::read(database)?,
            sighted: Sighted::new(database, planned)?,
            is_over: false,
        })
    }

    fn step(&mut self) -> Result<Option<ReportRow>, Error> {
        if self.page.is_empty() {
            rows::page(self.database, self.row, &mut self.page)?;
        }
        let Some(row) = self.page.pop_front() else {
            return Ok(None);
        };
        self.row = row.row;
        while self.known.0 < row.row {
            let Some((_, last)) = self.outcomes.next_segment()? else {
                break;
            };
            // Segments come in the order of the rows, and rows have no gaps: each is looked at.
            let id = holding(self.outcomes.covering()).map(|range| (range.first, range.id));
            self.known = (last, id.map(|id| known::outcome(self.database, id)).transpose()?);
        }
        while self.tried.0 < row.row {
            let Some((_, last)) = self.attempts.next_segment()? else {
                break;
            };
            let covering = self.attempts.covering();
            self.tried = (last, covering.len() as u64);
            let latest = covering.iter().map(|range| range.attempt).max();
            if self.last.as_ref().map(|last| last.attempt) != latest {
                self.last = latest
                    .map(|attempt| known::attempt(self.database, attempt))
                    .transpose()?;
            }
        }
        let sighting = self.sighted.of(row.row)?;
        Ok(Some(self.put_together(row, sighting)))
    }

    fn put_together(&self, row: PlanRow, sighting: Option<LastSighting>) -> ReportRow {
        let last = self.last.as_ref();
        let known = match (&row.skipped, &self.known.1, last) {
            (Some(reason), _, _) => (OutcomeKind::Skipped, Some(reason.clone()), None, None),
            (None, _, Some(last)) if !last.is_settled => (
                OutcomeKind::Unknown,
                Some("sent, and no answer is recorded yet".to_owned()),
                None,
                Some(last.begun_at),
            ),
            (None, Some(known), _) => (known.kind, known.detail.clone(), known.code.clone(), Some(known.at)),
            (None, None, _) => (OutcomeKind::Pending, None, None, None),
        };
        let (outcome, detail, code, at) = known;
        ReportRow {
            row: row.row,
            uid: row.uid,
            name: row.name,
            line: row.line,
            outcome,
            detail,
            code,
            batch: last.map(|last| self.batches.in_plan(last.run, last.batch)),
            attempts: self.tried.1,
            request_id: last.and_then(|last| last.request_id.clone()),
            trace_id: last.and_then(|last| last.trace_id.clone()),
            at,
            sighting,
        }
    }
}

impl Iterator for ReportRows<'_> {
    type Item = Result<ReportRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let row = self.step().transpose();
        self.is_over = !matches!(row, Some(Ok(_)));
        row
    }
}
