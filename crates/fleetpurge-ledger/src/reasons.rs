//! Counts rows by the reason of their outcome.

use std::collections::HashMap;

use fleetpurge_engine::OutcomeKind;
use rusqlite::Connection;

use crate::apply::ApplyLedger;
use crate::error::Error;
use crate::pages::{holding, outcomes};
use crate::read::Ledger;

/// How many different reasons are told apart. What a service sends as a reason may differ from row to row.
const MOST: usize = 100;

/// Why rows have come to an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The detail of the outcome; `None` for those that have none, and for the rarer ones where there are very many.
    pub detail: Option<String>,
    /// How many rows it is the reason of.
    pub rows: u64,
}

impl Ledger {
    /// Why rows have come to this outcome, the most frequent reason first. Rows of attempts under way are left out: see
    /// [`in_flight`](Self::in_flight).
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        of(&self.connection, self.plan().planned, kind, &self.under_way)
    }

    /// How many rows are named by attempts that were begun and have no answer yet. [`Counts`](crate::Counts) has them
    /// among the unknown: if the run that began them has died, they stay so.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.under_way.iter().map(|(first, last)| last - first + 1).sum()
    }
}

impl ApplyLedger {
    /// Why rows have come to this outcome, the most frequent reason first.
    ///
    /// # Errors
    ///
    /// What the machine says.
    pub fn reasons(&self, kind: OutcomeKind) -> Result<Vec<Reason>, Error> {
        of(&self.connection, self.plan().planned, kind, &[])
    }
}

/// `open` are the rows of attempts under way, in row order.
pub(crate) fn of(
    connection: &Connection,
    planned: u64,
    kind: OutcomeKind,
    open: &[(u64, u64)],
) -> Result<Vec<Reason>, Error> {
    let mut rows: HashMap<Option<String>, u64> = HashMap::new();
    let mut open = open.iter().peekable();
    let mut sweep = outcomes(connection, 1, planned);
    while let Some((first, last)) = sweep.stretch()? {
        let mut settled = last - first + 1;
        while let Some((open_first, open_last)) = open.peek() {
            let (from, to) = (first.max(*open_first), last.min(*open_last));
            if from <= to {
                settled -= to - from + 1;
            }
            if *open_last > last {
                break;
            }
            open.next();
        }
        let Some(span) = holding(sweep.over()).filter(|span| span.kind == kind && settled > 0) else {
            continue;
        };
        let mut detail: Option<String> = connection
            .prepare_cached("SELECT detail FROM outcomes WHERE first = ?1 AND id = ?2")?
            .query_row((span.first.cast_signed(), span.id.cast_signed()), |row| row.get(0))?;
        if rows.len() >= MOST && !rows.contains_key(&detail) {
            detail = None;
        }
        *rows.entry(detail).or_default() += settled;
    }
    let mut reasons: Vec<Reason> = rows.into_iter().map(|(detail, rows)| Reason { detail, rows }).collect();
    reasons.sort_by(|left, right| right.rows.cmp(&left.rows).then_with(|| left.detail.cmp(&right.detail)));
    Ok(reasons)
}
