//! What the service answered to one request.

use std::iter::Zip;
use std::ops::Deref;
use std::slice::Iter;

use fleetpurge_engine::{Outcome, OutcomeKind};

use crate::classify;
use crate::key::DeviceKey;

/// The service's reply to one request: the id of the task that deletes the devices.
///
/// The service says nothing of a single device, and no documented endpoint says what becomes of the task. So every device
/// of the request has the same outcome: `scheduled`, as the task names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Receipt {
    task_id: String,
    #[cfg_attr(feature = "serde", serde(flatten))]
    reply: fleetpurge_http::receipt::Receipt<DeviceKey>,
}

impl Receipt {
    /// The task's id, as the service wrote it, but for control characters and what goes beyond 200 characters.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    pub(crate) fn of(keys: Vec<DeviceKey>, receipt: fleetpurge_engine::Receipt) -> Self {
        let task = receipt.entries.first().and_then(|entry| entry.detail.as_deref());
        Self {
            task_id: task.and_then(classify::task_id).unwrap_or_default().to_owned(),
            reply: fleetpurge_http::receipt::Receipt::of(keys, receipt),
        }
    }
}

/// The devices, their outcomes, the anomalies and the status of the reply.
impl Deref for Receipt {
    type Target = fleetpurge_http::receipt::Receipt<DeviceKey>;

    fn deref(&self) -> &Self::Target {
        &self.reply
    }
}

impl AsRef<fleetpurge_http::receipt::Receipt<DeviceKey>> for Receipt {
    fn as_ref(&self) -> &fleetpurge_http::receipt::Receipt<DeviceKey> {
        &self.reply
    }
}

impl<'a> IntoIterator for &'a Receipt {
    type Item = (&'a DeviceKey, &'a Outcome);
    type IntoIter = Zip<Iter<'a, DeviceKey>, Iter<'a, Outcome>>;

    fn into_iter(self) -> Self::IntoIter {
        self.reply.iter()
    }
}

/// The id of the task that deletes a device, of the device's outcome in a bulk deletion. `None` unless it is `scheduled`.
///
/// ```
/// use ubidots_devices::{Outcome, OutcomeKind, task_id};
///
/// # let scheduled = Outcome::because(OutcomeKind::Scheduled, "task 6e309da44fc8455a9cceb5aa");
/// assert_eq!(task_id(&scheduled), Some("6e309da44fc8455a9cceb5aa"));
/// assert_eq!(task_id(&Outcome::of(OutcomeKind::Pending)), None);
/// assert_eq!(task_id(&Outcome::because(OutcomeKind::Failed, "task force")), None);
/// ```
#[must_use]
pub fn task_id(outcome: &Outcome) -> Option<&str> {
    // The detail of any other outcome is a sentence, which may begin with anything.
    let is_scheduled = outcome.kind == OutcomeKind::Scheduled;
    outcome
        .detail
        .as_deref()
        .filter(|_| is_scheduled)
        .and_then(classify::task_id)
}
