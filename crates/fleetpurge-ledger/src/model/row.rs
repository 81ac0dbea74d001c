//! A row of the input: where it was read, and what has become of it.

use fleetpurge_engine::OutcomeKind;
use jiff::Timestamp;

use crate::model::verification::LastSighting;

/// A row and where it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowAt {
    /// Its number, from 1, over all inputs.
    pub row: u64,
    /// The name of its input.
    pub source: String,
    /// Its line in that input, from 1.
    pub line: u64,
    /// Its uid, unchanged.
    pub uid: String,
    /// Its name, unchanged.
    pub name: String,
}

/// One row of the input, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Its number, from 1, over all inputs.
    pub row: u64,
    /// Its uid, unchanged.
    pub uid: String,
    /// Its name, unchanged.
    pub name: String,
    /// Its line in its input, from 1; of a workbook the row of the sheet, of a JSON array the element
    /// ([`Source::counted`](crate::Source::counted)).
    pub line: u64,
    /// What is known of it.
    pub outcome: OutcomeKind,
    /// The reason, if the outcome does not say it.
    pub detail: Option<String>,
    /// The service's own code, if there is one.
    pub code: Option<String>,
    /// The batch of its last attempt, numbered over all runs of the plan.
    pub batch: Option<u64>,
    /// The number of attempts that named it.
    pub attempts: u64,
    /// What its last attempt sent as `x-request-id`.
    pub request_id: Option<String>,
    /// The trace id of the reply to its last attempt.
    pub trace_id: Option<String>,
    /// When the outcome became known. Absent for a row that was never sent.
    pub at: Option<Timestamp>,
    /// What the latest verification that reached it showed. It never changes the outcome, which is the service's word.
    pub sighting: Option<LastSighting>,
}
