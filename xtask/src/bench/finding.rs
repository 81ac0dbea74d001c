//! What a row of the benchmark brings to light.

use serde::Serialize;

use super::statistics::{Goal, Spread};

/// One row: a question, and what was found.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) question: &'static str,
    pub(super) findings: Vec<Finding>,
    pub(super) measured: Vec<Measured>,
    /// What could not be measured here, and why.
    pub(super) missing: Vec<String>,
}

impl Row {
    pub(super) fn new(id: &'static str, question: &'static str) -> Self {
        Self {
            id,
            question,
            findings: Vec::new(),
            measured: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// Adds a finding, or says that it is missing.
    pub(super) fn find(&mut self, what: impl Into<String>, unit: &'static str, value: Option<Spread>, goal: Goal) {
        let what = what.into();
        match value {
            Some(value) => self.findings.push(Finding {
                is_met: goal.is_met(value.median),
                what,
                unit,
                value,
                goal,
            }),
            None => self.missing.push(format!("{what}: not measured")),
        }
    }
}

/// One figure beside its goal.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) what: String,
    /// What follows the number; empty for a ratio.
    pub(super) unit: &'static str,
    pub(super) value: Spread,
    pub(super) goal: Goal,
    pub(super) is_met: bool,
}

/// What one contender came to in one regime.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    pub(super) regime: String,
    pub(super) contender: &'static str,
    pub(super) rounds: usize,
    pub(super) requests_per_second: Spread,
    pub(super) cpu_per_million: Spread,
    pub(super) peak_mb: Spread,
    /// The whole process.
    pub(super) seconds: Spread,
}
