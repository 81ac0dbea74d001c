//! How many requests may be in flight, where the run finds that out. Pure: the clock is an argument.
//!
//! More in flight are faster until something is full: the service, the network or this machine. From there on they only
//! take longer. So the number is raised while all that are allowed are in use and an answer takes no longer than it did,
//! and lowered where answers take longer or the service asks to wait: the same as TCP does (slow start, then additive
//! increase and multiplicative decrease).

use std::time::Duration;

/// However fast it is: no service is asked for more at a time.
pub(crate) const MOST: usize = 128;
/// An answer takes longer if it takes more than this multiple of the quickest, and this much more.
const LONGER: f64 = 1.5;
const NOISE: Duration = Duration::from_millis(5);
/// What is left where it takes longer, and where the service asks to wait.
const BACK: f64 = 0.9;
const BACK_THROTTLED: f64 = 0.5;
/// The quickest answer becomes older: by this share with every answer, so that a service that has become slower for good is
/// not taken for one that is full.
const AGING: f64 = 0.002;

/// The number, and what it follows from.
#[derive(Debug)]
pub(crate) struct Ramp {
    allowed: f64,
    least: f64,
    /// In seconds.
    quickest: Option<f64>,
    /// Whether nothing has spoken against more so far.
    is_starting: bool,
    /// Whether all that are allowed were in use when that was last looked at.
    is_full: bool,
    /// How many answers until it is lowered again: those in flight met the same.
    until_lowered: usize,
}

impl Ramp {
    /// Begins with so many, and never allows fewer.
    #[expect(clippy::cast_precision_loss, reason = "at most 128")]
    pub(crate) fn new(least: usize) -> Self {
        let least = least.min(MOST) as f64;
        Self {
            allowed: least,
            least,
            quickest: None,
            is_starting: true,
            is_full: false,
            until_lowered: 0,
        }
    }

    /// How many requests may be in flight.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 128"
    )]
    pub(crate) fn allowed(&self) -> usize {
        self.allowed as usize
    }

    /// So many requests are in flight, and another would be sent if that were allowed.
    pub(crate) fn sees(&mut self, in_flight: usize) {
        self.is_full = in_flight >= self.allowed();
    }

    /// The service answered after this time, other than that it asks to wait.
    pub(crate) fn answered(&mut self, took: Duration) {
        let took = took.as_secs_f64();
        let quickest = self
            .quickest
            .map_or(took, |quickest| (quickest * (1.0 + AGING)).min(took));
        self.quickest = Some(quickest);
        self.until_lowered = self.until_lowered.saturating_sub(1);
        if took > quickest * LONGER + NOISE.as_secs_f64() {
            self.lower(BACK);
        } else if self.is_full {
            let more = if self.is_starting { 1.0 } else { 1.0 / self.allowed };
            #[expect(clippy::cast_precision_loss, reason = "128")]
            let most = MOST as f64;
            self.allowed = (self.allowed + more).min(most);
        }
    }

    /// The service asked to wait.
    pub(crate) fn throttled(&mut self) {
        self.lower(BACK_THROTTLED);
    }

    fn lower(&mut self, back: f64) {
        self.is_starting = false;
        if self.until_lowered == 0 {
            self.allowed = (self.allowed * back).max(self.least);
            self.until_lowered = self.allowed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn answered(ramp: &mut Ramp, answers: usize, took: impl Fn(usize) -> Duration) {
        for _ in 0..answers {
            ramp.sees(ramp.allowed());
            ramp.answered(took(ramp.allowed()));
        }
    }

    #[test]
    fn it_doubles_while_answers_take_no_longer() {
        let mut ramp = Ramp::new(4);
        answered(&mut ramp, 4, |_| ms(20));
        assert_eq!(ramp.allowed(), 8);
        answered(&mut ramp, 8, |_| ms(22));
        assert_eq!(ramp.allowed(), 16);
        answered(&mut ramp, 1_000, |_| ms(20));
        assert_eq!(ramp.allowed(), MOST);
    }

    #[test]
    fn it_stays_where_more_are_of_no_use() {
        let mut ramp = Ramp::new(4);
        // A service that works on sixteen at a time.
        answered(&mut ramp, 5_000, |in_flight| {
            ms(20) * u32::try_from(in_flight.div_ceil(16)).unwrap()
        });
        assert!((8..=24).contains(&ramp.allowed()), "{}", ramp.allowed());
    }

    #[test]
    fn it_is_not_raised_where_fewer_are_in_use() {
        let mut ramp = Ramp::new(4);
        ramp.sees(4);
        ramp.sees(3);
        for _ in 0..100 {
            ramp.answered(ms(20));
        }
        assert_eq!(ramp.allowed(), 4);
    }

    #[test]
    fn a_request_to_wait_halves_it_once_for_all_that_were_in_flight() {
        let mut ramp = Ramp::new(4);
        answered(&mut ramp, 60, |_| ms(20));
        let before = ramp.allowed();
        (0..5).for_each(|_| ramp.throttled());
        assert_eq!(ramp.allowed(), before / 2);
        (0..50).for_each(|_| ramp.throttled());
        assert!(ramp.allowed() >= 4);
    }

    #[test]
    fn a_service_that_has_become_slower_for_good_is_believed_in_time() {
        let mut ramp = Ramp::new(4);
        answered(&mut ramp, 60, |_| ms(20));
        answered(&mut ramp, 3_000, |_| ms(100));
        assert!(ramp.allowed() > 20, "{}", ramp.allowed());
    }
}
