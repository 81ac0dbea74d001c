//! The numbers behind every decision, in one place.

use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::time::Instant;

use crate::ramp::MOST;
use crate::rate::Rate;

/// When a run tries again, how long it waits, and when it gives up.
///
/// The defaults suit most programs. They never send a device again that the service may have acted on. Change
/// [`max_wait`](Self::max_wait) if your program must end sooner, or if a throttling service may make it wait longer.
/// Set [`resend_unknown`](Self::resend_unknown) only if a repeated deletion does no harm.
///
/// The run decides by what came back:
///
/// | what came back | what the run does | limits |
/// |---|---|---|
/// | the service was not reached | tries the batch again after a back-off | `tries_before_first_reply`, then `unreached_for` |
/// | a request to wait | waits, then tries the batch again | `max_wait` |
/// | FAILED for some devices | sends these again after a pause | `failed_rounds`, `failed_batches` |
/// | an answer that leaves open whether it acted | marks the devices `unknown`, waits, then sends one device alone | `ambiguous_in_a_row`, `resend_unknown` |
/// | a lone device is refused | marks it `rejected` | `refused_before_first_receipt` |
///
/// ```
/// use std::time::Duration;
///
/// use fleetpurge_engine::Policy;
///
/// let policy = Policy::default().max_wait(Duration::from_secs(60)).failed_rounds(1);
/// assert_eq!(policy.resend_unknown, 0);
/// ```
///
/// A limit of 0 batches, tries or answers counts as 1. A pause of less than a millisecond counts as one millisecond, so
/// that a run cannot flood the service with requests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Policy {
    /// How many attempts a batch gets before the service has answered for the first time. Default: 5.
    pub tries_before_first_reply: u32,
    /// How long a run waits in total between tries, once a service that did answer cannot be reached. Default: 5 minutes.
    pub unreached_for: Duration,
    /// The longest wait that the service may ask for, and the longest total of consecutive waits without another answer
    /// between them. Zero: the run does not wait. Default: 10 minutes.
    pub max_wait: Duration,
    /// How often devices with the status FAILED are sent again. Default: 3.
    pub failed_rounds: u32,
    /// How often a device is sent again although the service may have acted on it. The service promises no idempotency,
    /// so this repeats deletions. Default: 0.
    pub resend_unknown: u32,
    /// After how many consecutive batches with only FAILED devices a run stops. Default: 5.
    pub failed_batches: u32,
    /// After how many lone devices refused before the first receipt a run stops. Default: 5.
    pub refused_before_first_receipt: u32,
    /// After how many consecutive ambiguous answers a run stops. Default: 5.
    pub ambiguous_in_a_row: u32,
    /// The first pause of the back-off after the service was not reached. Default: 200 ms.
    pub backoff_base: Duration,
    /// The first pause after an ambiguous answer, a FAILED entry or a throttling. A longer wait that the service asks for
    /// is kept; a shorter one is extended to this pause. If the service does not say how long to wait and its rate is known, the
    /// first pause is the time of four requests at that rate, but no longer than this. Default: 500 ms.
    pub pause_base: Duration,
    /// The longest pause that the service did not ask for. Default: 30 s.
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
    /// Sets [`tries_before_first_reply`](Self::tries_before_first_reply).
    #[must_use]
    pub const fn tries_before_first_reply(mut self, tries_before_first_reply: u32) -> Self {
        self.tries_before_first_reply = tries_before_first_reply;
        self
    }

    /// Sets [`unreached_for`](Self::unreached_for).
    #[must_use]
    pub const fn unreached_for(mut self, unreached_for: Duration) -> Self {
        self.unreached_for = unreached_for;
        self
    }

    /// Sets [`max_wait`](Self::max_wait).
    #[must_use]
    pub const fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Sets [`failed_rounds`](Self::failed_rounds).
    #[must_use]
    pub const fn failed_rounds(mut self, failed_rounds: u32) -> Self {
        self.failed_rounds = failed_rounds;
        self
    }

    /// Sets [`resend_unknown`](Self::resend_unknown).
    #[must_use]
    pub const fn resend_unknown(mut self, resend_unknown: u32) -> Self {
        self.resend_unknown = resend_unknown;
        self
    }

    /// Sets [`failed_batches`](Self::failed_batches).
    #[must_use]
    pub const fn failed_batches(mut self, failed_batches: u32) -> Self {
        self.failed_batches = failed_batches;
        self
    }

    /// Sets [`refused_before_first_receipt`](Self::refused_before_first_receipt).
    #[must_use]
    pub const fn refused_before_first_receipt(mut self, refused_before_first_receipt: u32) -> Self {
        self.refused_before_first_receipt = refused_before_first_receipt;
        self
    }

    /// Sets [`ambiguous_in_a_row`](Self::ambiguous_in_a_row).
    #[must_use]
    pub const fn ambiguous_in_a_row(mut self, ambiguous_in_a_row: u32) -> Self {
        self.ambiguous_in_a_row = ambiguous_in_a_row;
        self
    }

    /// Sets [`backoff_base`](Self::backoff_base).
    #[must_use]
    pub const fn backoff_base(mut self, backoff_base: Duration) -> Self {
        self.backoff_base = backoff_base;
        self
    }

    /// Sets [`pause_base`](Self::pause_base).
    #[must_use]
    pub const fn pause_base(mut self, pause_base: Duration) -> Self {
        self.pause_base = pause_base;
        self
    }

    /// Sets [`backoff_cap`](Self::backoff_cap).
    #[must_use]
    pub const fn backoff_cap(mut self, backoff_cap: Duration) -> Self {
        self.backoff_cap = backoff_cap;
        self
    }

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

/// A shorter wait is no real pause.
const LEAST_PAUSE: Duration = Duration::from_millis(1);
/// A longer wait would in practice be the end of the run, and a clock cannot count much further.
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
    /// Whether that is only where the run begins: it then allows more, up to 128, as long as answers take no longer for it,
    /// and fewer again where they do or the service asks to wait. Default: no.
    pub finds_concurrency: bool,
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
            finds_concurrency: false,
            rate: None,
            policy: Policy::default(),
            order: Order::AsSettled,
            rest: Rest::Leave,
            linger: None,
            seed: None,
        }
    }
}

impl RunOptions {
    /// How many attempts may be open at a time at most.
    pub(crate) fn most_concurrent(&self) -> usize {
        let begins = self.concurrency.get();
        if self.finds_concurrency {
            begins.max(MOST)
        } else {
            begins
        }
    }
}

/// In which order outcomes are handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum Order {
    /// As they become known: nothing waits for a batch that is sent again.
    AsSettled,
    /// In the order of the input. Reading ahead of the oldest open device is bounded, so one batch that has to wait
    /// long makes the others wait.
    Input,
}

/// What happens to the rest of the input once a run has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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
