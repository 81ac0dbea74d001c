//! The export that a plan is compared with.

use fleetpurge_ledger::{Counted, Service};

use crate::output::shown;

/// What was read, for the words about it.
pub(super) struct Export {
    /// The file as it was named.
    pub(super) name: String,
    /// The columns of uid and name.
    pub(super) columns: [Option<String>; 2],
    pub(super) service: Service,
    /// What its lines count.
    pub(super) counted: Counted,
}

impl Export {
    /// Where a person finds a row of it.
    pub(super) fn place(&self, line: u64) -> String {
        shown(&self.counted.place(line)).into_owned()
    }
}
