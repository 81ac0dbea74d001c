//! One look at all devices of a plan: what is found is counted, printed and gathered to be kept.

use std::path::Path;

use fleetpurge_ledger::{Ledger, VerificationSource};
use fleetpurge_records::Found;

use super::keeping::{Keeping, Kept};
use super::tally::{Lines, Looked, Tally};
use crate::args::VerifyFormat;
use crate::failure::Failure;
use crate::seen;

/// A look that is under way. Whatever is looked in adds what it finds, device by device.
pub(super) struct Round {
    tally: Tally,
    keeping: Keeping,
}

impl Round {
    pub(super) fn begin(ledger: &Ledger, plan: &Path, format: VerifyFormat, lines: Lines) -> Self {
        Self {
            tally: Tally::new(format, ledger.plan().settings.service, lines),
            keeping: Keeping::of(ledger, plan),
        }
    }

    /// A device of the plan, and what was found of it.
    pub(super) fn add(&mut self, row: Looked, found: Found, detail: Option<String>) -> Result<(), Failure> {
        self.keeping.add(row.row(), seen::kind(found), detail.as_deref());
        self.tally.add(row, found, detail)
    }

    /// Keeps what was found. The ledger that it began with is dropped.
    pub(super) fn keep(self, source: VerificationSource) -> (Tally, Kept) {
        (self.tally, self.keeping.keep(source))
    }
}
