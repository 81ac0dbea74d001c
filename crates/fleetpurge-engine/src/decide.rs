//! What follows from an attempt that brought no receipt. Pure: what was waited and the jitter are arguments.
//!
//! The waits count, and not the time on a clock: that goes on while the process is stopped, and nobody asks the service
//! anything meanwhile.

use std::time::Duration;

use crate::policy::Policy;
use crate::service::Disposition;

/// Where a batch and its run stand when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// How many devices the batch has.
    pub devices: usize,
    /// How many attempts for this batch in a row found no service, this one included.
    pub unreached: u32,
    /// Whether this attempt already followed upon a refused authorization.
    pub reauthenticated: bool,
    /// Whether the service has answered anything in this run.
    pub replied: bool,
    /// How long was waited since nothing but failures to reach the service was seen.
    pub unreached_for: Duration,
    /// How often in a row the service asked to wait, this time included; what was in flight together counts once.
    pub throttled: u32,
    /// How long was waited since nothing but requests to wait was answered.
    pub throttled_for: Duration,
    /// How far apart the service was found to take attempts of this run, if that is known.
    pub interval: Option<Duration>,
    /// Randomness for pauses, 0 to 1.
    pub jitter: f64,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The same batch again, after a pause in which nothing else is started.
    RetryAfter(Duration),
    /// The same batch again at once, with a fresh authorization.
    RetryReauthenticated,
    /// Two batches of half the size; no batch of this run is as large again.
    Halve,
    /// Two batches of half the size, to find the device that the service refuses.
    Bisect,
    /// The batch is one device, and the service refuses it.
    Reject,
    /// The service may have acted: not sent again, and counted by the breaker.
    Unknown,
    /// As [`Unknown`](Self::Unknown), and the run stops.
    UnknownAndGiveUp,
    /// The run stops; the batch stays pending.
    GiveUp(GiveUp),
}

/// Why a run is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GiveUp {
    /// No other attempt could mend it.
    Refused,
    /// The service was not reached, as often as the policy allows.
    Unreachable,
    /// The service asks for so long a wait.
    WaitTooLong(Duration),
    /// The service has answered nothing but requests to wait, and so long was waited for it in all.
    OnlyThrottled(Duration),
}

/// Decides what follows from `disposition`.
#[must_use]
pub fn decide(disposition: Disposition, standing: &Standing, policy: &Policy) -> Decision {
    match disposition {
        Disposition::Backoff => unreached(standing, policy),
        Disposition::Throttled(wait) => throttled(wait, standing, policy),
        Disposition::Reauthenticate if standing.reauthenticated => Decision::GiveUp(GiveUp::Refused),
        Disposition::Reauthenticate => Decision::RetryReauthenticated,
        Disposition::TooLarge if standing.devices > 1 => Decision::Halve,
        Disposition::Poisoned if standing.devices > 1 => Decision::Bisect,
        Disposition::TooLarge | Disposition::Poisoned => Decision::Reject,
        Disposition::Stop => Decision::GiveUp(GiveUp::Refused),
        Disposition::Ambiguous => Decision::Unknown,
        Disposition::AmbiguousStop => Decision::UnknownAndGiveUp,
    }
}

fn unreached(standing: &Standing, policy: &Policy) -> Decision {
    let pause = policy.backoff(policy.backoff_base, standing.unreached, standing.jitter);
    let exhausted = if standing.replied {
        // A retry that would outlive the deadline is not waited for.
        standing.unreached_for.saturating_add(pause) > policy.unreached_for
    } else {
        standing.unreached >= policy.tries_before_first_reply
    };
    if exhausted {
        Decision::GiveUp(GiveUp::Unreachable)
    } else {
        Decision::RetryAfter(pause)
    }
}

/// How many attempts a service could have taken that is asked again after it asked for a wait of an unknown length. Each time in a
/// row it is four times as long.
const INTERVALS: u32 = 4;

