//! How far this machine's clock is from a host's. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::checks::Finding;

/// Below this nothing depends on it.
const CLOSE: SignedDuration = SignedDuration::from_secs(30);
/// Above this, times in reports and the validity of certificates are off.
const FAR: SignedDuration = SignedDuration::from_mins(5);

/// How far this machine is ahead of a host that wrote `date` for a request that was sent at `sent` and took so long. None
/// of the two is exact: a date has whole seconds, and was written at some time in between.
pub(super) fn ahead(date: Timestamp, sent: Timestamp, took: Duration) -> SignedDuration {
    let took = SignedDuration::try_from(took).unwrap_or(SignedDuration::ZERO);
    let (earliest, latest) = (date, date + SignedDuration::from_secs(1));
    if sent > latest {
        sent.duration_since(latest)
    } else if sent + took < earliest {
        (sent + took).duration_since(earliest)
    } else {
        SignedDuration::ZERO
    }
}

pub(super) fn finding(ahead: SignedDuration) -> Finding {
    const ADVICE: &str = "Set this machine's clock, for example by NTP.";
    let seconds = ahead.abs().as_secs();
    let side = if ahead.is_negative() { "behind" } else { "ahead of" };
    match ahead.abs() {
        far if far > FAR => Finding::wrong(
            format!(
                "this machine's clock is {seconds} seconds {side} the host's: times in reports would be wrong, and \
                 certificates may seem to have expired"
            ),
            ADVICE,
        ),
        apart if apart > CLOSE => Finding::warning(
            format!("this machine's clock is {seconds} seconds {side} the host's"),
            ADVICE,
        ),
        _ => Finding::ok("this machine's clock agrees with the host's within 30 seconds"),
    }
}

#[cfg(test)]
mod tests {
    use fleetpurge_records::CheckVerdict::{Ok, Warning, Wrong};

    use super::*;

    #[test]
    fn a_clock_that_may_agree_agrees_and_another_is_judged_by_its_distance() {
        let date: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        for (sent, took, ahead_by, verdict) in [
            (0, 0, 0, Ok),
            (1, 0, 0, Ok),
            // The date may have been written at the end of a slow reply.
            (-50, 60, 0, Ok),
            (31, 0, 30, Ok),
            (32, 0, 31, Warning),
            (-30, 0, -30, Ok),
            (-31, 0, -31, Warning),
            (301, 0, 300, Warning),
            (302, 0, 301, Wrong),
            (-301, 0, -301, Wrong),
        ] {
            let found = ahead(date, date + SignedDuration::from_secs(sent), Duration::from_secs(took));
            assert_eq!(found.as_secs(), ahead_by, "{sent} {took}");
            assert_eq!(finding(found).verdict, verdict, "{sent} {took}");
        }
    }
}
