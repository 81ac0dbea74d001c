//! Whether a plan is too old to be applied.

use std::path::Path;
use std::time::Duration;

use fleetpurge_ledger::Plan;
use jiff::{SignedDuration, Timestamp};

use crate::args::ApplyArgs;
use crate::exit::Exit;
use crate::failure::{Failure, SENT_NOTHING};
use crate::next;
use crate::output;
use crate::rehearsal;
use crate::summary;

/// So far two clocks may differ unnoticed.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What a plan's age means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Fresh,
    TooOld,
    /// By this clock, the plan is yet to be made: how old it is cannot be known.
    NotKnown,
}

pub(crate) fn judge(made: Timestamp, now: Timestamp, max_age: Duration) -> Age {
    let age = now.duration_since(made);
    let max_age = SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX);
    if age < -SKEW {
        Age::NotKnown
    } else if age > max_age {
        Age::TooOld
    } else {
        Age::Fresh
    }
}

/// Refuses a plan that is too old, unless a person has said that it is not. What is true all the same is told.
pub(super) fn check(args: &ApplyArgs, plan: &Plan) -> Result<(), Failure> {
    let Some(why) = why(&args.plan, plan, args.max_age) else {
        return Ok(());
    };
    if args.stale_ok || args.dry_run {
        output::note(&format!(
            "warning: {why}{}",
            if args.stale_ok {
                "; --stale-ok applies it all the same."
            } else {
                ": without --dry-run, it is refused unless --stale-ok is given."
            }
        ));
        return Ok(());
    }
    Err(Failure::new(
        Exit::REFUSED,
        format!(
            "{why}. Devices may have come back or been renamed since. Plan again from a fresh export, or, if this plan is \
             still right, apply it with --stale-ok"
        ),
        SENT_NOTHING,
        next::over("show", &args.plan, &[]),
    ))
}

fn why(path: &Path, plan: &Plan, max_age: Duration) -> Option<String> {
    let now = rehearsal::now();
    let made = plan.created_at;
    match judge(made, now, max_age) {
        Age::Fresh => None,
        Age::TooOld => Some(format!(
            "the plan {} was made {} ({made}), and --max-age allows {}",
            path.display(),
            summary::age(made, now),
            summary::length(SignedDuration::try_from(max_age).unwrap_or(SignedDuration::MAX))
        )),
        Age::NotKnown => Some(format!(
            "the plan {} was made in the future ({made}; this machine's clock says {now}): its age is not known, because \
             one of the two clocks is wrong",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_fresh_up_to_its_age_and_a_small_difference_of_clocks() {
        let day: i64 = 24 * 3_600;
        for (age, max_age, expected) in [
            (0, 7 * day, Age::Fresh),
            (7 * day, 7 * day, Age::Fresh),
            (7 * day + 1, 7 * day, Age::TooOld),
            (1, 0, Age::TooOld),
            (-60, 7 * day, Age::Fresh),
            (-300, 7 * day, Age::Fresh),
            (-301, 7 * day, Age::NotKnown),
            (-301, i64::MAX, Age::NotKnown),
            (100 * day, i64::MAX, Age::Fresh),
        ] {
            let made: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
            let now = made + SignedDuration::from_secs(age);
            let max_age = Duration::from_secs(max_age.unsigned_abs());
            assert_eq!(judge(made, now, max_age), expected, "{age} {max_age:?}");
        }
    }
}
