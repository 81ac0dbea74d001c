//! Every row with its outcome: merges the rows, the outcomes and the attempts as it reads them.

use std::collections::VecDeque;

use fleetpurge_engine::OutcomeKind;
use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::error::{Error, ErrorKind};
use crate::pages::{AttemptSpan, Outcomes, Pages, holding, outcomes};
use crate::read::{Ledger, ReportRow};
use crate::sweep::Sweep;
use crate::verify::number;

const PAGE: i64 = 512;

/// Every row in input order with what has become of it.
#[derive(Debug)]
pub struct ReportRows<'ledger> {
    ledger: &'ledger Ledger,
    page: VecDeque<PlanRow>,
    row: u64,
    outcomes: Outcomes<'ledger>,
    /// What is known of the rows up to the first number.
    known: (u64, Option<Known>),
    attempts: Sweep<AttemptSpan, Pages<'ledger, AttemptSpan>>,
    /// How often rows up to the first number were attempted.
    tried: (u64, u64),
    last: Option<Attempt>,
    is_over: bool,
}

#[derive(Debug)]
struct PlanRow {
    row: u64,
    uid: String,
    name: String,
    skipped: Option<String>,
}

#[derive(Clone, Debug)]
struct Known {
    kind: OutcomeKind,
    detail: Option<String>,
    code: Option<String>,
    at: Timestamp,
}

#[derive(Clone, Debug)]
struct Attempt {
    attempt: u64,
    batch: u64,
    request_id: Option<String>,
    trace_id: Option<String>,
    begun_at: Timestamp,
    is_settled: bool,
}

impl<'ledger> ReportRows<'ledger> {
    pub(crate) fn new(ledger: &'ledger Ledger) -> Self {
        let planned = ledger.plan().planned;
        let connection = &ledger.connection;
        Self {
            ledger,
            page: VecDeque::new(),
            row: 0,
            outcomes: outcomes(connection, 1, planned),
            known: (0, None),
            attempts: Sweep::new(Pages::new(connection, 1, planned), 1, planned),
            tried: (0, 0),
            last: None,
            is_over: false,
        }
    }

    fn step(&mut self) -> Result<Option<ReportRow>, Error> {
        if self.page.is_empty() {
            self.turn()?;
        }
        let Some(row) = self.page.pop_front() else {
            return Ok(None);
        };
        self.row = row.row;
        while self.known.0 < row.row {
            let Some((_, last)) = self.outcomes.stretch()? else {
                break;
            };
            // Stretches come in the order of the rows, and rows have no gaps: each is looked at.
            let id = holding(self.outcomes.over()).map(|span| (span.first, span.id));
            self.known = (last, id.map(|id| self.known(id)).transpose()?);
        }
        while self.tried.0 < row.row {
            let Some((_, last)) = self.attempts.stretch()? else {
                break;
            };
            let over = self.attempts.over();
            self.tried = (last, over.len() as u64);
            let latest = over.iter().map(|span| span.attempt).max();
            if self.last.as_ref().map(|last| last.attempt) != latest {
                self.last = latest.map(|attempt| self.attempt(attempt)).transpose()?;
            }
        }
        Ok(Some(self.put_together(row)))
    }

    fn put_together(&self, row: PlanRow) -> ReportRow {
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
            outcome,
            detail,
            code,
            batch: last.map(|last| last.batch),
            attempts: self.tried.1,
            request_id: last.and_then(|last| last.request_id.clone()),
            trace_id: last.and_then(|last| last.trace_id.clone()),
            at,
        }
    }

    fn turn(&mut self) -> Result<(), Error> {
        let mut statement = self
            .ledger
            .connection
            .prepare_cached("SELECT row, uid, name, skipped FROM rows WHERE row > ?1 ORDER BY row LIMIT ?2")?;
        let mut rows = statement.query((self.row.cast_signed(), PAGE))?;
        while let Some(row) = rows.next()? {
            self.page.push_back(PlanRow {
                row: number(row, 0)?,
                uid: row.get(1)?,
                name: row.get(2)?,
                skipped: row.get(3)?,
            });
        }
        Ok(())
    }

    fn known(&self, (first, id): (u64, u64)) -> Result<Known, Error> {
        let (kind, detail, code, at) = self
            .ledger
            .connection
            .prepare_cached("SELECT outcome, detail, code, at FROM outcomes WHERE first = ?1 AND id = ?2")?
            .query_row((first.cast_signed(), id.cast_signed()), |row| {
                let kind: String = row.get(0)?;
                let at: String = row.get(3)?;
                Ok((kind, row.get(1)?, row.get(2)?, at))
            })?;
        Ok(Known {
            kind: kind
                .parse()
                .map_err(|error| Error::new(ErrorKind::Altered, format!("outcome {id} is none")).with_source(error))?,
            detail,
            code,
            at: time(&at)?,
        })
    }

    fn attempt(&self, attempt: u64) -> Result<Attempt, Error> {
        let mut statement = self.ledger.connection.prepare_cached(
            // Unanswered and surely not applied: it never left, and nobody knows its id.
            "SELECT batch, CASE WHEN applied = 'no' AND status IS NULL THEN NULL ELSE request_id END, trace_id, begun_at, settled_at IS NOT NULL FROM attempts WHERE attempt = ?1",
        )?;
        let found = statement
            .query_row([attempt.cast_signed()], |row| {
                Ok((
                    row.get::<_, i64>(0)?.unsigned_abs(),
                    row.get(1)?,
                    row.get(2)?,
                    row.get::<_, String>(3)?,
                    row.get(4)?,
                ))
            })
            .optional()?;
        let Some((batch, request_id, trace_id, begun_at, is_settled)) = found else {
            return Err(Error::new(
                ErrorKind::Altered,
                format!("attempt {attempt} is missing from the ledger"),
            ));
        };
        Ok(Attempt {
            attempt,
            batch,
            request_id,
            trace_id,
            begun_at: time(&begun_at)?,
            is_settled,
        })
    }
}

fn time(text: &str) -> Result<Timestamp, Error> {
    text.parse()
        .map_err(|error: jiff::Error| Error::new(ErrorKind::Altered, "a date in the ledger is none").with_source(error))
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
