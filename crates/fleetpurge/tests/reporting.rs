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
        "line",
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
    // Nor with --force.
    bench
        .run("report devices.plan --format csv --out other.plan --force")
        .exits(2)
        .says(&["is a plan or belongs to one"]);
}

#[test]
fn a_file_is_replaced_only_with_force() {
    let (bench, _simulator) = applied();
    bench.file("report.csv", "old");
    bench
        .run("report devices.plan --format csv --out report.csv")
        .exits(1)
        .says(&["report.csv exists already", "--force"]);
    assert_eq!(std::fs::read_to_string(bench.path("report.csv")).unwrap(), "old");
    bench
        .run("report devices.plan --format csv --out report.csv --force")
        .exits(0);
    let report = std::fs::read_to_string(bench.path("report.csv")).unwrap();
    assert!(report.contains("PC-30"), "{report}");
    bench.run("report devices.plan --force").exits(2);
    assert_eq!(bench.files(), ["devices.csv", "devices.plan", "report.csv"]);
}

#[test]
fn csv_begins_with_a_byte_order_mark_and_raw_is_exact() {
    let (bench, _simulator) = applied();
    let safe = bench.run("report devices.plan --format csv").exits(0).stdout;
    assert!(safe.starts_with("\u{feff}row,uid,"), "{safe}");
    let raw = bench.run("report devices.plan --format csv --raw").exits(0).stdout;
    assert!(raw.starts_with("row,uid,"), "{raw}");
    assert!(raw.contains("\"O\"\"dd, \u{1b}[8mname\""), "{raw}");
    bench
        .run("report devices.plan --raw")
        .exits(2)
        .says(&["--raw is for --format csv"]);
}

#[test]
fn only_keeps_the_rows_of_these_outcomes_in_every_format() {
    let (bench, _simulator) = applied();
    let ndjson = bench
        .run("report devices.plan --format ndjson --only invalid,skipped")
        .exits(0)
        .stdout;
    assert_eq!(ndjson.lines().count(), 3, "{ndjson}");
    assert!(!ndjson.contains("scheduled"), "{ndjson}");
    let json = bench
        .run("report devices.plan --format json --only invalid")
        .exits(0)
        .stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 1);
    assert_eq!(json["counts"]["scheduled"], 30);
    let csv = bench
        .run("report devices.plan --format csv --only skipped")
        .exits(0)
        .stdout;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    let text = bench.run("report devices.plan --only invalid").exits(0).stdout;
    assert!(
        text.contains("\ninvalid:\n") && !text.contains("\nskipped:\n"),
        "{text}"
    );
    bench
        .run("report devices.plan --only deleted")
        .exits(2)
        .says(&["scheduled", "unknown"]);
}

#[test]
fn a_row_of_several_files_names_its_file() {
    let bench = Bench::new();
    bench.file("a.csv", common::csv(&devices(2)));
    bench.file("=b.csv", "name;uid\r\nPC-9;00000009-0000-4000-8000-000000000009\r\n");
    bench
        .run("plan a.csv =b.csv --out devices.plan --instance acme --region eu")
        .exits(0);
    let sources: Vec<Value> = bench.report().iter().map(|row| row["source"].clone()).collect();
    assert_eq!(sources, ["a.csv", "a.csv", "=b.csv"]);
    let csv = bench.run("report devices.plan --format csv").exits(0).stdout;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].ends_with(",at,line,source"), "{csv}");
    assert!(lines[3].ends_with(",'=b.csv"), "{csv}");
    let text = bench.run("report devices.plan").exits(0).stdout;
    assert!(text.contains("`PC-9`  of =b.csv"), "{text}");
}

#[test]
fn batches_are_numbered_over_all_runs_of_a_plan() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(30)).exits(0);
    for (limit, count, exit) in [(10, 10, 5), (5, 5, 5), (100, 15, 0)] {
        bench
            .run_with_credentials(&format!(
                "apply devices.plan --limit {limit} --confirm {}/{count}",
                simulator.address()
            ))
            .exits(exit);
    }
    let batches: Vec<u64> = bench
        .report()
        .iter()
        .map(|row| row["batch"].as_u64().unwrap())
        .collect();
    let expected: Vec<u64> = [vec![1; 10], vec![2; 5], vec![3; 15]].concat();
    assert_eq!(batches, expected);
}

#[test]
fn a_reader_that_closes_the_pipe_early_is_not_an_error() {
    let (bench, _simulator) = applied();
    for format in ["text", "ndjson", "json", "csv", "html"] {
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
