//! What was answered in the last second.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::estimate::ANSWERS;

/// What was answered within this time of a throttling may say more of the rate than all since the one before.
const LATELY: Duration = Duration::from_secs(1);

/// How many attempts were answered lately.
#[derive(Debug, Default)]
pub(super) struct Lately {
    /// In tenths of [`LATELY`]: when each began, and how many.
    tenths: VecDeque<(Instant, u32)>,
}

impl Lately {
    pub(super) fn answered(&mut self, now: Instant) {
        match self.tenths.back_mut() {
            Some((begun, count)) if now.saturating_duration_since(*begun) < LATELY / 10 => *count += 1,
            _ => self.tenths.push_back((now, 1)),
        }
        while self.tenths.len() > 11 {
            self.tenths.pop_front();
        }
    }

    /// Per second, if it was answered all the time.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        let (begun, _) = self.tenths.front()?;
        let time = now.saturating_duration_since(*begun);
        let count: u32 = self.tenths.iter().map(|(_, count)| *count).sum();
        let is_without_a_gap = self.tenths.len() > 10 && time < LATELY * 2;
        (is_without_a_gap && count >= ANSWERS).then(|| f64::from(count) / time.as_secs_f64())
    }
}
