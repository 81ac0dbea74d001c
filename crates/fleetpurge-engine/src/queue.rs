//! Batches that wait to be sent: fresh devices from the input, and batches that are sent again.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::time::Instant;

use crate::error_kind::ErrorKind;
use crate::service::{Attempt, Trail};

/// How often a device was sent before, and why again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rounds {
    /// The service said that it failed.
    pub(crate) failed: u32,
    /// It left open whether it acted, and the policy says to send again.
    pub(crate) unknown: u32,
    /// An attempt of this run or of an earlier one may have been applied: until the service says what became of the
    /// device, it stays unknown whatever else happens to it.
    pub(crate) may_be_applied: bool,
}

/// The last attempt that named a device, and how it went.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    pub(crate) attempt: Attempt,
    pub(crate) trail: Arc<Trail>,
    /// What went wrong, if it brought no receipt.
    pub(crate) error: Option<ErrorKind>,
}

/// A device on its way.
#[derive(Clone, Debug)]
pub(crate) struct Item<D> {
    /// The caller's name for it.
    pub(crate) key: u64,
    pub(crate) device: D,
    /// How many attempts have named it.
    pub(crate) attempts: u32,
    /// The last of them, should there be no other.
    pub(crate) last: Option<Arc<Last>>,
    /// When it was read from the input.
    pub(crate) read: Instant,
    /// How often it was sent before, and why again.
    pub(crate) rounds: Rounds,
    /// Which segment of the input it came from; see [`crate::window`].
    pub(crate) segment: u64,
}

/// Devices that are sent together.
#[derive(Clone, Debug)]
pub(crate) struct Batch<D> {
    /// From 1; None until it is first sent.
    pub(crate) number: Option<u64>,
    /// How many attempts were made for it.
    pub(crate) attempts: u32,
    /// How many of the last attempts found no service.
    pub(crate) unreached: u32,
    /// Whether the last attempt's authorization was refused.
    pub(crate) reauthenticated: bool,
    /// When the last attempt was started.
    pub(crate) started: Option<Instant>,
    pub(crate) items: Vec<Item<D>>,
}

impl<D> Batch<D> {
    fn of(items: Vec<Item<D>>) -> Self {
        Self {
            number: None,
            attempts: 0,
            unreached: 0,
            reauthenticated: false,
            started: None,
            items,
        }
    }
}

#[derive(Debug)]
struct Waiting<D> {
    batch: Batch<D>,
    not_before: Option<Instant>,
    /// Whether it may be joined with others of its kind: devices that failed come back in ones and twos.
    joins: bool,
}

/// What the queue has to offer.
#[derive(Debug)]
pub(crate) enum Next<D> {
    /// A batch that may be sent now.
    Batch(Batch<D>),
    /// None before this instant.
    At(Instant),
    /// None at all.
    Empty,
}

/// Everything that waits to be sent.
#[derive(Debug)]
pub(crate) struct Queue<D> {
    again: VecDeque<Waiting<D>>,
    fresh: VecDeque<Item<D>>,
    waiting: usize,
}

impl<D> Queue<D> {
    pub(crate) fn new() -> Self {
        Self {
            again: VecDeque::new(),
            fresh: VecDeque::new(),
            waiting: 0,
        }
    }

    /// How many devices wait.
    pub(crate) fn devices(&self) -> usize {
        self.waiting + self.fresh.len()
    }

    /// How many devices wait that were never sent.
    pub(crate) fn fresh(&self) -> usize {
        self.fresh.len()
    }

    /// When the first of the devices that wait and were never sent was read.
    pub(crate) fn oldest_fresh(&self) -> Option<Instant> {
        self.fresh.front().map(|item| item.read)
    }

    /// A device from the input.
    pub(crate) fn push_fresh(&mut self, item: Item<D>) {
        self.fresh.push_back(item);
    }

    /// The whole batch again.
    pub(crate) fn push_again(&mut self, batch: Batch<D>) {
        self.waiting += batch.items.len();
        self.again.push_front(Waiting {
            batch,
            not_before: None,
            joins: false,
        });
    }

    /// The devices as two batches, the first half first.
    ///
    /// They go before everything else: a poisoned batch is searched to its end before more is read.
    pub(crate) fn push_halves(&mut self, mut items: Vec<Item<D>>) {
        self.waiting += items.len();
        let second = items.split_off(items.len().div_ceil(2));
        for half in [second, items] {
            if !half.is_empty() {
                self.again.push_front(Waiting {
                    batch: Batch::of(half),
                    not_before: None,
                    joins: false,
                });
            }
        }
    }

    /// A part of a batch, to be sent again on its own.
    pub(crate) fn push_part(&mut self, items: Vec<Item<D>>, not_before: Instant) {
        self.waiting += items.len();
        self.again.push_back(Waiting {
            batch: Batch::of(items),
            not_before: Some(not_before),
            joins: true,
        });
    }

    /// The next batch of at most `limit` devices, and of those only as many as `fitting` says. Fresh devices make a
    /// batch once there are `limit` of them or, with `short`, however few.
    pub(crate) fn next(
        &mut self,
        limit: usize,
        fitting: impl Fn(&mut dyn Iterator<Item = &D>) -> usize,
        short: bool,
        now: Instant,
    ) -> Next<D> {
        let most =
            |items: &mut dyn Iterator<Item = &Item<D>>| fitting(&mut items.take(limit).map(|item| &item.device)).max(1);
        let ready = |waiting: &Waiting<D>| waiting.not_before.is_none_or(|at| at <= now);
        if let Some(place) = self.again.iter().position(ready)
            && let Some(mut first) = self.again.remove(place)
        {
            if first.joins {
                self.join(&mut first.batch, limit, now);
            }
            let take = most(&mut first.batch.items.iter());
            if first.batch.items.len() > take {
                let rest = first.batch.items.split_off(take);
                first.batch.number = None;
                first.batch.attempts = 0;
                self.again.push_front(Waiting {
                    batch: Batch::of(rest),
                    not_before: first.not_before,
                    joins: first.joins,
                });
            }
            self.waiting -= first.batch.items.len();
            return Next::Batch(first.batch);
        }
        if self.fresh.len() >= limit || (short && !self.fresh.is_empty()) {
            let take = most(&mut self.fresh.iter());
            return Next::Batch(Batch::of(self.fresh.drain(..take).collect()));
        }
        match self.again.iter().filter_map(|waiting| waiting.not_before).min() {
            Some(at) => Next::At(at),
            None => Next::Empty,
        }
    }

