//! The export that a plan is compared with.

use fleetpurge_ledger::Service;

/// What was read, for the words about it.
pub(super) struct Export {
    /// The file as it was named.
    pub(super) name: String,
    /// The columns of uid and name.
    pub(super) columns: [Option<String>; 2],
    pub(super) service: Service,
}
