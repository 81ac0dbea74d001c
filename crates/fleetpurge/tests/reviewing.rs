//! What `plan` shows of a plan: the first and last rows of each kind, as text and as JSON, and other plans.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use common::{Bench, Service, csv, devices, over_both, uid};
use rig::Rig;
use serde_json::{Value, json};

over_both!(a_second_plan_of_the_same_devices_is_told_until_the_first_is_finished);

const TENANT: &str = "--instance acme --region eu";

fn of_every_kind(bench: &Bench) {
    let mut rows = devices(8);
    rows[6].1 = "OLD-7".to_owned();
    rows.extend((1..=6).map(|number| (uid(number), format!("PC-{number}"))));
    rows.push((String::new(), "PC-9".to_owned()));
    rows.push(("{odd}".to_owned(), "PC-10".to_owned()));
    bench.file("devices.csv", csv(&rows));
    bench.file("keep.txt", "pc-4\n");
}

const FLAGS: &str = "--protect keep.txt --exclude-name old-*";

#[test]
fn the_first_and_last_rows_of_each_kind_are_shown() {
    let bench = Bench::new();
    of_every_kind(&bench);
    let line = format!("plan devices.csv --out acme.plan {FLAGS} {TENANT}");
    let planned = bench.run(&line).exits(0);
    insta::assert_snapshot!("every-kind", common::stable(&planned.stdout));
}

#[test]
fn programs_read_the_same() {
    let bench = Bench::new();
    of_every_kind(&bench);
    let line = format!("plan devices.csv --out acme.plan {FLAGS} {TENANT} --format json");
    let planned = bench.run(&line).exits(0);
    let planned: Value = serde_json::from_str(&planned.stdout).unwrap();
    let counts: Vec<(&str, u64)> = planned["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| (kind["kind"].as_str().unwrap(), kind["rows"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("to_send", 7),
        ("malformed", 1),
        ("repeat", 5),
        ("blank", 1),
        ("protected", 2),
        ("excluded", 1),
    ];
    assert_eq!(counts, expected);
    assert_eq!((&planned["planned"], &planned["skipped"]), (&json!(16), &json!(9)));
    let repeats = &planned["kinds"][2];
    let numbers = |rows: &Value| -> Vec<u64> {
        let rows = rows.as_array().unwrap();
        rows.iter().map(|row| row["row"].as_u64().unwrap()).collect()
    };
    assert_eq!(numbers(&repeats["first"]), [9, 10, 11]);
    assert_eq!(numbers(&repeats["last"]), [13, 14]);
    assert_eq!(
        repeats["first"][0],
        json!({
            "row": 9, "source": "devices.csv", "line": 10, "uid": uid(1), "name": "PC-1", "reason": "repeats row 1",
        })
    );
    assert_eq!(
        planned["next"],
        json!(["fleetpurge show acme.plan", "fleetpurge apply acme.plan"])
    );
    assert_eq!(
        planned["protect"],
        json!([{"file": "keep.txt", "entries": 1, "rows": 2}])
    );
    assert_eq!(planned["plan"]["max_devices"], 10_000);
    assert_eq!(planned["other_plans"], json!([]));
}

fn a_second_plan_of_the_same_devices_is_told_until_the_first_is_finished(service: Service) {
    let rig = Rig::new(service, 5, "");
    let mut others = service.devices(9)[3..].to_vec();
    // Another spelling of the same device.
    others[0].0 = others[0].0.to_uppercase();
    rig.bench.file("others.csv", service.csv(&others));
    let line = format!(
        "plan others.csv --out others.plan --force --format json --service {} --base-url {}",
        service.word(),
        rig.simulator.url()
    );
    let told = "warning: 2 devices of this plan are also in devices.plan";
    for flags in ["", "--limit 1", "--limit 3"] {
        if !flags.is_empty() {
            let count = if flags.ends_with('1') { 1 } else { 3 };
            rig.apply_with(count, flags).exits(5);
        }
        let planned = rig.bench.run(&line).exits(0).says(&[told, "Apply only one of the two"]);
        let planned: Value = serde_json::from_str(&planned.stdout).unwrap();
        let name = planned["other_plans"][0]["file"].as_str().unwrap();
        assert!(name.ends_with("devices.plan"), "{name}");
        assert_eq!(planned["other_plans"][0]["devices"], 2, "{flags}");
    }
    // Of another tenant, or done with, it is none.
    let elsewhere = line
        .replace(rig.simulator.url(), "http://127.0.0.1:1")
        .replace("others.plan", "elsewhere.plan");
    let planned = rig.bench.run(&elsewhere).exits(0);
    assert!(!planned.stderr.contains("warning"), "{}", planned.stderr);
    rig.apply_with(1, "").exits(0);
    let planned = rig.bench.run(&line).exits(0);
    assert!(!planned.stderr.contains("warning"), "{}", planned.stderr);
}
