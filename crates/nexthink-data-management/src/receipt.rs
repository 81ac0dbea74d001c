//! What the service answered to one request.

use fleetpurge_engine::batch_outcomes::Iter;
use fleetpurge_engine::{Anomaly, BatchOutcomes, Outcome, OutcomeKind, Trail};

use crate::device::Device;

/// The service's reply to one request: one outcome per device.
///
/// ```
/// use fleetpurge_simulator::Simulator;
/// use nexthink_data_management::{Client, Credentials, Device, Endpoints, OutcomeKind};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::builder().static_token("token").start().await?;
/// # let endpoints = Endpoints::at(simulator.url(), None)?;
/// # let client = Client::builder(endpoints, Credentials::token("token".into())).build()?;
/// let devices = [
///     Device::new("00000000-0000-0000-0000-000000000001", "LAPTOP-1"),
///     Device::new("not-a-uid", "LAPTOP-2"),
/// ];
/// let receipt = client.delete_devices(&devices).await?;
/// for (device, outcome) in &receipt {
///     println!("{} {}", device.name, outcome.kind);
/// }
/// assert_eq!(receipt.scheduled().collect::<Vec<_>>(), [&devices[0]]);
/// assert_eq!((receipt.len(), receipt.count(OutcomeKind::Invalid)), (2, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    outcomes: BatchOutcomes<Device>,
    anomalies: Vec<Anomaly>,
    trail: Trail,
}

impl Receipt {
    /// One outcome per device, in the order of the request: `scheduled`, `invalid`, `failed` or `unknown`.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.outcomes()
    }

    /// Each device with its outcome, in the order of the request.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, Device> {
        self.outcomes.iter()
    }

    /// How many devices the request named.
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
    pub fn scheduled(&self) -> impl Iterator<Item = &Device> {
        self.outcomes.scheduled()
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

    pub(crate) fn of(devices: &[&Device], receipt: fleetpurge_engine::Receipt) -> Self {
        Self {
            outcomes: BatchOutcomes::new(devices.iter().copied().cloned(), receipt.entries),
            anomalies: receipt.anomalies,
            trail: receipt.trail,
        }
    }
}

impl<'a> IntoIterator for &'a Receipt {
    type Item = (&'a Device, &'a Outcome);
    type IntoIter = Iter<'a, Device>;

    fn into_iter(self) -> Iter<'a, Device> {
        self.iter()
    }
}
