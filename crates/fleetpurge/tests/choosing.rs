//! Patterns of names choose the rows of a plan.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use common::{Bench, Service, over_both};
use rig::Rig;
use serde_json::{Value, json};

over_both!(
    only_names_that_are_included_and_not_excluded_are_sent,
    a_pattern_that_matches_no_row_refuses_the_plan,
    names_do_not_hide_a_uid_with_two_names,
);

fn tenant(service: Service) -> &'static str {
    match service {
        Service::Nexthink => "--instance acme --region eu",
        Service::Ubidots => "--service ubidots",
    }
}

/// Devices with these names.
fn named(service: Service, names: &[&str]) -> Vec<(String, String)> {
    let devices = names.iter().enumerate();
    devices
        .map(|(at, name)| (service.uid(at + 1), (*name).to_owned()))
        .collect()
}

/// The rows of a plan that are left out, with the reason.
fn skipped(bench: &Bench) -> Vec<(u64, String)> {
    bench
        .report()
        .iter()
        .filter(|row| row["outcome"] == "skipped")
        .map(|row| (row["row"].as_u64().unwrap(), row["detail"].as_str().unwrap().to_owned()))
        .collect()
}

fn only_names_that_are_included_and_not_excluded_are_sent(service: Service) {
    let mut rig = Rig::unplanned(service, "", |builder| builder);
    rig.devices = named(service, &["PC-1", "srv-1", "LAP-Ü", "pc-old", "Printer", " pc-2 "]);
    rig.bench.file("devices.csv", service.csv(&rig.devices));
    let line = rig.plan_line("--include-name pc-* --include-name LAP-? --exclude-name *-OLD --format json");
    let planned = rig.bench.run(&line).exits(0);
    let planned: Value = serde_json::from_str(&planned.stdout).unwrap();
    assert_eq!(
        planned["names"],
        json!([
            {"filter": "include", "pattern": "pc-*", "rows": 3},
            {"filter": "include", "pattern": "LAP-?", "rows": 1},
            {"filter": "exclude", "pattern": "*-OLD", "rows": 1},
        ])
    );
    let not_included = "left out by --include-name pc-*, LAP-?";
    assert_eq!(
        skipped(&rig.bench),
        [
            (2, not_included.to_owned()),
            (4, "left out by --exclude-name *-OLD".to_owned()),
            (5, not_included.to_owned()),
        ]
    );
    rig.apply_with(3, "").exits(0);
    let sent: Vec<_> = [0, 2, 5].map(|at: usize| rig.devices[at].clone()).to_vec();
    assert_eq!(rig.requests(), [sent]);
}

fn a_pattern_that_matches_no_row_refuses_the_plan(service: Service) {
    let bench = Bench::new();
    bench.file("devices.csv", service.csv(&named(service, &["PC-1", "SRV-1"])));
    // A row that is left out anyway is nothing that a pattern means.
    bench.file("more.csv", service.csv(&[(String::new(), String::new())]));
    let plan = |flags: &str| {
        let line = format!("plan devices.csv more.csv --out devices.plan {}", tenant(service));
        bench.run(&format!("{line} {flags}"))
    };
    for (flags, listed) in [
        ("--exclude-name SVR-*", &["--exclude-name `SVR-*` matches no"][..]),
        (
            "--include-name pc-* --include-name lap-*",
            &["--include-name `lap-*` matches no"],
        ),
        (
            "--include-name lap-* --exclude-name svr-1",
            &["--include-name `lap-*` matches no", "--exclude-name `svr-1` matches no"],
        ),
    ] {
        let refused = plan(flags)
            .exits(6)
            .says(listed)
            .says(&["no row, listed above", "--allow-unmatched-name"]);
        assert_eq!(refused.next(), "fleetpurge plan --help");
        assert_eq!(bench.files(), ["devices.csv", "more.csv"], "{flags}");
    }
    plan("--exclude-name SVR-* --allow-unmatched-name")
        .exits(0)
        .says(&["warning: 1 pattern for names matches no row"]);
    // A pattern that cannot be read is wrong usage; one that leaves nothing is refused.
    std::fs::remove_file(bench.path("devices.plan")).unwrap();
    for flag in ["--include-name", "--exclude-name"] {
        plan(&format!("{flag} pc-[1")).exits(2).says(&["a [ needs its ]"]);
    }
    plan("--exclude-name *").exits(1).says(&["no row is left to send"]);
    // What a list protects, a pattern may match as well.
    bench.file("keep.txt", format!("{}\n", service.uid(2)));
    plan("--protect keep.txt --exclude-name srv-1").exits(0);
    assert_eq!(skipped(&bench)[0], (2, "protected by keep.txt".to_owned()));
}

fn names_do_not_hide_a_uid_with_two_names(service: Service) {
    let bench = Bench::new();
    let mut rows = named(service, &["PC-1", "PC-2"]);
    rows.push((service.uid(1), "SRV-1".to_owned()));
    bench.file("devices.csv", service.csv(&rows));
    for flags in ["--exclude-name srv-*", "--include-name pc-*"] {
        let line = format!("plan devices.csv --out devices.plan {} {flags}", tenant(service));
        bench.run(&line).exits(1).says(&["more than one", "--skip-conflicts"]);
        bench.run(&format!("{line} --skip-conflicts")).exits(0);
        assert_eq!(bench.status()["pending"], 1, "{flags}");
        std::fs::remove_file(bench.path("devices.plan")).unwrap();
    }
}

/// Of an id alone no name is known. Another row of the device may have it; else the plan is refused.
#[test]
fn a_device_of_ubidots_is_left_out_or_kept_with_all_its_rows() {
    let service = Service::Ubidots;
    let bench = Bench::new();
    let id = |number: usize| service.uid(number);
    let rows = |rows: &[(usize, &str)]| {
        let rows: Vec<(String, String)> = rows
            .iter()
            .map(|(number, label)| (id(*number), (*label).to_owned()))
            .collect();
        bench.file("devices.csv", service.csv(&rows));
    };
    let plan = |flags: &str| {
        bench.run(&format!(
            "plan devices.csv --out devices.plan --force {} {flags}",
            tenant(service)
        ))
    };
    rows(&[(1, ""), (2, "pump-2"), (1, "keep-1"), (3, "pump-3"), (3, "")]);
    plan("--exclude-name keep-*").exits(0);
    assert_eq!(
        skipped(&bench),
        [
            (
                1,
                "left out by --exclude-name keep-*, as its device is in row 3".to_owned()
            ),
            (3, "left out by --exclude-name keep-*".to_owned()),
            (5, "repeats row 4".to_owned()),
        ]
    );
    rows(&[(1, ""), (2, "pump-2"), (1, "keep-1"), (3, ""), (3, "pump-3")]);
    plan("--include-name pump-*").exits(0);
    assert_eq!(
        skipped(&bench),
        [
            (1, "left out by --include-name pump-*".to_owned()),
            (3, "left out by --include-name pump-*".to_owned()),
            (5, "repeats row 4".to_owned()),
        ]
    );
    rows(&[(1, ""), (2, "pump-2"), (3, "keep-3")]);
    plan("--exclude-name keep-*").exits(1).says(&[
        "1 row has no label (devices.csv line 2",
        "--exclude-name cannot tell whether its device is to stay",
        "--protect",
    ]);
}
