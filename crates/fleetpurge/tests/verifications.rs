//! What `verify` finds is kept in the plan and shown in the reports, beside the service's own word.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use common::{Ended, Service, each, over_both, records};
use rig::{Rig, kill};
use serde_json::{Value, json};

over_both!(
    a_device_that_is_there_again_came_back,
    every_report_shows_what_was_seen_and_no_outcome_changes,
    beside_what_is_unknown_stands_what_was_seen,
    an_apply_after_a_verification_resumes,
    a_verification_during_an_apply_is_told_not_to_be_kept,
    a_plan_that_cannot_be_written_is_verified_and_the_result_is_not_kept,
    an_export_that_proves_nothing_is_not_kept,
    a_file_is_not_waited_for,
);

const VERIFY: &str = "verify devices.plan --inventory fresh.csv";

/// An export with these devices of the plan, and one that is not in it.
fn fresh(rig: &Rig, numbers: &[usize]) {
    let mut devices = rig.service.devices(99).split_off(98);
    devices.extend(numbers.iter().map(|number| rig.devices[number - 1].clone()));
    rig.bench.file("fresh.csv", rig.service.csv(&devices));
}

/// Five devices, all of them asked for.
fn applied(service: Service) -> Rig {
    let rig = Rig::new(service, 5, "");
    rig.apply().exits(0);
    rig
}

/// All devices are gone: nothing is left that the plan knows.
fn all_gone(rig: &Rig) -> Ended {
    fresh(rig, &[]);
    rig.run(&format!("{VERIFY} --allow-no-overlap")).exits(0)
}

fn today() -> String {
    let now = std::time::SystemTime::now();
    let days = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    let (year, month, day) = civil(i64::try_from(days).unwrap());
    format!("{year:04}-{month:02}-{day:02}")
}

/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

fn a_device_that_is_there_again_came_back(service: Service) {
    let rig = applied(service);
    let first = all_gone(&rig);
    assert!(
        first.stdout.contains("kept as     verification 1 of this plan"),
        "{}",
        first.stdout
    );
    assert!(!first.stdout.contains("came back"));
    fresh(&rig, &[2, 4]);
    let found = rig.run(&format!("{VERIFY} --format ndjson")).exits(3);
    let was_there = [false, true, false, true, false];
    assert_eq!(each(&found.stdout, "came_back"), was_there.map(Value::Bool));
    let words = was_there.map(|there| json!(if there { "present" } else { "gone" }));
    assert_eq!(each(&found.stdout, "found"), words);
    // Also in the verification after it.
    fresh(&rig, &[2]);
    let text = rig
        .run(VERIFY)
        .exits(3)
        .says(&["1 device is still there. 1 device came back"]);
    let row = format!(
        "  row 2: {} {} (scheduled): was gone on {} in fresh.csv",
        rig.devices[1].0,
        rig.devices[1].1,
        today()
    );
    for part in [
        "came back           1",
        row.as_str(),
        "still there         0",
        "looked for          5",
        "gone                4",
    ] {
        assert!(text.stdout.contains(part), "{part}: {}", text.stdout);
    }
    assert!(text.stdout.contains("verification 3 of"), "{}", text.stdout);
}

fn every_report_shows_what_was_seen_and_no_outcome_changes(service: Service) {
    let rig = applied(service);
    let ndjson = "report devices.plan --format ndjson";
    let csv = "report devices.plan --format csv --raw";
    let before = (rig.run(ndjson).stdout, rig.run(csv).stdout);
    for (_, text) in [("ndjson", &before.0), ("csv", &before.1)] {
        assert!(
            !text.contains("verified"),
            "a plan that was never verified reads as before: {text}"
        );
    }
    assert!(!rig.run("status devices.plan").stdout.contains("Verified"));
    fresh(&rig, &[1]);
    rig.run(VERIFY).exits(3);
    all_gone(&rig);
    fresh(&rig, &[3]);
    rig.run(VERIFY).exits(3);

    let rows = rig.run(ndjson).exits(0).stdout;
    let words = [
        json!("gone"),
        json!("gone"),
        json!("present"),
        json!("gone"),
        json!("gone"),
    ];
    assert_eq!(each(&rows, "verified"), words);
    assert_eq!(
        each(&rows, "came_back"),
        [false, false, true, false, false].map(Value::Bool)
    );
    assert_eq!(each(&rows, "verified_in"), [0; 5].map(|_| json!("fresh.csv")));
    assert!(
        each(&rows, "verified_at")
            .iter()
            .all(|at| at.as_str().unwrap().starts_with(&today()))
    );
    // All else is as it was.
    let without = |text: &str| {
        let mut rows = records(text);
        for row in &mut rows {
            let row = row.as_object_mut().unwrap();
            row.retain(|key, _| !key.starts_with("verified") && key != "came_back");
        }
        rows
    };
    assert_eq!(without(&rows), without(&before.0));
    let json = rig.run("report devices.plan --format json").exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().clone(), records(&rows));

    let table = rig.run(csv).exits(0).stdout;
    let header = table.lines().next().unwrap();
    assert!(
        header.ends_with(",line,verified,verified_at,verified_in,came_back"),
        "{header}"
    );
    let third = table.lines().nth(3).unwrap();
    assert!(
        third.ends_with("fresh.csv,true") && third.contains(",present,"),
        "{third}"
    );

    let counts = [
        "5 looked for, 4 gone, 1 still there",
        "5 looked for, 5 gone, 0 still there",
        "5 looked for, 4 gone, 1 still there",
    ];
    let text = rig.run("report devices.plan").exits(0).stdout;
    let told: Vec<&str> = text.lines().filter(|line| line.contains("looked for")).collect();
    assert_eq!(told.len(), 3, "{text}");
    for (line, counts) in told.iter().zip(counts) {
        assert!(
            line.contains("with the export fresh.csv") && line.ends_with(counts),
            "{line}"
        );
    }
    let status = rig.run("status devices.plan").exits(0).stdout;
    let verified = status.lines().find(|line| line.starts_with("Verified ")).unwrap();
    assert!(verified.ends_with(counts[2]), "{verified}");
    let shown = rig.run("show devices.plan --no-pager").exits(0).stdout;
    let came_back = format!(
        "[came back: there on {0} in fresh.csv, gone on {0} in fresh.csv]",
        today()
    );
    assert!(shown.lines().nth(3).unwrap().ends_with(&came_back), "{shown}");
    let page = rig.run("report devices.plan --format html").exits(0).stdout;
    for part in [
        "<h2 id=\"verifications-title\">",
        counts[1],
        &came_back[1..came_back.len() - 1],
    ] {
        assert!(page.contains(part), "{part}");
    }
}

