//! A plan that is too old, or that is yet to be made by this machine's clock, is applied only if a person says so.
#![cfg(debug_assertions)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::process::Command;
use std::time::{Duration, SystemTime};

use common::{Ended, Service, ended, over_both};
use rig::Rig;

over_both!(an_old_plan_is_refused_and_a_person_may_apply_it_all_the_same);

/// In this many hours from now, and half a minute, so that a plan of just now is as old.
fn at(command: &mut Command, hours: i64) -> Ended {
    let length = Duration::from_secs(hours.unsigned_abs() * 3_600 + 30);
    let now = SystemTime::now();
    let then = if hours < 0 { now - length } else { now + length };
    let then = then.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let then = jiff::Timestamp::from_second(i64::try_from(then.as_secs()).unwrap()).unwrap();
    ended(command.env("FLEETPURGE_TEST_NOW", then.to_string()))
}

fn an_old_plan_is_refused_and_a_person_may_apply_it_all_the_same(service: Service) {
    let rig = Rig::new(service, 3, "");
    let apply = |flags: &str| {
        let mut command = rig.command();
        command.args(flags.split_whitespace());
        command
    };
    for (hours, flags, reason) in [
        (7 * 24 + 1, "", "was made 7 days ago"),
        (13, "--max-age 12h", "--max-age allows 12 hours"),
        (1, "--max-age 0s", "was made 1 hour ago"),
        (-1, "", "was made in the future"),
        (-1, "--max-age 900d", "its age is not known"),
    ] {
        let refused = at(&mut apply(flags), hours).exits(6).says(&[
            reason,
            "--stale-ok",
            "This run sent nothing and deleted nothing",
        ]);
        assert_eq!(refused.next(), "fleetpurge show devices.plan", "{flags}");
        // A rehearsal tells it and goes on.
        at(&mut apply(&format!("--dry-run {flags}")), hours)
            .exits(0)
            .says(&["warning: ", reason]);
    }
    for flags in ["--max-age 7", "--max-age=-7d", "--max-age 1mo", "--max-age soon"] {
        ended(&mut apply(flags)).exits(2).says(&["--max-age"]);
    }
    assert_eq!(rig.request_count(), 0);
    assert_eq!(rig.bench.status()["attempts"], 0);
    for (hours, told) in [(6 * 24, false), (8 * 24, true), (-1, true)] {
        let status = at(&mut rig.bench.command("status devices.plan"), hours).exits(0);
        assert_eq!(
            status.stdout.contains("`apply` asks for --stale-ok"),
            told,
            "{hours}: {}",
            status.stdout
        );
    }

    // Fresh enough: by default, by a longer age, and for clocks that differ a little.
    at(&mut apply("--limit 1"), 0)
        .exits(6)
        .says(&["is not the one asked for"]);
    let one = |flags: &str| {
        rig.bench.command(&format!(
            "apply devices.plan --limit 1 --confirm {}/1 {flags}",
            rig.tenant()
        ))
    };
    for (hours, flags) in [(7 * 24 - 1, ""), (20 * 24, "--max-age 30d")] {
        at(service.credentials(&mut one(flags)), hours).exits(5);
    }
    at(&mut apply("--stale-ok"), 800)
        .exits(0)
        .says(&["warning: ", "--stale-ok applies it all the same"]);
    assert_eq!(rig.count("scheduled"), 3);
}