fn throttled(wait: Option<Duration>, standing: &Standing, policy: &Policy) -> Decision {
    if let Some(wait) = wait
        && wait > policy.max_wait
    {
        return Decision::GiveUp(GiveUp::WaitTooLong(wait));
    }
    // "At once", a date that is past by whatever clock, or a millisecond: asking again without a pause would flood a
    // service that has just said that it has no time.
    let pause = match (wait, standing.interval) {
        (Some(wait), _) => policy
            .backoff(policy.pause_base, standing.throttled, standing.jitter)
            .max(wait),
        (None, None) => policy.backoff(policy.pause_base, standing.throttled, standing.jitter),
        // What it takes is known, and what is tried was little more: it will soon take the next.
        (None, Some(interval)) => {
            let base = interval.saturating_mul(INTERVALS).min(policy.pause_base);
            let fourfold = standing.throttled.saturating_mul(2).saturating_sub(1);
            policy.backoff(base, fourfold, standing.jitter)
        }
    };
    let is_first = standing.throttled <= 1 && !policy.max_wait.is_zero();
    if standing.throttled_for.saturating_add(pause) > policy.max_wait && !is_first {
        return Decision::GiveUp(GiveUp::OnlyThrottled(standing.throttled_for));
    }
    Decision::RetryAfter(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch of `devices` on its first attempt in a run that has had replies.
    const fn standing(devices: usize) -> Standing {
        Standing {
            devices,
            unreached: 1,
            reauthenticated: false,
            replied: true,
            unreached_for: Duration::ZERO,
            throttled: 1,
            throttled_for: Duration::ZERO,
            interval: None,
            jitter: 1.0,
        }
    }

    #[test]
    fn a_service_that_says_nothing_is_asked_again_as_its_rate_allows() {
        let millis = Duration::from_millis;
        let policy = Policy::default();
        for (throttled, interval, wait, expected) in [
            (1, None, None, 500),
            (1, Some(5), None, 20),
            (2, Some(5), None, 80),
            (3, Some(5), None, 320),
            (7, Some(5), None, 30_000),
            (u32::MAX, Some(5), None, 30_000),
            // It is never more patient with the first than without knowing the rate.
            (1, Some(1_000), None, 500),
            // What the service asks for is kept, or extended.
            (1, Some(5), Some(7_000), 7_000),
            (1, Some(5), Some(0), 500),
        ] {
            let standing = Standing {
                throttled,
                interval: interval.map(millis),
                ..standing(1)
            };
            let decision = decide(Disposition::Throttled(wait.map(millis)), &standing, &policy);
            assert_eq!(
                decision,
                Decision::RetryAfter(millis(expected)),
                "{throttled} {interval:?} {wait:?}"
            );
        }
    }

    #[test]
    fn every_disposition_has_its_decision() {
        let policy = Policy::default();
        let many = standing(100);
        let lone = standing(1);
        let again = Standing {
            reauthenticated: true,
            ..many
        };
        let secs = Duration::from_secs;
        let unreached = |unreached, replied, waited| Standing {
            unreached,
            replied,
            unreached_for: secs(waited),
            ..many
        };
        let throttled = |throttled, waited| Standing {
            throttled,
            throttled_for: secs(waited),
            ..many
        };
        use Decision as D;
        use Disposition as P;
        let table: &[(&str, P, Standing, D)] = &[
            (
                "not reached, first",
                P::Backoff,
                unreached(1, false, 0),
                D::RetryAfter(Duration::from_millis(200)),
            ),
            (
                "not reached, fourth",
                P::Backoff,
                unreached(4, false, 9),
                D::RetryAfter(Duration::from_millis(1600)),
            ),
            (
                "not reached, fifth",
                P::Backoff,
                unreached(5, false, 9),
                D::GiveUp(GiveUp::Unreachable),
            ),
            (
                "lost after replies",
                P::Backoff,
                unreached(5, true, 9),
                D::RetryAfter(Duration::from_millis(3200)),
            ),
            (
                "lost, pause capped",
                P::Backoff,
                unreached(40, true, 200),
                D::RetryAfter(secs(30)),
            ),
            (
                "lost for 5 minutes less the pause",
                P::Backoff,
                unreached(40, true, 270),
                D::RetryAfter(secs(30)),
            ),
            (
                "lost, the pause outlives it",
                P::Backoff,
                unreached(40, true, 271),
                D::GiveUp(GiveUp::Unreachable),
            ),
            (
                "throttled, told",
                P::Throttled(Some(secs(7))),
                throttled(1, 0),
                D::RetryAfter(secs(7)),
            ),
            (
                "throttled, told nothing left",
                P::Throttled(Some(secs(0))),
                throttled(1, 0),
                D::RetryAfter(Duration::from_millis(500)),
            ),
            (
                "throttled again, told nothing left",
                P::Throttled(Some(secs(0))),
                throttled(3, 5),
                D::RetryAfter(secs(2)),
            ),
            (
                "throttled again, told less than the back-off",
                P::Throttled(Some(secs(1))),
                throttled(3, 5),
                D::RetryAfter(secs(2)),
            ),
            (
                "throttled again, told more than the back-off",
                P::Throttled(Some(secs(3))),
                throttled(3, 5),
                D::RetryAfter(secs(3)),
            ),
            (
                "throttled, told the most",
                P::Throttled(Some(secs(600))),
                throttled(1, 0),
                D::RetryAfter(secs(600)),
            ),
            (
                "throttled, told too much",
                P::Throttled(Some(secs(601))),
                throttled(1, 0),
                D::GiveUp(GiveUp::WaitTooLong(secs(601))),
            ),
            (
                "throttled, not told",
                P::Throttled(None),
                throttled(1, 0),
                D::RetryAfter(Duration::from_millis(500)),
            ),
            (
                "throttled again, not told",
                P::Throttled(None),
                throttled(3, 5),
                D::RetryAfter(secs(2)),
            ),
            (
                "told the most by two that were in flight together",
                P::Throttled(Some(secs(600))),
                throttled(1, 1),
                D::RetryAfter(secs(600)),
            ),
            (
                "nothing but throttling, for the longest wait with this one",
                P::Throttled(Some(secs(10))),
                throttled(60, 570),
                D::RetryAfter(secs(30)),
            ),
            (
                "nothing but throttling",
                P::Throttled(Some(secs(10))),
                throttled(60, 571),
                D::GiveUp(GiveUp::OnlyThrottled(secs(571))),
            ),
            (
                "authorization refused",
                P::Reauthenticate,
                many,
                D::RetryReauthenticated,
            ),
            (
                "authorization refused again",
                P::Reauthenticate,
                again,
                D::GiveUp(GiveUp::Refused),
            ),
            ("too large", P::TooLarge, many, D::Halve),
            ("two too large", P::TooLarge, standing(2), D::Halve),
            ("one too large", P::TooLarge, lone, D::Reject),
            ("poisoned", P::Poisoned, many, D::Bisect),
            ("one poisoned", P::Poisoned, lone, D::Reject),
            ("refused", P::Stop, many, D::GiveUp(GiveUp::Refused)),
            ("ambiguous", P::Ambiguous, many, D::Unknown),
            ("ambiguous, final", P::AmbiguousStop, many, D::UnknownAndGiveUp),
        ];
        for (case, disposition, standing, expected) in table {
            assert_eq!(decide(*disposition, standing, &policy), *expected, "{case}");
        }
    }

    #[test]
    fn numbers_at_the_ends_of_their_range_flood_nobody_and_overflow_nothing() {
        let all = |policy: &Policy, standing: &Standing| {
            [
                Disposition::Backoff,
                Disposition::Throttled(None),
                Disposition::Throttled(Some(Duration::ZERO)),
                Disposition::Throttled(Some(Duration::MAX)),
            ]
            .map(|disposition| decide(disposition, standing, policy))
        };
        let zero = Policy {
            backoff_base: Duration::ZERO,
            pause_base: Duration::ZERO,
            backoff_cap: Duration::ZERO,
            ..Policy::default()
        };
        let most = Policy {
            unreached_for: Duration::MAX,
            max_wait: Duration::MAX,
            backoff_base: Duration::MAX,
            pause_base: Duration::MAX,
            backoff_cap: Duration::MAX,
            ..Policy::default()
        };
        for policy in [&zero, &most] {
            for throttled in [1, 2, u32::MAX] {
                let standing = Standing {
                    throttled,
                    unreached: throttled,
                    ..standing(1)
                };
                for decision in all(policy, &standing) {
                    let paused = matches!(decision, Decision::RetryAfter(pause) if pause >= Duration::from_millis(1));
                    assert!(paused || matches!(decision, Decision::GiveUp(_)), "{decision:?}");
                }
            }
        }
        let no_wait = Policy {
            max_wait: Duration::ZERO,
            ..Policy::default()
        };
        for decision in &all(&no_wait, &standing(1))[1..] {
            assert!(matches!(decision, Decision::GiveUp(_)), "{decision:?}");
        }
    }

    #[test]
    fn a_pause_lies_between_half_and_all_of_its_step() {
        let policy = Policy::default();
        let base = Duration::from_millis(100);
        assert_eq!(policy.backoff(base, 3, 0.0), Duration::from_millis(200));
        assert_eq!(policy.backoff(base, 3, 1.0), Duration::from_millis(400));
        assert_eq!(policy.backoff(base, 1_000, 1.0), policy.backoff_cap);
    }
}
