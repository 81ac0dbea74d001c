//! A plan that was written, and what was noticed on the way.

use fleetpurge_ledger::PlanSummary;

use crate::commands::plan::input::ReadInput;
use crate::commands::plan::others::Other;
use crate::commands::plan::places::Places;

/// A plan that was written.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) summary: PlanSummary,
    /// Of each input, how it was read.
    pub(super) inputs: Vec<ReadInput>,
    /// How many warnings about the lists of protected devices were written to stderr.
    pub(super) protect_warnings: usize,
    /// How many devices of the account the labels were compared with, if they had to be.
    pub(super) listed: Option<u64>,
    /// Where a row of a list stands.
    pub(super) places: Places,
    /// Plans of the folder that may send the same devices.
    pub(super) others: Vec<Other>,
}

impl Planned {
    /// How many warnings were written to stderr.
    pub(super) fn warnings(&self) -> usize {
        self.inputs.iter().map(|input| input.warnings).sum::<usize>() + self.protect_warnings
    }
}
