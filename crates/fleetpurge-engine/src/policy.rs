//! The numbers behind every decision, in one place.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a run tries again, waits and gives up. The defaults are the contract of the command `fleetpurge`.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How many attempts a batch gets while the service has never been reached in this run.
    pub tries_before_first_reply: u32,
    /// How long a run goes on trying once a service that did answer is no longer reached.
    pub unreached_for: Duration,
    /// The longest wait the service may ask for; also how long it may go on asking without any other answer.
    pub max_wait: Duration,
    /// How often devices that the service could not schedule are sent again.
    pub failed_rounds: u32,
    /// How often a device is sent again although the service may have acted on it. 0 unless a person says otherwise:
    /// the service promises no idempotency. Every attempt is written down as what it came to.
    pub resend_unknown: u32,
    /// After how many batches in a row of which no device could be scheduled a run stops.
    pub failed_batches: u32,
    /// After how many lone devices refused before the first receipt a run stops.
    pub refused_before_first_receipt: u32,
    /// After how many ambiguous answers in a row a run stops.
    pub ambiguous_in_a_row: u32,
    /// The first pause of a back-off that starts with a service that was not reached.
    pub backoff_base: Duration,
    /// The first pause after an ambiguous answer, a FAILED entry, or a throttling that names no time.
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
        let doubled = base.saturating_mul(2_u32.saturating_pow(n.saturating_sub(1)));
        doubled
            .min(self.backoff_cap)
            .mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }
}

/// How a run is to go.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// How many attempts may be open at a time.
    pub concurrency: NonZeroUsize,
    /// How many attempts may be started per second, at most. None: as many as the service takes.
    pub rate: Option<f64>,
    /// How it tries again, waits and gives up.
    pub policy: Policy,
    /// Whether outcomes are handed out in the order of the input.
    pub order: Order,
    /// What happens to the rest of the input once the run has stopped.
    pub rest: Rest,
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
    /// It is not read: whoever keeps a ledger knows it already.
    Leave,
    /// It is read to its end, and every device of it handed out as pending.
    Report,
}
