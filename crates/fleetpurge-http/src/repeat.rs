//! Whether a request that only reads is made once more, and when.

use std::time::Duration;

use fleetpurge_engine::Disposition;
use fleetpurge_engine::trace::debug;

use crate::error::Error;

/// How often a request that may succeed later is made.
const TRIES: u32 = 6;
/// The first pause where none is asked for; each is twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The tries of one request that only reads.
#[derive(Debug)]
pub struct Retries {
    longest: Duration,
    tries: u32,
    reauthenticated: bool,
}

impl Retries {
    /// None so far. A wait longer than `longest` is not waited for.
    #[must_use]
    pub fn new(longest: Duration) -> Self {
        Self {
            longest,
            tries: 1,
            reauthenticated: false,
        }
    }

    /// How long to wait after this error before the request is made once more; None: not at all.
    pub fn after(&mut self, error: &Error) -> Option<Duration> {
        let wait = pause(
            error.disposition(),
            self.tries,
            self.reauthenticated,
            self.longest,
            fastrand::f64(),
        )?;
        debug!(?wait, "asked again: {error}");
        self.reauthenticated = error.disposition() == Disposition::Reauthenticate;
        self.tries += 1;
        Some(wait)
    }
}

/// How long to wait before it is made once more; None: not at all. Pure.
fn pause(
    disposition: Disposition,
    tries: u32,
    reauthenticated: bool,
    longest: Duration,
    random: f64,
) -> Option<Duration> {
    // Between the half and the whole, so that many do not come back at once.
    let backoff = || (FIRST_PAUSE * 2_u32.pow(tries.min(10) - 1)).mul_f64(0.5 + random / 2.0);
    match disposition {
        _ if tries >= TRIES => None,
        Disposition::Backoff | Disposition::Throttled(None) => Some(backoff()),
        // "At once", or a date that is past by whatever clock, is no reason to flood a service that has no time.
        Disposition::Throttled(Some(wait)) => (wait <= longest).then(|| wait.max(backoff())),
        Disposition::Reauthenticate => (!reauthenticated).then_some(Duration::ZERO),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_succeed_later_is_asked_again_and_nothing_else() {
        use Disposition::{Ambiguous, Backoff, Reauthenticate, Stop, Throttled};
        let ms = |ms| Some(Duration::from_millis(ms));
        let secs = |secs| Some(Duration::from_secs(secs));
        let table = [
            (Backoff, 1, false, ms(500)),
            (Backoff, 3, false, ms(2_000)),
            (Backoff, TRIES, false, None),
            (Throttled(None), 2, false, ms(1_000)),
            (Throttled(secs(0)), 1, false, ms(500)),
            (Throttled(secs(0)), 4, false, secs(4)),
            (Throttled(secs(1)), 4, false, secs(4)),
            (Throttled(secs(5)), 4, false, secs(5)),
            (Throttled(secs(600)), 1, false, secs(600)),
            (Throttled(secs(601)), 1, false, None),
            (Throttled(secs(1)), TRIES, false, None),
            (Reauthenticate, 1, false, secs(0)),
            (Reauthenticate, 2, true, None),
            (Stop, 1, false, None),
            (Ambiguous, 1, false, None),
        ];
        for (disposition, tries, reauthenticated, expected) in table {
            assert_eq!(
                pause(disposition, tries, reauthenticated, Duration::from_secs(600), 1.0),
                expected,
                "{disposition:?} {tries}"
            );
        }
        assert_eq!(pause(Backoff, 1, false, Duration::ZERO, 0.0), ms(250));
    }
}
