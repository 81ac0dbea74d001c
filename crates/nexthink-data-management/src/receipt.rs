//! What the service answered to one request.

use fleetpurge_engine::{Anomaly, EntryStatus, Outcome, OutcomeKind, Trail};

/// The service's reply to one request: one outcome per device.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Receipt {
    outcomes: Vec<Outcome>,
    anomalies: Vec<Anomaly>,
    trail: Trail,
}

impl Receipt {
    /// One outcome per device, in the order of the request: `scheduled`, `invalid`, `failed` or `unknown`.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// What was odd about the reply. The outcomes stand as they are.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// The `x-request-id` of the reply.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.trail.request_id.as_deref()
    }

    /// The `x-trace-id` of the reply.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trail.trace_id.as_deref()
    }

    pub(crate) fn of(receipt: fleetpurge_engine::Receipt) -> Self {
        let outcome = |entry: fleetpurge_engine::Entry| Outcome {
            kind: match entry.status {
                EntryStatus::Scheduled => OutcomeKind::Scheduled,
                EntryStatus::Invalid => OutcomeKind::Invalid,
                EntryStatus::Failed => OutcomeKind::Failed,
                EntryStatus::Unknown => OutcomeKind::Unknown,
            },
            detail: entry.detail,
            code: entry.code,
        };
        Self {
            outcomes: receipt.entries.into_iter().map(outcome).collect(),
            anomalies: receipt.anomalies,
            trail: receipt.trail,
        }
    }
}
