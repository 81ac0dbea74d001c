//! What the service answered to one request.

use fleetpurge_engine::batch_outcomes::Iter;
use fleetpurge_engine::{Anomaly, BatchOutcomes, Outcome, OutcomeKind, Trail};

use crate::key::DeviceKey;
use crate::task::task_id;

/// What the service answered to one request: the id of the task that deletes the devices.
///
/// The service says nothing of a single device, and no documented endpoint says what becomes of the task. So each device
/// of the request is `scheduled`: the request that named it was answered with the task.
///
/// ```
/// use fleetpurge_simulator::Simulator;
/// use ubidots_devices::{Account, Client, Credentials, DeviceKey, OutcomeKind};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::builder().static_token("token").start().await?;
/// # let account = Account::at(simulator.url())?;
/// # let client = Client::builder(account, Credentials::token("token".into())).build()?;
/// let keys = [DeviceKey::try_from("6e309da44fc8455a9cceb5aa")?, "~second-device".parse()?];
/// let receipt = client.delete_devices(&keys).await?;
/// for (key, outcome) in &receipt {
///     println!("{key} {} by the task {}", outcome.kind, receipt.task_id());
/// }
/// assert!(!receipt.task_id().is_empty());
/// assert_eq!(receipt.scheduled().collect::<Vec<_>>(), [&keys[0], &keys[1]]);
/// assert_eq!(receipt.count(OutcomeKind::Scheduled), receipt.len());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    task_id: String,
    outcomes: BatchOutcomes<DeviceKey>,
    anomalies: Vec<Anomaly>,
    trail: Trail,
}

impl Receipt {
    /// The task's id, as the service wrote it, but for control characters and what goes beyond 200 characters. It is never
    /// blank: a reply without one is an error, because it does not say whether the service acted.
    ///
    /// The outcome of a bulk deletion has it too: [`task_id`](crate::task_id).
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// One outcome per key, in the order of the request.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.outcomes()
    }

    /// Each key with its outcome, in the order of the request.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, DeviceKey> {
        self.outcomes.iter()
    }

    /// How many keys the request had.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether the request named no device: never, because such a request is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// How many devices have this outcome.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.outcomes.count(kind)
    }

    /// The devices that were scheduled for deletion, in the order of the request.
    pub fn scheduled(&self) -> impl Iterator<Item = &DeviceKey> {
        self.outcomes.scheduled()
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

    pub(crate) fn of(keys: &[&DeviceKey], receipt: fleetpurge_engine::Receipt) -> Self {
        let outcomes = BatchOutcomes::new(keys.iter().copied().cloned(), receipt.entries);
        Self {
            task_id: outcomes
                .outcomes()
                .iter()
                .find_map(task_id)
                .unwrap_or_default()
                .to_owned(),
            outcomes,
            anomalies: receipt.anomalies,
            trail: receipt.trail,
        }
    }
}

impl<'a> IntoIterator for &'a Receipt {
    type Item = (&'a DeviceKey, &'a Outcome);
    type IntoIter = Iter<'a, DeviceKey>;

    fn into_iter(self) -> Iter<'a, DeviceKey> {
        self.iter()
    }
}
