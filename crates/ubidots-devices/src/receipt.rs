//! What the service answered to one request.

use fleetpurge_engine::{Anomaly, Trail};

use crate::classify::task_id;

/// What the service answered to one request: the id of the task that deletes the devices.
///
/// It says nothing of a single device, and no documented endpoint says what becomes of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Receipt {
    task_id: String,
    anomalies: Vec<Anomaly>,
    trail: Trail,
}

impl Receipt {
    /// The task's id, as the service wrote it, but for control characters and what goes beyond 200 characters.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// What was odd about the reply. The task stands as it is.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// The HTTP status. Which one a success has is not documented.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.trail.status
    }

    pub(crate) fn of(receipt: fleetpurge_engine::Receipt) -> Self {
        let task = receipt.entries.first().and_then(|entry| entry.detail.as_deref());
        Self {
            task_id: task.and_then(task_id).unwrap_or_default().to_owned(),
            anomalies: receipt.anomalies,
            trail: receipt.trail,
        }
    }
}
