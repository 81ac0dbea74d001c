//! What all connections share.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant, SystemTime};

use super::limit::{Limit, Share};

/// What all connections share.
pub(super) struct Service {
    pub(super) delay: Duration,
    /// How many devices its list has.
    pub(super) listed: u64,
    /// For so many seconds after the first deletion nothing is counted.
    pub(super) since: f64,
    pub(super) began: Cell<Option<Instant>>,
    pub(super) limit: RefCell<Option<Limit>>,
    pub(super) failures: RefCell<Share>,
    pub(super) counts: RefCell<Counts>,
}

impl Service {
    /// Takes as long as it is to take.
    pub(super) async fn work(&self) {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
    }

    /// Whether a deletion that comes now is counted.
    pub(super) fn counts_now(&self, now: Instant) -> bool {
        let began = self.began.get().unwrap_or(now);
        self.began.set(Some(began));
        now.duration_since(began).as_secs_f64() >= self.since
    }
}

/// What has come in since the counts were last asked for.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) connections: u64,
    pub(super) deletions: u64,
    pub(super) refused: u64,
    pub(super) devices: u64,
    /// When the first deletion came, and when the last was answered.
    pub(super) first: Option<SystemTime>,
    pub(super) last: Option<SystemTime>,
}
