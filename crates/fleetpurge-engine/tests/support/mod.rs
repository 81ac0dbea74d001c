//! A service and a journal in memory that check every rule a run must keep while it goes on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Applied, Attempt, Begun, Conclusion, DeletionService, Disposition, Entry, EntryStatus, ErrorKind, Intent, Journal,
    JournalError, Outcome, OutcomeKind, Receipt, Settlement, SubmitError, Trail,
};
use uuid::Uuid;

/// How likely each answer is, in any unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Weights {
    pub(crate) receipt: u32,
    pub(crate) backoff: u32,
    pub(crate) throttled: u32,
    pub(crate) reauthenticate: u32,
    pub(crate) stop: u32,
    pub(crate) ambiguous: u32,
    pub(crate) ambiguous_stop: u32,
    pub(crate) panic: u32,
    /// In a receipt, of 100 entries.
    pub(crate) invalid: u32,
    pub(crate) failed: u32,
    pub(crate) unknown: u32,
    /// Of 100 receipts: one entry short.
    pub(crate) short: u32,
}

/// What a service is like.
#[derive(Clone, Debug)]
pub(crate) struct Nature {
    pub(crate) weights: Weights,
    /// What the service says its limit is, and what it is.
    pub(crate) told_limit: usize,
    pub(crate) true_limit: usize,
    /// How much room one attempt has, where devices differ in length: see [`length`].
    pub(crate) room: Option<usize>,
    /// Whether a receipt speaks of each device, or of the batch as a whole.
    pub(crate) speaks: Speaks,
    /// Devices for whose sake a batch is refused.
    pub(crate) poison: HashSet<u64>,
    pub(crate) seed: u64,
}

/// Of what a receipt speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    /// Each device, as Nexthink's does.
    OfDevices,
    /// The batch as a whole, as the task id of Ubidots does.
    OfBatches,
}

/// How much room a device takes in an attempt.
pub(crate) fn length(device: u64) -> usize {
    1 + usize::try_from(device % 5).unwrap()
}

/// Everything that was seen, and every rule that was broken.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Every device of every attempt, with what the service made of it.
    pub(crate) received: Vec<(u64, Applied)>,
    pub(crate) attempts: u64,
    /// How many attempts for a device may have been applied.
    touched: HashMap<u64, u32>,
    /// Devices the service said SCHEDULED of.
    pub(crate) scheduled: HashSet<u64>,
    open: HashMap<Uuid, Vec<u64>>,
    pub(crate) most_open: usize,
    in_flight: usize,
    pub(crate) most_in_flight: usize,
    pub(crate) largest_batch: usize,
    /// The longest batch of more than one device.
    pub(crate) longest_batch: usize,
    /// What the journal holds.
    pub(crate) recorded: BTreeMap<u64, Outcome>,
    request_ids: HashSet<Uuid>,
    pub(crate) broken: Vec<String>,
}

impl Account {
    fn check(&mut self, holds: bool, rule: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(rule());
        }
    }

    /// Devices of attempts that were begun and never settled.
    pub(crate) fn unsettled(&self) -> HashSet<u64> {
        self.open.values().flatten().copied().collect()
    }
}

/// A service in memory. Its devices are their own keys.
#[derive(Debug)]
pub(crate) struct FakeService {
    pub(crate) nature: Nature,
    pub(crate) resend_unknown: u32,
    pub(crate) account: Arc<Mutex<Account>>,
    random: Mutex<fastrand::Rng>,
}

impl FakeService {
    pub(crate) fn new(nature: Nature, resend_unknown: u32, account: Arc<Mutex<Account>>) -> Self {
        let random = Mutex::new(fastrand::Rng::with_seed(nature.seed));
        Self {
            nature,
            resend_unknown,
            account,
            random,
        }
    }

