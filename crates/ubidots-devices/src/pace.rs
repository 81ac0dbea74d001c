//! Keeps requests that only read apart.

use std::time::Duration;

use fleetpurge_engine::Rate;
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Keeps requests apart, for all clones of a client together.
#[derive(Debug)]
pub(crate) struct Pace {
    period: Duration,
    /// Made with the first request: it needs a runtime.
    ticks: Mutex<Option<Interval>>,
}

impl Pace {
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            period: rate.interval(),
            ticks: Mutex::new(None),
        }
    }

    /// Waits until the next request may be made.
    pub(crate) async fn next(&self) {
        let mut ticks = self.ticks.lock().await;
        let ticks = ticks.get_or_insert_with(|| {
            let mut ticks = interval(self.period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks
        });
        ticks.tick().await;
    }
}
