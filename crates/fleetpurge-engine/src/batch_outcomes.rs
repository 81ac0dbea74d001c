//! The outcome of each device of one accepted request.

use std::iter::{FusedIterator, Zip};
use std::slice;

use crate::outcome::{Outcome, OutcomeKind};
use crate::service::{Entry, EntryStatus};

/// The devices of one accepted request, each with its outcome, in the order of the request.
///
/// Both facades keep one in their receipt, so that a receipt knows its devices.
///
/// ```
/// use fleetpurge_engine::{BatchOutcomes, Entry, EntryStatus, OutcomeKind};
///
/// let entries = vec![Entry::of(EntryStatus::Scheduled), Entry::of(EntryStatus::Invalid)];
/// let outcomes = BatchOutcomes::new(["a", "b"], entries);
/// let kinds: Vec<_> = outcomes.iter().map(|(device, outcome)| (*device, outcome.kind)).collect();
/// assert_eq!(kinds, [("a", OutcomeKind::Scheduled), ("b", OutcomeKind::Invalid)]);
/// assert_eq!(outcomes.scheduled().collect::<Vec<_>>(), [&"a"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchOutcomes<D> {
    devices: Vec<D>,
    /// As many as there are devices.
    outcomes: Vec<Outcome>,
}

impl<D> BatchOutcomes<D> {
    /// Matches the devices of a request with the entries of its receipt, by their order.
    ///
    /// A device without an entry is `unknown`, because the reply does not say whether the service acted on it. An entry
    /// without a device is dropped.
    #[must_use]
    pub fn new(devices: impl IntoIterator<Item = D>, entries: impl IntoIterator<Item = Entry>) -> Self {
        let devices: Vec<D> = devices.into_iter().collect();
        let mut outcomes: Vec<Outcome> = entries.into_iter().map(Outcome::from).collect();
        outcomes.resize_with(devices.len(), || {
            Outcome::because(OutcomeKind::Unknown, "the receipt has no entry for the device")
        });
        Self { devices, outcomes }
    }

    /// How many devices the request named.
    #[must_use]
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether the request named no device.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// The devices, in the order of the request.
    #[must_use]
    pub fn devices(&self) -> &[D] {
        &self.devices
    }

    /// The outcomes, in the order of the request.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Each device with its outcome, in the order of the request.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, D> {
        Iter(self.devices.iter().zip(&self.outcomes))
    }

    /// How many devices have this outcome.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.kind == kind).count()
    }

    /// The devices that the service has scheduled for deletion, in the order of the request.
    pub fn scheduled(&self) -> impl Iterator<Item = &D> {
        self.iter()
            .filter(|(_, outcome)| outcome.kind == OutcomeKind::Scheduled)
            .map(|(device, _)| device)
    }
}

impl<'a, D> IntoIterator for &'a BatchOutcomes<D> {
    type Item = (&'a D, &'a Outcome);
    type IntoIter = Iter<'a, D>;

    fn into_iter(self) -> Iter<'a, D> {
        self.iter()
    }
}

/// Each device of a request with its outcome; from [`BatchOutcomes::iter`].
#[derive(Clone, Debug)]
pub struct Iter<'a, D>(Zip<slice::Iter<'a, D>, slice::Iter<'a, Outcome>>);

impl<'a, D> Iterator for Iter<'a, D> {
    type Item = (&'a D, &'a Outcome);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<D> DoubleEndedIterator for Iter<'_, D> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back()
    }
}

impl<D> ExactSizeIterator for Iter<'_, D> {}
impl<D> FusedIterator for Iter<'_, D> {}

/// What one entry says of its device, if nothing more is asked of the service.
impl From<Entry> for Outcome {
    fn from(entry: Entry) -> Self {
        Self {
            kind: match entry.status {
                EntryStatus::Scheduled => OutcomeKind::Scheduled,
                EntryStatus::Invalid => OutcomeKind::Invalid,
                EntryStatus::Failed => OutcomeKind::Failed,
                EntryStatus::Unknown => OutcomeKind::Unknown,
            },
            detail: entry.detail,
            code: entry.code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_device_has_the_outcome_of_its_entry() {
        let entries = [
            EntryStatus::Failed,
            EntryStatus::Scheduled,
            EntryStatus::Unknown,
            EntryStatus::Invalid,
            EntryStatus::Scheduled,
        ];
        let outcomes = BatchOutcomes::new(0..5, entries.map(Entry::of));
        let pairs = outcomes
            .iter()
            .map(|(device, outcome)| (*device, outcome.kind.as_str()));
        let expected = [
            (0, "failed"),
            (1, "scheduled"),
            (2, "unknown"),
            (3, "invalid"),
            (4, "scheduled"),
        ];
        assert_eq!(pairs.collect::<Vec<_>>(), expected);
        assert_eq!(outcomes.scheduled().collect::<Vec<_>>(), [&1, &4]);
        let counts = OutcomeKind::ALL.map(|kind| outcomes.count(kind));
        assert_eq!(counts, [2, 1, 1, 0, 1, 0, 0]);
        assert_eq!(
            (outcomes.len(), outcomes.iter().len(), outcomes.is_empty()),
            (5, 5, false)
        );
        assert_eq!(outcomes.iter().next_back().map(|(device, _)| *device), Some(4));
    }

    #[test]
    fn a_device_without_an_entry_is_unknown_and_an_entry_without_a_device_is_dropped() {
        let one = || [Entry::of(EntryStatus::Scheduled)];
        let short = BatchOutcomes::new(["a", "b"], one());
        assert_eq!((short.outcomes().len(), short.count(OutcomeKind::Unknown)), (2, 1));
        assert_eq!(short.scheduled().collect::<Vec<_>>(), [&"a"]);
        let none = BatchOutcomes::<&str>::new([], one());
        assert_eq!((none.outcomes().len(), none.is_empty()), (0, true));
    }
}
