//! The committed schemas are those of the types.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fleetpurge_records::Published;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

#[test]
fn every_committed_schema_is_what_its_type_says() {
    for published in Published::ALL {
        let path = folder().join(published.name()).with_extension("json");
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == published.text(),
            "schemas/{}.json is not current: `cargo xtask regen` writes it",
            published.name()
        );
    }
}

#[test]
fn no_other_schema_is_committed() {
    let committed: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let published = Published::ALL.map(|published| format!("{}.json", published.name()));
    assert_eq!(committed, published.into());
}

#[test]
fn every_key_of_a_record_is_always_there_and_no_other() {
    for (name, keys) in [
        (
            "status",
            json!([
                "tenant",
                "planned",
                "skipped",
                "scheduled",
                "invalid",
                "failed",
                "rejected",
                "unknown",
                "pending",
                "attempts",
                "anomalies"
            ]),
        ),
        (
            "report-line",
            json!([
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
                "line"
            ]),
        ),
        ("report", json!(["plan", "counts", "rows"])),
        ("list", json!(["folder", "plans"])),
        (
            "backup",
            json!([
                "format",
                "digest",
                "tenant",
                "base_url",
                "started_at",
                "finished_at",
                "counts",
                "files"
            ]),
        ),
        ("backup-pointer", json!(["digest", "dir", "finished_at"])),
    ] {
        let schema: Value = serde_json::from_str(&Published::named(name).unwrap().text()).unwrap();
        assert_eq!(schema["required"], keys, "{name}");
        assert_eq!(schema["additionalProperties"], json!(false), "{name}");
        // A row names its input only in a plan of several, and what was seen of it (four keys) only in one that was verified.
        let optional = if name == "report-line" { 1 + 4 } else { 0 };
        assert_eq!(
            schema["properties"].as_object().unwrap().len(),
            keys.as_array().unwrap().len() + optional
        );
    }
}

#[test]
fn an_outcome_is_one_of_the_seven() {
    let schema: Value = serde_json::from_str(&Published::named("report-line").unwrap().text()).unwrap();
    assert_eq!(
        schema["properties"]["outcome"]["enum"],
        json!([
            "scheduled",
            "invalid",
            "failed",
            "rejected",
            "unknown",
            "pending",
            "skipped"
        ])
    );
}
