//! When a number of answers says something of the rate.

use std::time::Duration;

use tokio::time::Instant;

/// An interval shorter than this, or with fewer answers, says too little of the rate.
pub(super) const INTERVAL: Duration = Duration::from_millis(500);
pub(super) const ANSWERS: u32 = 5;

/// How many were answered a second, without those that had been saved up, if that says enough.
pub(super) fn per_second(answered: u32, saved: f64, since: Instant, now: Instant) -> Option<f64> {
    let time = now.saturating_duration_since(since);
    (time >= INTERVAL && answered >= ANSWERS).then(|| (f64::from(answered) - saved).max(1.0) / time.as_secs_f64())
}
