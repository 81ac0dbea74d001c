//! The report of a plan, in every format.

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use common::{Bench, Simulate, devices, stable};
use serde_json::Value;

/// A plan of which everything has come to something else.
fn applied() -> (Bench, Simulate) {
    let bench = Bench::new();
    let simulator = Simulate::start();
    let mut rows = devices(30);
    rows.push(("not-a-uuid".to_owned(), "O\"dd, \u{1b}[8mname".to_owned()));
    rows.push(rows[0].clone());
    rows.push((" ".to_owned(), "PC".to_owned()));
    bench.plan(&simulator, &rows).exits(0);
    bench
        .run_with_credentials(&format!("apply devices.plan --confirm {}/31", simulator.address()))
        .exits(3);
    (bench, simulator)
}

/// The report without the ids that differ from run to run.
fn without_ids(text: &str) -> String {
    text.lines()
        .map(|line| line.split("  request ").next().unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[test]
fn the_text_is_for_a_person() {
    let (bench, _simulator) = applied();
    let report = bench.run("report devices.plan").exits(0);
    insta::assert_snapshot!("report", without_ids(&stable(&report.stdout)));
    assert!(!report.stdout.contains('\u{1b}'));
}

#[test]
fn ndjson_json_and_csv_hold_the_same_rows_in_input_order() {
    let (bench, _simulator) = applied();
    let keys = [
        "row",
        "uid",
        "name",
        "outcome",
        "detail",
        "code",
        "batch",
        "attempts",
        "request_id",
        "trace_id",
        "at",
    ];
    let ndjson = bench.run("report devices.plan --format ndjson").exits(0).stdout;
    for line in ndjson.lines() {
        let positions: Vec<usize> = keys.map(|key| line.find(&format!("\"{key}\":")).unwrap()).to_vec();
        assert!(positions.is_sorted(), "{line}");
    }
    let rows = bench.report();
    assert!(rows.iter().all(|row| row.as_object().unwrap().len() == keys.len()));
    assert_eq!(rows.len(), 33);

    let json = bench.run("report devices.plan --format json").exits(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"], Value::Array(rows.clone()));
    assert_eq!(json["counts"]["scheduled"], 30);
    assert_eq!(json["plan"]["sources"][0]["name"], "devices.csv");

    bench.run("report devices.plan --format csv --out report.csv").exits(0);
    let mut reader = csv::Reader::from_path(bench.path("report.csv")).unwrap();
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), keys);
    for (record, row) in reader.records().zip(&rows) {
        let record = record.unwrap();
        for (field, key) in record.iter().zip(keys) {
            let expected = match &row[key] {
                Value::Null => String::new(),
                // What a terminal would obey is written by its number.
                Value::String(text) => text.replace('\u{1b}', "\\u{1b}"),
                other => other.to_string(),
            };
            assert_eq!(field, expected, "{key}");
        }
    }
}

#[test]
fn a_report_is_never_written_over_the_plan() {
    let (bench, _simulator) = applied();
    let before = std::fs::read(bench.path("devices.plan")).unwrap();
    bench
        .run("report devices.plan --out ./devices.plan")
        .exits(2)
        .says(&["is the plan itself"]);
    assert_eq!(std::fs::read(bench.path("devices.plan")).unwrap(), before);
    bench
        .run("report devices.plan --out none/report.txt")
        .exits(1)
        .says(&["none/report.txt"]);
    assert_eq!(bench.files(), ["devices.csv", "devices.plan"]);
}

#[test]
fn a_report_never_replaces_another_plan_or_what_belongs_to_one() {
    let (bench, _simulator) = applied();
    std::fs::copy(bench.path("devices.plan"), bench.path("other.plan")).unwrap();
    for name in ["devices.plan.lock", "other.plan-shm", "devices.plan.backup.json"] {
        bench.file(name, "its own");
    }
    let before = bench.files();
    for name in [
        "other.plan",
        "other.plan-wal",
        "other.plan-shm",
        "devices.plan-wal",
        "devices.plan-shm",
        "devices.plan-journal",
        "devices.plan.lock",
        "devices.plan.backup.json",
    ] {
        bench
            .run(&format!("report devices.plan --format csv --out {name}"))
            .exits(2)
            .says(&[name, "is a plan or belongs to one"]);
    }
    assert_eq!(bench.files(), before);
    bench.run("status other.plan").exits(0);
    // Any other file is replaced, as before.
    bench.file("report.csv", "old");
    bench.run("report devices.plan --format csv --out report.csv").exits(0);
}

#[test]
fn a_reader_that_closes_the_pipe_early_is_not_an_error() {
    let (bench, _simulator) = applied();
    for format in ["text", "ndjson", "json", "csv"] {
        let mut child = bench
            .command(&format!("report devices.plan --format {format}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Reads nothing, and goes away at once.
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{format}");
        let told = BufReader::new(child.stderr.take().unwrap()).lines().count();
        assert_eq!(told, 0, "{format}");
    }
}

#[test]
fn status_answers_with_exactly_its_keys() {
    let (bench, simulator) = applied();
    let json = bench.run("status devices.plan --format json").exits(0).stdout;
    assert_eq!(
        json,
        format!(
            "{{\"tenant\":\"{}\",\"planned\":33,\"skipped\":2,\"scheduled\":30,\"invalid\":1,\"failed\":0,\"rejected\":0,\
             \"unknown\":0,\"pending\":0,\"attempts\":1,\"anomalies\":0}}\n",
            simulator.address()
        )
    );
}
