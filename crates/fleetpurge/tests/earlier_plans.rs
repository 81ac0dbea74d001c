//! Plans that version 0.1.0 wrote are still read, and still applied.
//!
//! `tests/data/0.1.0` holds them with the reports that the same version made of them: `nexthink` and `ubidots` were
//! applied against the simulator with a fault for every outcome, `unused` was never applied, and the process that
//! applied `crashed` was killed while five devices were in flight. They are never made anew.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use common::Bench;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

const TENANT: &str = "127.0.0.1:18080";

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/0.1.0")
        .join(name)
}

/// A folder with the plan, and with what lay beside it.
fn bench(plan: &str) -> Bench {
    let bench = Bench::new();
    for name in [format!("{plan}.plan"), format!("{plan}.plan-wal")] {
        if let Ok(packed) = File::open(data(&format!("{name}.gz"))) {
            let mut file = File::create(bench.path(&name)).unwrap();
            io::copy(&mut GzDecoder::new(packed), &mut file).unwrap();
        }
    }
    let lock = format!("{plan}.plan.lock");
    if data(&lock).exists() {
        fs::copy(data(&lock), bench.path(&lock)).unwrap();
    }
    bench
}

fn status(bench: &Bench, plan: &str) -> Value {
    let ended = bench.run(&format!("status {plan}.plan --format json")).exits(0);
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn reports_of_earlier_plans_are_the_same() {
    for plan in ["nexthink", "ubidots", "unused", "crashed"] {
        let bench = bench(plan);
        let report = bench.run(&format!("report {plan}.plan --format ndjson")).exits(0);
        let expected = fs::read_to_string(data(&format!("{plan}.report.ndjson"))).unwrap();
        // Version 0.1.0 numbered the batches of each run from 1.
        let (batches, rows) = without_batches(&report.stdout);
        assert_eq!(rows, without_batches(&expected).1, "{plan}");
        assert_eq!(batches, over_all_runs(plan), "{plan}");
    }
}

/// The batch of each row, numbered over all runs.
fn over_all_runs(plan: &str) -> Value {
    match plan {
        "nexthink" => json!([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 10, 7, 5, 5, null, null, null]),
        "ubidots" => json!([1, 1, 2, 3, 3, 3, 3, null]),
        "crashed" => json!([1, 1, 1, 2, 2, 2, 2, 2]),
        _ => Value::Array(vec![Value::Null; 17]),
    }
}

/// The batch of each row, and the rows without it.
fn without_batches(ndjson: &str) -> (Value, Vec<Value>) {
    let rows = ndjson.lines().map(|line| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        let batch = row.as_object_mut().unwrap().remove("batch").unwrap();
        // Version 0.1.0 did not say where a row stands.
        row.as_object_mut().unwrap().remove("line");
        (batch, row)
    });
    let (batches, rows) = rows.unzip::<_, _, Vec<Value>, Vec<Value>>();
    (Value::Array(batches), rows)
}

#[test]
fn counts_of_earlier_plans_are_the_same() {
    let counts =
        |planned, skipped, scheduled, [invalid, failed, rejected]: [u64; 3], unknown, pending, attempts, anomalies| {
            json!({
                "tenant": TENANT, "planned": planned, "skipped": skipped, "scheduled": scheduled, "invalid": invalid,
                "failed": failed, "rejected": rejected, "unknown": unknown, "pending": pending, "attempts": attempts,
                "anomalies": anomalies,
            })
        };
    for (plan, expected) in [
        ("nexthink", counts(17, 3, 9, [1, 1, 1], 2, 0, 10, 3)),
        ("ubidots", counts(8, 1, 6, [0, 0, 0], 1, 0, 3, 0)),
        ("unused", counts(17, 3, 0, [0, 0, 0], 0, 14, 0, 0)),
        ("crashed", counts(8, 0, 3, [0, 0, 0], 5, 0, 2, 0)),
    ] {
        assert_eq!(status(&bench(plan), plan), expected, "{plan}");
    }
}

/// It is proven, its open attempt is settled as unknown, and nothing of it is sent again.
#[test]
fn the_run_that_was_killed_is_recovered() {
    let bench = bench("crashed");
    bench
        .run_with_credentials(&format!("apply crashed.plan --confirm {TENANT}/8"))
        .exits(4);
    assert_eq!(status(&bench, "crashed")["unknown"], 5);
    assert_eq!(bench.files(), ["crashed.plan"]);
}

/// The refusal names how many devices would be sent: the plan was opened and proven.
#[test]
fn an_earlier_plan_that_was_never_applied_can_be_applied() {
    bench("unused")
        .run_with_credentials("apply unused.plan --confirm acme/14")
        .exits(6)
        .says(&["14 devices", TENANT]);
}

/// A verification is kept in it, and it is read and applied as before.
#[test]
fn earlier_plans_are_verified() {
    for (plan, exit, looked_for) in [("nexthink", 0, 11), ("ubidots", 0, 7), ("crashed", 0, 8)] {
        let bench = bench(plan);
        let before = status(&bench, plan);
        let header = if plan == "ubidots" { "id,label" } else { "uid,name" };
        bench.file("fresh.csv", format!("{header}\n"));
        let ended = bench
            .run(&format!("verify {plan}.plan --inventory fresh.csv --allow-no-overlap"))
            .exits(exit);
        assert!(
            ended.stdout.contains("kept as     verification 1 of this plan"),
            "{}{}",
            ended.stdout,
            ended.stderr
        );
        assert_eq!(status(&bench, plan), before, "{plan}");
        let report = bench.run(&format!("report {plan}.plan --format ndjson")).exits(0);
        let expected = fs::read_to_string(data(&format!("{plan}.report.ndjson"))).unwrap();
        let mut rows = without_batches(&report.stdout).1;
        let mut verified = 0;
        for row in &mut rows {
            let row = row.as_object_mut().unwrap();
            verified += usize::from(row["verified"] == "gone");
            row.retain(|key, _| !key.starts_with("verified") && key != "came_back");
        }
        assert_eq!(verified, looked_for, "{plan}");
        let expected = without_batches(&expected).1;
        // The run that died is settled: what was in flight is unknown for another reason now.
        if plan != "crashed" {
            assert_eq!(rows, expected, "{plan}");
        }
        let mut files = [format!("{plan}.plan"), "fresh.csv".to_owned()];
        files.sort();
        assert_eq!(bench.files(), files);
    }
    let bench = bench("crashed");
    bench.file("fresh.csv", "uid,name\n");
    bench
        .run("verify crashed.plan --inventory fresh.csv --allow-no-overlap")
        .exits(0);
    bench
        .run_with_credentials(&format!("apply crashed.plan --confirm {TENANT}/8"))
        .exits(4);
}
