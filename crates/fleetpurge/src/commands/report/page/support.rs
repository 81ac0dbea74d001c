//! Which requests the vendor's support is told about.

use std::collections::BTreeMap;

use fleetpurge_engine::OutcomeKind;
use fleetpurge_ledger::{ReportRow, Service};

use super::time::readable;
use crate::output::shown;
use crate::rows::record::request_id;

/// How many requests are listed. The others are in the rows.
const MOST: usize = 200;

/// The requests after which devices are `unknown`, `failed`, `rejected` or `invalid`, in the order of the rows.
#[derive(Debug, Default)]
pub(super) struct Requests {
    by_id: BTreeMap<String, usize>,
    listed: Vec<Request>,
    pub(super) more: u64,
}

/// A request that did not schedule all of its devices.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) trace_id: String,
    pub(super) at: String,
    /// How many of its devices have which outcome.
    outcomes: BTreeMap<OutcomeKind, u64>,
    /// What was said of the first of them.
    pub(super) detail: String,
}

impl Request {
    /// `unknown 100, failed 2`.
    pub(super) fn devices(&self) -> String {
        let parts: Vec<String> = self
            .outcomes
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        parts.join(", ")
    }
}

impl Requests {
    pub(super) fn add(&mut self, row: &ReportRow, service: Service) {
        let is_odd = matches!(
            row.outcome,
            OutcomeKind::Unknown | OutcomeKind::Failed | OutcomeKind::Rejected | OutcomeKind::Invalid
        );
        let Some(id) = request_id(row, service).filter(|_| is_odd) else {
            return;
        };
        if let Some(request) = self.by_id.get(id).and_then(|at| self.listed.get_mut(*at)) {
            *request.outcomes.entry(row.outcome).or_default() += 1;
            return;
        }
        if self.listed.len() >= MOST {
            // Rows of one request mostly follow each other.
            if !self.by_id.contains_key(id) {
                self.by_id.insert(id.to_owned(), usize::MAX);
                self.more += 1;
            }
            return;
        }
        self.by_id.insert(id.to_owned(), self.listed.len());
        self.listed.push(Request {
            id: shown(id).into_owned(),
            trace_id: row.trace_id.as_deref().map(shown).unwrap_or_default().into_owned(),
            at: row.at.map(readable).unwrap_or_default(),
            outcomes: BTreeMap::from([(row.outcome, 1)]),
            detail: row.detail.as_deref().map(shown).unwrap_or_default().into_owned(),
        });
    }

    pub(super) fn listed(&self) -> &[Request] {
        &self.listed
    }
}
