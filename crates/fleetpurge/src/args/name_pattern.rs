//! A pattern for names, as an argument.

use std::sync::Arc;

use fleetpurge_ledger::{NamePattern, NotANamePattern};

pub(super) fn parse(text: &str) -> Result<Arc<NamePattern>, NotANamePattern> {
    NamePattern::parse(text).map(Arc::new)
}
