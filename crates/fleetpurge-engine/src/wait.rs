//! A wait of a run: until when, and why.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// A time in which a run starts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Nothing is started before then.
    pub until: Instant,
    /// How long that is from when it was told.
    pub length: Duration,
    /// Why.
    pub reason: WaitReason,
    /// What happened, in a lowercase sentence for a person, where the reason does not say all.
    pub detail: Option<String>,
}

/// Why a run starts nothing for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitReason {
    /// The service asked to wait.
    Throttled,
    /// The service was not reached, and is tried again after a pause.
    Unreached,
    /// An answer left open whether the service acted; one device is sent alone after a pause.
    Unclear,
    /// Only devices are left that are sent again after a pause, because the service said that they failed.
    SentAgain,
    /// The rate allows no more: the one that was asked for, or the one learned from the service.
    Pace,
}

impl WaitReason {
    /// What it is, in a few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttled => "the service asks to wait",
            Self::Unreached => "the service was not reached",
            Self::Unclear => "an answer left open whether the service acted",
            Self::SentAgain => "devices that failed are sent again",
            Self::Pace => "the rate allows no more",
        }
    }
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Two waits that end within this time of each other are one: attempts that were in flight together were told the same.
const SAME: Duration = Duration::from_secs(1);

/// What has been told of waits.
#[derive(Debug, Default)]
pub(crate) struct Told(Option<Instant>);

impl Told {
    /// Whether a wait until `at` is news at `now`, and notes that it was told. While `busy`, with attempts in flight, a short
    /// one is not worth a word: it may be over before they land.
    pub(crate) fn is_news(&mut self, at: Instant, busy: bool, now: Instant) -> bool {
        let length = at.saturating_duration_since(now);
        let is_known = self
            .0
            .is_some_and(|told| told > now && at.saturating_duration_since(told) <= SAME);
        let is_news = !length.is_zero() && !is_known && (!busy || length > SAME);
        if is_news {
            self.0 = Some(at);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_once_and_a_longer_one_again() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut told = Told::default();
        for (case, until, busy, now, expected) in [
            ("a short one while busy", 500, true, 0, false),
            ("a long one while busy", 7_000, true, 0, true),
            ("the same", 7_000, true, 10, false),
            ("the same, no longer busy", 7_000, false, 20, false),
            ("a little longer", 8_000, false, 30, false),
            ("much longer", 9_000, false, 40, true),
            ("over", 9_000, false, 9_000, false),
            ("the next", 9_300, false, 9_001, true),
            ("the one after it", 9_500, false, 9_400, true),
        ] {
            assert_eq!(told.is_news(at(until), busy, at(now)), expected, "{case}");
        }
    }
}
