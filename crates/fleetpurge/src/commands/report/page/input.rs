//! The inputs of the plan.

use fleetpurge_ledger::Plan;

use super::numbers::number;
use crate::output::shown;

/// An input of the plan.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) rows: String,
    pub(super) sha256: String,
}

pub(super) fn inputs(plan: &Plan) -> Vec<Input> {
    plan.sources
        .iter()
        .map(|source| Input {
            name: shown(&source.name).into_owned(),
            rows: number(source.rows),
            sha256: source.sha256.clone(),
        })
        .collect()
}