    fn answer(&self, batch: &[u64]) -> Result<Receipt, SubmitError> {
        let weights = &self.nature.weights;
        let mut random = self.random.lock().unwrap();
        if batch.len() > self.nature.true_limit {
            return Err(error(Disposition::TooLarge));
        }
        if batch.iter().any(|device| self.nature.poison.contains(device)) {
            return Err(error(Disposition::Poisoned));
        }
        let wait = random.bool().then(|| Duration::from_millis(random.u64(0..3_000)));
        let table = [
            (weights.receipt, None),
            (weights.backoff, Some(Disposition::Backoff)),
            (weights.throttled, Some(Disposition::Throttled(wait))),
            (weights.reauthenticate, Some(Disposition::Reauthenticate)),
            (weights.stop, Some(Disposition::Stop)),
            (weights.ambiguous, Some(Disposition::Ambiguous)),
            (weights.ambiguous_stop, Some(Disposition::AmbiguousStop)),
        ];
        let total: u32 = table.iter().map(|(weight, _)| weight).sum::<u32>() + weights.panic;
        let mut drawn = random.u32(0..total.max(1));
        for (weight, disposition) in table {
            if drawn < weight {
                return match disposition {
                    Some(disposition) => Err(error(disposition)),
                    None => Ok(self.receipt(batch.len(), &mut random)),
                };
            }
            drawn -= weight;
        }
        drop(random);
        if weights.panic > 0 {
            panic!("the service's own code fails");
        }
        Ok(self.receipt(batch.len(), &mut fastrand::Rng::with_seed(1)))
    }

    fn receipt(&self, devices: usize, random: &mut fastrand::Rng) -> Receipt {
        match self.nature.speaks {
            Speaks::OfDevices => receipt(devices, &self.nature.weights, random),
            Speaks::OfBatches => receipt(devices, &Weights::default(), random),
        }
    }
}

fn error(disposition: Disposition) -> SubmitError {
    SubmitError {
        kind: ErrorKind::Refused,
        disposition,
        detail: format!("{disposition:?}"),
        trail: Trail {
            status: (disposition != Disposition::Backoff).then_some(400),
            ..Trail::default()
        },
        body_head: None,
        source: None,
    }
}

fn receipt(devices: usize, weights: &Weights, random: &mut fastrand::Rng) -> Receipt {
    let mut entries: Vec<Entry> = (0..devices)
        .map(|_| {
            let drawn = random.u32(0..100);
            Entry::of(if drawn < weights.invalid {
                EntryStatus::Invalid
            } else if drawn < weights.invalid + weights.failed {
                EntryStatus::Failed
            } else if drawn < weights.invalid + weights.failed + weights.unknown {
                EntryStatus::Unknown
            } else {
                EntryStatus::Scheduled
            })
        })
        .collect();
    if random.u32(0..100) < weights.short {
        entries.pop();
    }
    Receipt {
        entries,
        anomalies: Vec::new(),
        trail: Trail {
            status: Some(202),
            ..Trail::default()
        },
    }
}

