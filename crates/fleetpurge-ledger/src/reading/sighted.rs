//! What the latest verification showed of each row, read along in row order.

use std::sync::Arc;

use crate::model::{Error, ErrorKind, LastSighting, SeenIn, Segments, SightingKind};
use crate::store::database::Database;
use crate::store::ranges::{Pages, SightingRange};
use crate::store::verifications;

/// The verifications over each row.
#[derive(Debug)]
pub(super) struct Sighted<'l> {
    /// By their numbers, which begin at 1. Empty: nothing was ever verified.
    all: Vec<Arc<SeenIn>>,
    ranges: Segments<SightingRange, Pages<'l, SightingRange>>,
    /// What holds for the rows up to the first number.
    known: (u64, Option<LastSighting>),
}

impl<'l> Sighted<'l> {
    pub(super) fn new(database: &'l Database, planned: u64) -> Result<Self, Error> {
        let all = verifications::heads(database)?;
        let all = all.into_iter().map(|record| {
            Arc::new(SeenIn {
                verification: record.verification,
                at: record.at,
                kind: record.source.kind,
                source: record.source.source,
            })
        });
        Ok(Self {
            all: all.collect(),
            ranges: Segments::new(Pages::new(database, 1, planned), 1, planned),
            known: (0, None),
        })
    }

    /// What holds for this row. Rows are asked for in their order.
    pub(super) fn of(&mut self, row: u64) -> Result<Option<LastSighting>, Error> {
        if self.all.is_empty() {
            return Ok(None);
        }
        while self.known.0 < row {
            let Some((_, last)) = self.ranges.next_segment()? else {
                break;
            };
            self.known = (last, self.covering()?);
        }
        Ok(self.known.1.clone())
    }

    fn covering(&self) -> Result<Option<LastSighting>, Error> {
        let covering = self.ranges.covering();
        let Some(last) = covering.iter().max_by_key(|range| range.verification) else {
            return Ok(None);
        };
        let gone = covering.iter().filter(|range| range.found == SightingKind::Gone);
        let last_gone = gone.map(|range| range.verification).max();
        Ok(Some(LastSighting {
            found: last.found,
            detail: last.detail.clone(),
            seen_in: self.seen_in(last.verification)?,
            last_gone: last_gone.map(|verification| self.seen_in(verification)).transpose()?,
        }))
    }

    fn seen_in(&self, verification: u64) -> Result<Arc<SeenIn>, Error> {
        let at = usize::try_from(verification).unwrap_or(usize::MAX).wrapping_sub(1);
        self.all.get(at).cloned().ok_or_else(|| {
            Error::new(
                ErrorKind::Altered,
                format!("verification {verification} is missing from the plan"),
            )
        })
    }
}
