//! Why devices were not scheduled.

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{Counts, Error, Ledger};

use super::numbers::number;
use crate::output::shown;

/// How many reasons of an outcome are listed.
const REASONS: usize = 5;

/// Why devices have an outcome.
#[derive(Debug)]
pub(super) struct Why {
    pub(super) word: &'static str,
    pub(super) rows: String,
    pub(super) detail: String,
}

/// The reasons of each outcome that a person asks about, the most frequent first.
pub(super) fn whys(ledger: &Ledger, counts: &Counts) -> Result<Vec<Why>, Error> {
    let mut whys = Vec::new();
    for kind in [
        OutcomeKind::Unknown,
        OutcomeKind::Failed,
        OutcomeKind::Rejected,
        OutcomeKind::Invalid,
    ] {
        if counts.of(kind) == 0 {
            continue;
        }
        let why = |rows, detail| Why {
            word: kind.as_str(),
            rows: number(rows),
            detail,
        };
        if kind == OutcomeKind::Unknown && ledger.in_flight() > 0 {
            whys.push(why(
                ledger.in_flight(),
                "sent, and no answer is recorded yet".to_owned(),
            ));
        }
        let reasons = ledger.reasons(kind)?;
        for reason in reasons.iter().take(REASONS) {
            let detail = reason.detail.as_deref().unwrap_or("no reason is recorded");
            whys.push(why(reason.rows, shown(detail).into_owned()));
        }
        let others: u64 = reasons.iter().skip(REASONS).map(|reason| reason.rows).sum();
        if others > 0 {
            whys.push(why(others, "other reasons".to_owned()));
        }
    }
    Ok(whys)
}
