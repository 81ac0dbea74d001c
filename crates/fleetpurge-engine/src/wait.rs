//! A wait of a run: until when, and why.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// A time in which a run starts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Wait {
    /// Nothing is started before then. Not in JSON: it is a time of this process alone.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub until: Instant,
    /// How long that is, measured from when the wait was reported.
    pub length: Duration,
    /// Why.
    pub reason: WaitReason,
    /// What happened, in a lowercase sentence for a person, where the reason does not say all.
    pub detail: Option<String>,
}

/// Why a run starts nothing for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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

/// Two waits that end within this time of each other are one: attempts that were in flight together got the same
/// answer.
const SAME: Duration = Duration::from_secs(1);

/// The waits that were reported so far.
#[derive(Debug, Default)]
pub(crate) struct Told(Option<Instant>);

impl Told {
    /// Whether a wait until `at` is news at `now`; if so, it counts as reported. While `busy`, with attempts in flight,
    /// a short wait is not reported: it may be over before they land.
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

/// How long was waited in all. Waits that overlap count once, and one that is over counts no longer than it was meant
/// to take, however late the process wakes from it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waited {
    total: Duration,
    /// When the last of them is over.
    until: Option<Instant>,
}

impl Waited {
    /// A wait from `now` until then.
    pub(crate) fn wait(&mut self, now: Instant, until: Instant) {
        let from = self.until.map_or(now, |known| known.max(now));
        self.total = self.total.saturating_add(until.saturating_duration_since(from));
        self.until = self.until.max(Some(until));
    }

    /// How long that is by now.
    pub(crate) fn by(&self, now: Instant) -> Duration {
        let left = self.until.map(|until| until.saturating_duration_since(now));
        self.total.saturating_sub(left.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_add_up_without_the_time_between_them() {
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        type Waits<'a> = &'a [(u64, u64)];
        let table: &[(&str, Waits<'_>, u64, u64)] = &[
            ("none", &[], 9, 0),
            ("one that has begun", &[(0, 7)], 0, 0),
            ("one half over", &[(0, 8)], 4, 4),
            ("one that is over", &[(0, 7)], 7, 7),
            ("one that was woken from late", &[(0, 1)], 9, 1),
            ("two, with a request between them", &[(0, 7), (9, 12)], 12, 10),
            ("two, with a stopped process between them", &[(0, 1), (90, 91)], 91, 2),
            ("two of what was in flight together", &[(0, 7), (1, 8)], 8, 8),
            ("the same, half over", &[(0, 7), (1, 8)], 5, 5),
            ("one within another", &[(0, 9), (1, 2)], 9, 9),
            ("one that is no wait", &[(5, 5)], 9, 0),
        ];
        for (case, waits, now, expected) in table {
            let mut waited = Waited::default();
            for (from, until) in *waits {
                waited.wait(at(*from), at(*until));
            }
            assert_eq!(waited.by(at(*now)), Duration::from_secs(*expected), "{case}");
        }
    }

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