    /// Fills a part of a batch up with others that are ready.
    fn join(&mut self, batch: &mut Batch<D>, limit: usize, now: Instant) {
        let mut place = 0;
        while place < self.again.len() && batch.items.len() < limit {
            let other = &mut self.again[place];
            if !other.joins || other.not_before.is_some_and(|at| at > now) {
                place += 1;
                continue;
            }
            let take = (limit - batch.items.len()).min(other.batch.items.len());
            batch.items.extend(other.batch.items.drain(..take));
            if other.batch.items.is_empty() {
                self.again.remove(place);
            }
        }
    }

    /// Everything that still waits, in no particular order.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Item<D>> + use<'_, D> {
        self.waiting = 0;
        self.again
            .drain(..)
            .flat_map(|waiting| waiting.batch.items)
            .chain(self.fresh.drain(..))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn items(keys: std::ops::Range<u64>) -> Vec<Item<()>> {
        keys.map(|key| Item {
            key,
            device: (),
            attempts: 0,
            last: None,
            read: Instant::now(),
            rounds: Rounds::default(),
            segment: 0,
        })
        .collect()
    }

    fn next(queue: &mut Queue<()>, limit: usize, short: bool, now: Instant) -> Next<()> {
        queue.next(limit, |devices| devices.count(), short, now)
    }

    fn keys(next: Next<()>) -> Vec<u64> {
        match next {
            Next::Batch(batch) => batch.items.iter().map(|item| item.key).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fresh_devices_wait_for_a_full_batch_until_the_input_ends() {
        let now = Instant::now();
        let mut queue = Queue::new();
        items(0..5).into_iter().for_each(|item| queue.push_fresh(item));
        assert_eq!(keys(next(&mut queue, 3, false, now)), [0, 1, 2]);
        assert!(matches!(next(&mut queue, 3, false, now), Next::Empty));
        assert_eq!(keys(next(&mut queue, 3, true, now)), [3, 4]);
        assert!(matches!(next(&mut queue, 3, true, now), Next::Empty));
        assert_eq!(queue.devices(), 0);
    }

    #[test]
    fn halves_go_first_and_in_order() {
        let now = Instant::now();
        let mut queue = Queue::new();
        items(10..12).into_iter().for_each(|item| queue.push_fresh(item));
        queue.push_halves(items(0..5));
        assert_eq!(keys(next(&mut queue, 9, true, now)), [0, 1, 2]);
        assert_eq!(keys(next(&mut queue, 9, true, now)), [3, 4]);
        assert_eq!(keys(next(&mut queue, 9, true, now)), [10, 11]);
    }

    #[test]
    fn a_batch_over_a_lowered_limit_is_cut_when_it_is_sent() {
        let now = Instant::now();
        let mut queue = Queue::new();
        queue.push_again(Batch::of(items(0..5)));
        assert_eq!(keys(next(&mut queue, 2, false, now)), [0, 1]);
        assert_eq!(keys(next(&mut queue, 2, false, now)), [2, 3]);
        assert_eq!(keys(next(&mut queue, 2, false, now)), [4]);
        assert_eq!(queue.devices(), 0);
    }

    #[test]
    fn parts_are_joined_once_they_are_ready() {
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let mut queue = Queue::new();
        queue.push_part(items(0..1), later);
        queue.push_part(items(1..2), later + Duration::from_secs(1));
        queue.push_part(items(2..5), later);
        assert!(matches!(next(&mut queue, 3, false, now), Next::At(at) if at == later));
        assert_eq!(keys(next(&mut queue, 3, false, later)), [0, 2, 3]);
        assert_eq!(keys(next(&mut queue, 3, false, later)), [4]);
        assert_eq!(queue.devices(), 1);
    }

    #[test]
    fn what_waits_for_its_time_does_not_hold_up_fresh_devices() {
        let now = Instant::now();
        let mut queue = Queue::new();
        queue.push_part(items(0..2), now + Duration::from_secs(9));
        items(2..4).into_iter().for_each(|item| queue.push_fresh(item));
        assert_eq!(keys(next(&mut queue, 2, false, now)), [2, 3]);
        assert_eq!(queue.drain().count(), 2);
        assert_eq!(queue.devices(), 0);
    }

    #[test]
    fn what_does_not_fit_one_attempt_goes_with_the_next() {
        let now = Instant::now();
        let pairs = |devices: &mut dyn Iterator<Item = &()>| devices.count().min(2);
        let mut queue = Queue::new();
        items(0..5).into_iter().for_each(|item| queue.push_fresh(item));
        queue.push_part(items(10..11), now);
        queue.push_part(items(11..13), now);
        for expected in [vec![10, 11], vec![12], vec![0, 1], vec![2, 3], vec![4]] {
            assert_eq!(keys(queue.next(4, pairs, true, now)), expected);
        }
        queue.push_fresh(items(7..8).remove(0));
        assert_eq!(keys(queue.next(4, |_| 0, true, now)), [7], "one always fits");
        assert_eq!(queue.devices(), 0);
    }
}
