//! Devices that the service may have deleted: every place that counts devices shows how many are unknown, and why.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use common::{Service, over_both};
use rig::{FOR_EVER_MS, Rig, kill};
use serde_json::json;

over_both!(
    every_place_that_counts_devices_counts_the_unknown_and_says_why,
    who_sends_the_unknown_again_is_told_that_they_may_be_gone_already,
    progress_in_a_log_names_every_outcome,
    status_tells_a_run_that_died_from_one_under_way,
);

const fn verify(service: Service) -> &'static str {
    match service {
        Service::Nexthink => "fleetpurge verify devices.plan --inventory FRESH_EXPORT",
        Service::Ubidots => "fleetpurge verify devices.plan --live",
    }
}

/// A whole batch is unknown, and the rest is scheduled.
fn half_unknown(service: Service) -> Rig {
    let rig = Rig::new(service, 2 * service.batch(), "--concurrency 1");
    rig.faults(json!([{"when": {"request": 1}, "then": {"reply": {"status": 500}}}]));
    rig
}

fn every_place_that_counts_devices_counts_the_unknown_and_says_why(service: Service) {
    let rig = half_unknown(service);
    let batch = service.batch();
    let unknown = format!("{batch} devices are unknown: the service may or may not have deleted them");
    let why = format!("{batch} of them: ");
    // The end of the run, also of one that has nothing left to send.
    for _ in 0..2 {
        let ended = rig.apply().exits(4).says(&[&unknown, &why, "500"]);
        assert_eq!(ended.next(), verify(service));
    }
    assert_eq!(rig.count("unknown"), batch);
    let again = rig
        .apply()
        .exits(4)
        .says(&[&format!("{batch} scheduled, {batch} unknown")]);
    assert!(again.stderr.contains("There is nothing to send"), "{}", again.stderr);

    for line in ["status devices.plan", "report devices.plan"] {
        let told = rig.run(line).exits(0).stdout;
        for part in [&*unknown, &*why, "500", verify(service)] {
            assert!(told.contains(part), "{line}: {part:?} is not in {told}");
        }
    }
}

fn who_sends_the_unknown_again_is_told_that_they_may_be_gone_already(service: Service) {
    let rig = half_unknown(service);
    let batch = service.batch();
    rig.apply().exits(4);
    rig.no_faults();
    let told = "unknown: the service may have deleted them already, and is asked to delete each of them again";
    rig.apply_with(3, "--resend-unknown --limit 3")
        .exits(4)
        .says(&[&format!("At most 3 of them are {told}")]);
    let left = batch - 3;
    rig.apply_with(left, "--resend-unknown")
        .exits(0)
        .says(&[&format!("{left} of them are {told}")]);
    // Where they are not asked for, nothing is said of asking.
    let quiet = Rig::new(service, 3, "");
    let ended = quiet.apply_with(3, "--resend-unknown").exits(0);
    assert!(!ended.stderr.contains("may have deleted"), "{}", ended.stderr);
}

fn progress_in_a_log_names_every_outcome(service: Service) {
    let rig = half_unknown(service);
    let batch = service.batch();
    rig.faults(json!([
        {"when": {"request": 1}, "then": {"reply": {"status": 500}}},
        {"when": {"request": "2-"}, "then": {"delay_reply_ms": FOR_EVER_MS}},
    ]));
    let mut child = rig
        .command()
        .env("FLEETPURGE_TEST_TELL_EVERY_MS", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let expected = format!("progress: {batch} of {} devices (50%)", 2 * batch);
    let line = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains(&expected) && line.contains("unknown"));
    let line = line.expect("a line of progress with the unknown");
    assert!(line.contains(&format!(": {batch} unknown")), "{line}");
    assert!(!line.contains(" not,") && !line.contains(" not;"), "{line}");
    assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{line:?}");
    kill(&mut child);
}

fn status_tells_a_run_that_died_from_one_under_way(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 5 * batch, "--concurrency 2 --timeout 3600");
    rig.faults(json!([{"when": {"request": "2-"}, "then": {"delay_reply_ms": FOR_EVER_MS}}]));
    let mut child = rig.start();
    rig.received(3);
    let flying = 2 * batch;
    let status = rig.run("status devices.plan").exits(0).stdout;
    for part in [
        "is under way".to_owned(),
        format!("process {}", child.id()),
        format!("{flying} devices are in flight"),
    ] {
        assert!(status.contains(&part), "{part:?} is not in {status}");
    }
    assert!(
        !status.contains("died") && !status.contains("Next: fleetpurge apply"),
        "{status}"
    );

    kill(&mut child);
    let died = [
        "died: no process holds the plan".to_owned(),
        format!("{flying} devices were in flight when it died"),
        format!("{flying} devices are unknown: the service may or may not have deleted them"),
        format!("Check: {}", verify(service)),
        "Next: fleetpurge apply devices.plan".to_owned(),
    ];
    for part in died {
        let status = rig.run("status devices.plan").exits(0).stdout;
        assert!(status.contains(&part), "{part:?} is not in {status}");
    }
    rig.resume("after the kill").exits(4);
    let status = rig.run("status devices.plan").exits(0).stdout;
    assert!(status.contains("ended") && !status.contains("died"), "{status}");
    assert!(
        status.contains("the run ended before the answer was recorded"),
        "{status}"
    );
}

#[cfg(unix)]
mod interrupted {
    use super::*;

    #[test]
    fn a_run_that_is_stopped_at_once_says_how_many_devices_are_unknown() {
        for service in Service::ALL {
            let flying = 2 * service.batch();
            let rig = Rig::new(service, 2 * flying, "--concurrency 2 --timeout 3600");
            rig.faults(json!([{"then": {"delay_reply_ms": FOR_EVER_MS}}]));
            let mut child = rig
                .command()
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            rig.received(2);
            let mut stderr = BufReader::new(child.stderr.take().unwrap());
            common::signal(child.id(), "-INT");
            let mut line = String::new();
            while !line.contains("Interrupted") {
                line.clear();
                assert!(stderr.read_line(&mut line).unwrap() > 0);
            }
            common::signal(child.id(), "-TERM");
            let mut said = String::new();
            stderr.read_to_string(&mut said).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
            let expected =
                format!("{flying} devices in flight are unknown: the service may or may not have deleted them");
            assert!(said.contains(&expected), "{said}");
            assert!(said.ends_with("next: fleetpurge apply devices.plan\n"), "{said}");
            let status = rig.run("status devices.plan").exits(0).stdout;
            assert!(
                status.contains(&format!("{flying} devices were in flight when it died")),
                "{status}"
            );
        }
    }
}
