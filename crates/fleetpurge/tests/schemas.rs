//! What `schema` prints is what is committed, and what the records are held to.

mod common;

use std::fs;
use std::path::Path;

use common::{Bench, Simulate, devices};
use serde_json::Value;

#[test]
fn every_schema_that_is_listed_is_printed_as_it_is_committed() {
    let bench = Bench::new();
    let listed = bench.run("schema").exits(0).stdout;
    let names: Vec<&str> = listed.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "plan",
            "status",
            "report",
            "report-line",
            "show",
            "list",
            "verify-line",
            "doctor",
            "backup",
            "backup-line",
            "backup-pointer",
            "config",
            "faults"
        ]
    );
    for name in names {
        let printed = bench.run(&format!("schema {name}")).exits(0).stdout;
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../schemas/{name}.json"));
        assert_eq!(printed, fs::read_to_string(path).unwrap(), "{name}");
        let schema: Value = serde_json::from_str(&printed).unwrap();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
    }
}

#[test]
fn an_unknown_schema_is_refused_with_the_names_of_all_schemas() {
    Bench::new()
        .run("schema rows")
        .exits(2)
        .says(&["status, report, report-line, show, list, verify-line, doctor, backup, backup-line, backup-pointer, config, faults"]);
}

#[test]
fn a_record_with_a_word_or_a_key_more_fits_no_schema() {
    let bench = Bench::new();
    let simulator = Simulate::start();
    bench.plan(&simulator, &devices(1)).exits(0);
    let validator = |name: &str| {
        let schema = bench.run(&format!("schema {name}")).exits(0).stdout;
        jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap()
    };
    let rows = bench.report();
    for (name, record) in [("status", bench.status()), ("report-line", rows[0].clone())] {
        let schema = validator(name);
        assert!(schema.is_valid(&record), "{record}");
        for key in record.as_object().unwrap().keys() {
            let mut without = record.clone();
            without.as_object_mut().unwrap().remove(key);
            assert!(!schema.is_valid(&without), "{name} without {key}");
        }
        let mut more = record.clone();
        more["more"] = Value::Null;
        assert!(!schema.is_valid(&more), "{name}");
    }
    let mut deleted = rows[0].clone();
    deleted["outcome"] = "deleted".into();
    assert!(!validator("report-line").is_valid(&deleted));
}
