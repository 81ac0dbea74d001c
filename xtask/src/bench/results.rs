//! All that a run has found.

use serde::Serialize;

use super::finding::Row;
use super::machine::Machine;

/// What was typed, where, and what was found.
#[derive(Debug, Serialize)]
pub(super) struct Results {
    pub(super) command: String,
    pub(super) machine: Machine,
    pub(super) rows: Vec<Row>,
}
