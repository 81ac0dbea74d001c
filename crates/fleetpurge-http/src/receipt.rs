//! The service's reply to one request, as a caller reads it.

use std::iter::Zip;
use std::slice::Iter;

use fleetpurge_engine::{Anomaly, EntryStatus, Outcome, OutcomeKind, Trail};

/// The service's reply to one request: one outcome per device.
///
/// ```
/// # use fleetpurge_engine::{Entry, EntryStatus, OutcomeKind, Trail};
/// # use fleetpurge_http::receipt::Receipt;
/// # let entries = vec![Entry::of(EntryStatus::Scheduled), Entry::of(EntryStatus::Invalid)];
/// # let reply = fleetpurge_engine::Receipt { entries, anomalies: Vec::new(), trail: Trail::default() };
/// # let receipt = Receipt::of(vec!["a", "b"], reply);
/// for (device, outcome) in &receipt {
///     println!("{device} {}", outcome.kind);
/// }
/// assert_eq!(receipt.scheduled(), 1);
/// assert_eq!(receipt.count(OutcomeKind::Invalid), 1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct Receipt<D> {
    devices: Vec<D>,
    outcomes: Vec<Outcome>,
    anomalies: Vec<Anomaly>,
    trail: Trail,
}

impl<D> Receipt<D> {
    /// For facades: what the service answered for these devices, in the order of the request.
    #[doc(hidden)]
    #[must_use]
    pub fn of(devices: Vec<D>, receipt: fleetpurge_engine::Receipt) -> Self {
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
            devices,
            outcomes: receipt.entries.into_iter().map(outcome).collect(),
            anomalies: receipt.anomalies,
            trail: receipt.trail,
        }
    }

    /// The devices of the request, in its order.
    #[must_use]
    pub fn devices(&self) -> &[D] {
        &self.devices
    }

    /// One outcome per device, in the order of the request: `scheduled`, `invalid`, `failed` or `unknown`.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Each device with its outcome, in the order of the request.
    pub fn iter(&self) -> Zip<Iter<'_, D>, Iter<'_, Outcome>> {
        self.devices.iter().zip(&self.outcomes)
    }

    /// How many devices the request had.
    #[must_use]
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether the request had no device. No client sends one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// How many devices have this outcome.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.kind == kind).count()
    }

    /// How many devices the service has scheduled for deletion.
    #[must_use]
    pub fn scheduled(&self) -> usize {
        self.count(OutcomeKind::Scheduled)
    }

    /// The anomalies of the reply. They do not change the outcomes.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.trail.status
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
}

impl<'a, D> IntoIterator for &'a Receipt<D> {
    type Item = (&'a D, &'a Outcome);
    type IntoIter = Zip<Iter<'a, D>, Iter<'a, Outcome>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