impl DeletionService for FakeService {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.nature.told_limit).unwrap()
    }

    fn fitting<'a>(&self, devices: impl Iterator<Item = &'a u64>) -> usize {
        let mut left = self.nature.room.unwrap_or(usize::MAX);
        devices
            .take_while(|device| {
                let fits = length(**device) <= left;
                left = left.saturating_sub(length(**device));
                fits
            })
            .count()
    }

    async fn submit(&self, batch: &[&u64], attempt: &Attempt) -> Result<Receipt, SubmitError> {
        let batch: Vec<u64> = batch.iter().map(|device| **device).collect();
        {
            let mut account = self.account.lock().unwrap();
            account.attempts += 1;
            account.in_flight += 1;
            account.most_in_flight = account.most_in_flight.max(account.in_flight);
            account.largest_batch = account.largest_batch.max(batch.len());
            if batch.len() > 1 {
                let long = batch.iter().map(|device| length(*device)).sum();
                account.longest_batch = account.longest_batch.max(long);
            }
            let open = account.open.get(&attempt.request_id).cloned();
            account.check(open.as_ref() == Some(&batch), || {
                format!("sent without its intent: {attempt:?}")
            });
            let fresh = account.request_ids.insert(attempt.request_id);
            account.check(fresh, || format!("a request id twice: {attempt:?}"));
            for device in &batch {
                let touched = account.touched.get(device).copied().unwrap_or_default();
                let may = touched <= self.resend_unknown && !account.scheduled.contains(device);
                account.check(may, || {
                    format!("{device} was sent again though it may have been applied")
                });
            }
        }
        let latency = self.random.lock().unwrap().u64(0..50);
        tokio::time::sleep(Duration::from_millis(latency)).await;
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.answer(&batch)));
        let mut account = self.account.lock().unwrap();
        account.in_flight -= 1;
        let all = |applied| vec![applied; batch.len()];
        let applied = match &answer {
            Err(_) => all(Applied::Maybe),
            Ok(Err(error)) => all(error.applied()),
            Ok(Ok(receipt)) if receipt.entries.len() != batch.len() => all(Applied::Maybe),
            Ok(Ok(receipt)) => receipt.entries.iter().map(|entry| entry.status.applied()).collect(),
        };
        for (device, applied) in batch.iter().zip(applied) {
            account.received.push((*device, applied));
            if applied != Applied::No {
                *account.touched.entry(*device).or_default() += 1;
            }
            if applied == Applied::Yes {
                account.scheduled.insert(*device);
            }
        }
        drop(account);
        answer.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// A journal in memory that may fail after so many records.
#[derive(Debug)]
pub(crate) struct FakeJournal {
    pub(crate) account: Arc<Mutex<Account>>,
    pub(crate) fails_after: Option<u64>,
    written: Mutex<u64>,
}

impl FakeJournal {
    pub(crate) fn new(account: Arc<Mutex<Account>>, fails_after: Option<u64>) -> Self {
        Self {
            account,
            fails_after,
            written: Mutex::new(0),
        }
    }

    async fn write(&self) -> Result<(), JournalError> {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let mut written = self.written.lock().unwrap();
        *written += 1;
        if self.fails_after.is_some_and(|n| *written > n) {
            return Err(JournalError("the disk is full".into()));
        }
        Ok(())
    }
}

impl Journal for FakeJournal {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        self.write().await?;
        let mut account = self.account.lock().unwrap();
        account.open.insert(intent.attempt.request_id, intent.keys);
        account.most_open = account.most_open.max(account.open.len());
        Ok(Begun::alone())
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        self.write().await?;
        let mut account = self.account.lock().unwrap();
        let keys: Vec<u64> = settlement.outcomes.iter().map(|(key, _)| *key).collect();
        let begun = account.open.remove(&settlement.attempt.request_id);
        account.check(begun == Some(keys), || {
            format!("settled otherwise than begun: {settlement:?}")
        });
        for (key, outcome) in settlement.outcomes {
            record(&mut account, key, outcome);
        }
        Ok(())
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        self.write().await?;
        let mut account = self.account.lock().unwrap();
        for conclusion in conclusions {
            record(&mut account, conclusion.key, conclusion.outcome);
        }
        Ok(())
    }
}

fn record(account: &mut Account, key: u64, outcome: Outcome) {
    let before = account.recorded.insert(key, outcome);
    let kind = before.as_ref().map_or(OutcomeKind::Pending, |before| before.kind);
    let was_open = match kind {
        OutcomeKind::Pending => true,
        // Sent again because the policy says so: only the service's clear word may change it.
        OutcomeKind::Unknown => matches!(
            account.recorded[&key].kind,
            OutcomeKind::Unknown | OutcomeKind::Scheduled | OutcomeKind::Invalid
        ),
        _ => false,
    };
    account.check(was_open, || format!("the outcome of {key} was changed from {before:?}"));
}
