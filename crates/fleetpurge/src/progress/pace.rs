//! The pace of a run that another process makes, from what is seen of its plan.

use std::time::Duration;

use super::meter::Meter;
use super::text;

/// How fast devices get their outcomes, since this process has been looking. Has no clock.
#[derive(Debug)]
pub(crate) struct Pace {
    meter: Meter,
    /// When it was looked at first, and how much was done by then: that was done at a rate that nobody saw.
    began: Duration,
    before: u64,
}

impl Pace {
    /// From this moment on, at which so much is done.
    pub(crate) fn new(now: Duration, done: u64) -> Self {
        Self {
            meter: Meter::default(),
            began: now,
            before: done,
        }
    }

    /// So much is done by now.
    pub(crate) fn note(&mut self, now: Duration, done: u64) {
        self.meter
            .note(now.saturating_sub(self.began), done.saturating_sub(self.before));
    }

    /// The rate, and how long so many more will take.
    pub(crate) fn told(&self, now: Duration, more: u64) -> Vec<String> {
        let Some(rate) = self.meter.rate(now.saturating_sub(self.began)) else {
            return Vec::new();
        };
        let mut parts = vec![format!("{} devices a second", text::number(rate))];
        parts.extend(text::time_left(more, rate).map(|left| format!("about {left} left")));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_before_anybody_looked_is_no_part_of_the_rate() {
        let seconds = Duration::from_secs;
        let mut pace = Pace::new(seconds(100), 5000);
        pace.note(seconds(100), 5000);
        assert_eq!(pace.told(seconds(100), 900), Vec::<String>::new());
        pace.note(seconds(110), 5100);
        assert_eq!(
            pace.told(seconds(110), 900),
            ["10 devices a second", "about 1 min 30 s left"]
        );
        assert_eq!(pace.told(seconds(110), 0), ["10 devices a second"]);
    }
}
