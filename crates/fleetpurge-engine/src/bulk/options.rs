//! The settings of a bulk deletion.

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::policy::{Order, Policy, Rest, RunOptions};
use crate::rate::Rate;
use crate::stop::StopHandle;

/// How long devices of a slow producer wait for their batch to be filled by default.
const LINGER: Duration = Duration::from_secs(1);

/// Settings of a bulk deletion: fields to read, and a setter of the same name for each.
///
/// ```
/// use std::time::Duration;
///
/// use fleetpurge_engine::bulk::BulkOptions;
/// use fleetpurge_engine::{NotARate, Rate, Rest};
///
/// # fn main() -> Result<(), NotARate> {
/// let options = BulkOptions::default()
///     .rate(Rate::per_second(2.0)?)
///     // For a channel that stays open: send short batches soon, and end at once when stopped.
///     .linger(Duration::from_millis(200))
///     .rest(Rest::Leave);
/// assert_eq!(options.rest, Rest::Leave);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkOptions {
    /// How many requests may be open at a time. Default: 4.
    pub concurrency: Option<NonZeroUsize>,
    /// Whether that is only where the run begins: it then allows more, up to 128, as long as answers take no longer for it,
    /// and fewer again where they do or the service asks to wait. Default: no.
    pub finds_concurrency: bool,
    /// How many requests may start per second, at most. Default: as many as the service takes.
    pub rate: Option<Rate>,
    /// When the run tries again, waits and gives up.
    pub policy: Policy,
    /// Stops the run: requests in flight are finished, the other devices stay pending.
    pub stop: StopHandle,
    /// What happens to devices that were not read when the run stops. Default: [`Rest::Report`], so that each device of a
    /// list has its outcome. A slow or silent producer is read for at most [`linger`](Self::linger) longer. With
    /// [`Rest::Leave`] nothing more is read or reported.
    pub rest: Rest,
    /// How long a device may wait for its batch to be filled. Default: 1 s. When this time has passed since the first
    /// device was read, and the producer has nothing ready, a short batch is sent. A producer that always has devices
    /// ready gets full batches, however short this time is. `Duration::MAX`: full batches only, until the end of the
    /// input.
    pub linger: Duration,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            concurrency: None,
            finds_concurrency: false,
            rate: None,
            policy: Policy::default(),
            stop: StopHandle::default(),
            rest: Rest::Report,
            linger: LINGER,
        }
    }
}

impl BulkOptions {
    /// Sets [`concurrency`](Self::concurrency).
    #[must_use]
    pub const fn concurrency(mut self, requests: NonZeroUsize) -> Self {
        self.concurrency = Some(requests);
        self
    }

    /// Sets [`finds_concurrency`](Self::finds_concurrency).
    #[must_use]
    pub const fn finds_concurrency(mut self, finds: bool) -> Self {
        self.finds_concurrency = finds;
        self
    }

    /// Sets [`rate`](Self::rate).
    #[must_use]
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Sets [`policy`](Self::policy).
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets [`stop`](Self::stop).
    #[must_use]
    pub fn stop(mut self, stop: StopHandle) -> Self {
        self.stop = stop;
        self
    }

    /// Sets [`rest`](Self::rest).
    #[must_use]
    pub const fn rest(mut self, rest: Rest) -> Self {
        self.rest = rest;
        self
    }

    /// Sets [`linger`](Self::linger).
    #[must_use]
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    pub(crate) fn run_options(&self) -> RunOptions {
        let defaults = RunOptions::default();
        RunOptions {
            concurrency: self.concurrency.unwrap_or(defaults.concurrency),
            finds_concurrency: self.finds_concurrency,
            rate: self.rate,
            policy: self.policy.clone(),
            order: Order::Input,
            rest: self.rest,
            linger: Some(self.linger),
            seed: None,
        }
    }
}
