//! Opens a plan for reading, and says so in the log.

use std::path::Path;
use std::time::Instant;

use fleetpurge_ledger::{Ledger, Plan, PlanAddress};

use super::trouble::failure;
use crate::course;
use crate::failure::Failure;

/// Opens a plan for reading.
pub(crate) fn open(path: &Path) -> Result<Ledger, Failure> {
    let begun = Instant::now();
    let ledger = PlanAddress::typed(path)
        .and_then(Ledger::open)
        .map_err(|error| failure(&error, path))?;
    opened(path, ledger.plan(), begun);
    Ok(ledger)
}

/// Logs that a plan is open: to open it is to check it.
pub(crate) fn opened(path: &Path, plan: &Plan, begun: Instant) {
    tracing::info!(
        plan = %path.display(),
        tenant = plan.settings.tenant,
        rows = plan.planned,
        took_ms = course::millis_since(begun),
        "the plan is open, complete and unaltered"
    );
}
