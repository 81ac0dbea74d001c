//! Batches that wait to be sent: fresh devices from the input, and batches that are sent again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error_kind::ErrorKind;
use crate::policy::later;
use crate::service::{Attempt, Trail};

/// How much later than it may a device is sent again, so that others whose time is near go in the same batch.
const SHARED: Duration = Duration::from_millis(200);

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
    /// Whether the last attempt was sent alone, to find out whether the service answers clearly again.
    pub(crate) is_probe: bool,
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
            is_probe: false,
            items,
        }
    }
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
    /// Batches that go before everything else.
    again: VecDeque<Batch<D>>,
    /// Devices that are sent again once it is time. They come back in ones and twos, and share a batch.
    later: BTreeMap<Instant, Vec<Item<D>>>,
    fresh: VecDeque<Item<D>>,
    waiting: usize,
}

/// What else there will be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prospect {
    /// Fresh devices make a batch, however few they are.
    pub(crate) short: bool,
    /// More fresh devices may be read at once, so that devices that are sent again wait until they fill a batch.
    pub(crate) more: bool,
}

impl<D> Queue<D> {
    pub(crate) fn new() -> Self {
        Self {
            again: VecDeque::new(),
            later: BTreeMap::new(),
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
        self.again.push_front(batch);
    }

    /// The devices as two batches, the first half first.
    ///
    /// They go before everything else: a poisoned batch is searched to its end before more is read.
    pub(crate) fn push_halves(&mut self, mut items: Vec<Item<D>>) {
        self.waiting += items.len();
        let second = items.split_off(items.len().div_ceil(2));
        for half in [second, items] {
            if !half.is_empty() {
                self.again.push_front(Batch::of(half));
            }
        }
    }

    /// A part of a batch, to be sent again with parts of others.
    pub(crate) fn push_part(&mut self, items: Vec<Item<D>>, not_before: Instant) {
        self.waiting += items.len();
        let latest = later(not_before, SHARED);
        let near = self.later.range(not_before..=latest).next();
        let at = near.map_or(latest, |(at, _)| *at);
        self.later.entry(at).or_default().extend(items);
    }

    /// The next batch of at most `limit` devices, and of those only as many as `fitting` says.
    pub(crate) fn next(
        &mut self,
        limit: usize,
        fitting: impl Fn(&mut dyn Iterator<Item = &D>) -> usize,
        prospect: Prospect,
        now: Instant,
    ) -> Next<D> {
        let most =
            |items: &mut dyn Iterator<Item = &Item<D>>| fitting(&mut items.take(limit).map(|item| &item.device)).max(1);
        if let Some(mut first) = self.again.pop_front() {
            let take = most(&mut first.items.iter());
            if first.items.len() > take {
                let rest = first.items.split_off(take);
                first.number = None;
                first.attempts = 0;
                self.again.push_front(Batch::of(rest));
            }
            self.waiting -= first.items.len();
            return Next::Batch(first);
        }
        let ready = || self.later.range(..=now).flat_map(|(_, items)| items);
        let fills = ready().take(limit).count();
        if fills == limit {
            let take = most(&mut ready());
            return Next::Batch(self.take_later(take));
        }
        if self.fresh.len() >= limit || (prospect.short && !self.fresh.is_empty()) {
            let take = most(&mut self.fresh.iter());
            return Next::Batch(Batch::of(self.fresh.drain(..take).collect()));
        }
        if prospect.more {
            return Next::Empty;
        }
        if fills > 0 {
            let take = most(&mut ready());
            return Next::Batch(self.take_later(take));
        }
        match self.later.first_key_value() {
            Some((at, _)) => Next::At(*at),
            None => Next::Empty,
        }
    }

    /// The first of the devices that are sent again later.
    fn take_later(&mut self, count: usize) -> Batch<D> {
        let mut taken = Vec::with_capacity(count);
        while let Some(mut first) = self.later.first_entry() {
            let items = first.get_mut();
            taken.extend(items.drain(..items.len().min(count - taken.len())));
            if !items.is_empty() {
                break;
            }
            first.remove();
        }
        self.waiting -= taken.len();
        Batch::of(taken)
    }

    /// Everything that still waits, in no particular order.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Item<D>> + use<'_, D> {
        self.waiting = 0;
        let later = std::mem::take(&mut self.later);
        self.again
            .drain(..)
            .flat_map(|batch| batch.items)
            .chain(later.into_values().flatten())
            .chain(self.fresh.drain(..))
    }
}

#[cfg(test)]
mod tests {
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

    const OVER: Prospect = Prospect {
        short: true,
        more: false,
    };

    /// Of a queue whose input is over, if that is so.
    fn next(queue: &mut Queue<()>, limit: usize, is_over: bool, now: Instant) -> Next<()> {
        let prospect = Prospect {
            short: is_over,
            more: false,
        };
        queue.next(limit, |devices| devices.count(), prospect, now)
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
    fn parts_whose_times_are_near_are_joined() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut queue = Queue::new();
        queue.push_part(items(0..1), now);
        queue.push_part(items(1..2), now + ms(201));
        queue.push_part(items(2..5), now + ms(150));
        assert!(matches!(next(&mut queue, 3, false, now + ms(199)), Next::At(at) if at == now + ms(200)));
        assert_eq!(keys(next(&mut queue, 3, false, now + ms(200))), [0, 2, 3]);
        assert_eq!(keys(next(&mut queue, 3, false, now + ms(200))), [4]);
        assert!(matches!(next(&mut queue, 3, false, now + ms(400)), Next::At(at) if at == now + ms(401)));
        assert_eq!(queue.devices(), 1);
        assert_eq!(keys(next(&mut queue, 3, false, now + ms(401))), [1]);
        assert_eq!(queue.devices(), 0);
    }

    #[test]
    fn parts_wait_until_they_fill_a_batch_as_long_as_there_are_fresh_devices() {
        let now = Instant::now();
        let mut queue = Queue::new();
        let mut next = |parts: Option<std::ops::Range<u64>>, fresh: std::ops::Range<u64>, more: bool| {
            if let Some(parts) = parts {
                queue.push_part(items(parts), now - SHARED);
            }
            items(fresh).into_iter().for_each(|item| queue.push_fresh(item));
            let prospect = Prospect { short: !more, more };
            match queue.next(3, |devices| devices.count(), prospect, now) {
                Next::Empty => Vec::new(),
                next => keys(next),
            }
        };
        assert_eq!(next(Some(0..1), 10..13, true), [10, 11, 12]);
        assert_eq!(next(Some(1..2), 13..15, true), [0_u64; 0], "more may be read");
        assert_eq!(next(None, 15..16, true), [13, 14, 15]);
        assert_eq!(next(Some(2..4), 16..19, true), [0, 1, 2], "they fill a batch");
        assert_eq!(next(None, 19..20, false), [16, 17, 18]);
        assert_eq!(next(None, 20..20, false), [19]);
        assert_eq!(next(None, 20..20, false), [3]);
        assert_eq!(next(None, 20..20, false), [0_u64; 0]);
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
        queue.push_part(items(10..11), now - SHARED);
        queue.push_part(items(11..13), now - SHARED);
        for expected in [vec![0, 1], vec![2, 3], vec![4], vec![10, 11], vec![12]] {
            assert_eq!(keys(queue.next(4, pairs, OVER, now)), expected);
        }
        queue.push_fresh(items(7..8).remove(0));
        assert_eq!(keys(queue.next(4, |_| 0, OVER, now)), [7], "one always fits");
        assert_eq!(queue.devices(), 0);
    }
}