fn beside_what_is_unknown_stands_what_was_seen(service: Service) {
    let rig = Rig::new(service, 2, "");
    rig.faults(json!([{"then": {"close_after_read": true, "applied": true}}]));
    rig.apply().exits(4);
    all_gone(&rig).says(&["2 devices are unknown in the plan and gone now"]);
    let text = rig.run("report devices.plan").exits(0).stdout;
    let unknown: Vec<&str> = text.lines().filter(|line| line.starts_with("  row ")).collect();
    assert_eq!(unknown.len(), 2, "{text}");
    for line in unknown {
        assert!(
            line.ends_with(&format!("  [gone on {} in fresh.csv]", today())),
            "{line}"
        );
    }
    // It is not the service that said so.
    assert_eq!(rig.count("unknown"), 2);
}

fn an_apply_after_a_verification_resumes(service: Service) {
    let rig = Rig::new(service, 5, "");
    rig.apply_with(2, "--limit 2").exits(5);
    fresh(&rig, &[3, 4, 5]);
    rig.run(VERIFY).exits(0);
    assert_eq!(rig.count("pending"), 3);
    rig.apply().exits(0);
    assert_eq!(rig.count("scheduled"), 5);
    let verified = each(&rig.run("report devices.plan --format ndjson").stdout, "verified");
    let gone = || json!("gone");
    assert_eq!(verified, [gone(), gone(), Value::Null, Value::Null, Value::Null]);
    assert_eq!(rig.bench.files(), ["devices.csv", "devices.plan", "fresh.csv"]);
}

fn a_verification_during_an_apply_is_told_not_to_be_kept(service: Service) {
    let rig = Rig::new(service, 5, "");
    rig.apply_with(2, "--limit 2").exits(5);
    rig.faults(json!([{"then": {"hang": true}}]));
    let mut apply = rig.start();
    rig.received(2);
    fresh(&rig, &[1]);
    let during = rig
        .run(VERIFY)
        .exits(3)
        .says(&["not kept in the plan", "is being applied by"]);
    assert!(during.stdout.contains("still there         1"), "{}", during.stdout);
    assert!(!during.stdout.contains("kept as"), "{}", during.stdout);
    assert!(during.next().starts_with("fleetpurge "), "{}", during.next());
    kill(&mut apply);
    rig.no_faults();
    // What the run left open is settled, and the verification is kept.
    let after = rig.run(VERIFY).exits(3);
    assert!(after.stdout.contains("kept as     verification 1"), "{}", after.stdout);
    rig.run("report devices.plan").exits(0);
    assert_eq!((rig.count("scheduled"), rig.count("unknown")), (2, 3));
}

fn a_plan_that_cannot_be_written_is_verified_and_the_result_is_not_kept(service: Service) {
    let rig = applied(service);
    let plan = rig.bench.path("devices.plan");
    let mut permissions = std::fs::metadata(&plan).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&plan, permissions).unwrap();
    let before = std::fs::read(&plan).unwrap();
    fresh(&rig, &[1]);
    rig.run(VERIFY)
        .exits(3)
        .says(&["not kept in the plan", "marked read-only"]);
    fresh(&rig, &[]);
    rig.run(&format!("{VERIFY} --allow-no-overlap --format ndjson"))
        .exits(0)
        .says(&["not kept in the plan"]);
    assert_eq!(std::fs::read(&plan).unwrap(), before);
}

fn an_export_that_proves_nothing_is_not_kept(service: Service) {
    let rig = applied(service);
    fresh(&rig, &[]);
    rig.run(VERIFY).exits(1);
    let text = rig.run("report devices.plan").exits(0).stdout;
    assert!(!text.contains("verified:"), "{text}");
}

fn a_file_is_not_waited_for(service: Service) {
    let rig = applied(service);
    fresh(&rig, &[1]);
    rig.run(&format!("{VERIFY} --wait 24h --every 1h"))
        .exits(2)
        .says(&["--wait", "an export does not change"]);
    rig.run(&format!("{VERIFY} --every 1h")).exits(2).says(&["--wait"]);
    for wrong in ["24", "1mo", "0s", "soon"] {
        rig.run(&format!("verify devices.plan --live --wait {wrong}"))
            .exits(2)
            .says(&["--wait"]);
    }
}
