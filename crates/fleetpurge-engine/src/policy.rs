//! The numbers behind every decision, in one place.

use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::time::Instant;

use crate::rate::Rate;

/// How a run tries again, waits and gives up. The defaults are the contract of the command `fleetpurge`.
///
/// A count of 0 of what a run gives up after means 1. A pause of less than a millisecond counts as one: trying again
/// without any pause would only be a flood of requests.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How many attempts a batch gets while the service has never been reached in this run.
    pub tries_before_first_reply: u32,
    /// How long a run waits in all, between one try and the next, once a service that did answer is no longer reached.
    pub unreached_for: Duration,
    /// The longest wait the service may ask for; also how long all waits in a row may take, without any other answer between
    /// them. Zero: nothing is waited for.
    pub max_wait: Duration,
    /// How often devices that the service could not schedule are sent again.
    pub failed_rounds: u32,
    /// How often a device is sent again although the service may have acted on it. 0 unless a person says otherwise:
    /// the service promises no idempotency. Every attempt is recorded with its result.
    pub resend_unknown: u32,
    /// After how many batches in a row of which no device could be scheduled a run stops.
    pub failed_batches: u32,
    /// After how many lone devices refused before the first receipt a run stops.
    pub refused_before_first_receipt: u32,
    /// After how many ambiguous answers in a row a run stops.
    pub ambiguous_in_a_row: u32,
    /// The first pause of a back-off that starts with a service that was not reached.
    pub backoff_base: Duration,
    /// The first pause after an ambiguous answer, a FAILED entry, or a throttling. A throttling that names a longer time
    /// gets it; one that names a shorter one, none, or a past date does not: a service that is asked again at once, and
    /// says so each time, would be flooded.
    pub pause_base: Duration,
    /// The longest pause that is not the service's own wish.
    pub backoff_cap: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tries_before_first_reply: 5,
            unreached_for: Duration::from_secs(300),
            max_wait: Duration::from_secs(600),
            failed_rounds: 3,
            resend_unknown: 0,
            failed_batches: 5,
            refused_before_first_receipt: 5,
            ambiguous_in_a_row: 5,
            backoff_base: Duration::from_millis(200),
            pause_base: Duration::from_millis(500),
            backoff_cap: Duration::from_secs(30),
        }
    }
}

impl Policy {
    /// The pause before try number `n + 1` of something that starts with a pause of `base`: doubling, capped, and
    /// between half of it and all of it, as `jitter` (0 to 1) says.
    #[must_use]
    pub fn backoff(&self, base: Duration, n: u32, jitter: f64) -> Duration {
        let doubled = base
            .max(LEAST_PAUSE)
            .saturating_mul(2_u32.saturating_pow(n.saturating_sub(1)));
        doubled
            .min(self.backoff_cap.clamp(LEAST_PAUSE, LONGEST_PAUSE))
            .mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }
}

/// Less is no pause.
const LEAST_PAUSE: Duration = Duration::from_millis(1);
/// More is no pause either, but the end; and a clock cannot count much further.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 3600);

/// So much later; a year later where the clock does not reach so far.
pub(crate) fn later(now: Instant, by: Duration) -> Instant {
    now.checked_add(by).unwrap_or(now + LONGEST_PAUSE)
}

/// How a run is to go.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// How many attempts may be open at a time.
    pub concurrency: NonZeroUsize,
    /// How many attempts may be started per second, at most. None: as many as the service takes.
    pub rate: Option<Rate>,
    /// How it tries again, waits and gives up.
    pub policy: Policy,
    /// Whether outcomes are handed out in the order of the input.
    pub order: Order,
    /// What happens to the rest of the input once the run has stopped.
    pub rest: Rest,
    /// How long a device may wait for its batch to be filled. Once so much has passed since the first of them was read,
    /// and the input has nothing ready, they are sent as a short batch. None: a batch is full, or the input has ended. So
    /// it is by default: an input that is all there, such as a ledger, needs no short batches, however slow its disk.
    pub linger: Option<Duration>,
    /// Seed of the jitter; None: a fresh one.
    pub seed: Option<u64>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            concurrency: const { NonZeroUsize::new(4).unwrap() },
            rate: None,
            policy: Policy::default(),
            order: Order::AsSettled,
            rest: Rest::Leave,
            linger: None,
            seed: None,
        }
    }
}

/// In which order outcomes are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they become known: nothing waits for a batch that is sent again.
    AsSettled,
    /// In the order of the input. Reading ahead of the oldest open device is bounded, so one batch that has to wait
    /// long makes the others wait.
    Input,
}

/// What happens to the rest of the input once a run has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It is not read, and what is not read is not reported: whoever keeps a ledger knows it already, and a producer that
    /// never ends has no rest. The run ends as soon as everything in flight has landed.
    Leave,
    /// It is read on, and every device of it that was read is handed out as pending. That begins once everything in flight
    /// has landed. Devices that are ready are read to the last, such as those of a list. Once
    /// [`linger`](RunOptions::linger) has passed, the run ends as soon as its producer has nothing ready, whatever stopped
    /// the run: a producer that is silent or slow does not hold up the end, and what it had not given by then is not
    /// reported. Without a linger, or with one that no clock reaches, the input is read to its end.
    ///
    /// A producer that always has another device ready and never ends is for [`Leave`](Self::Leave).
    Report,
}
