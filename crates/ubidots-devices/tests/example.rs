//! The example that a reader would copy, run as a reader would run it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::path::Path;
use std::process::{Command, Output};

use fleetpurge_simulator::{PageTraps, Simulator};
use serde_json::Value;
use support::*;

async fn run_example(simulator: &Simulator, backup: &Path) -> Output {
    // `cargo test` builds examples, too, and puts them next to the folder of the test programs.
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().unwrap().parent().unwrap().join("examples");
    let example = folder.join(format!("select_back_up_delete{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "cargo build --examples builds it");
    let mut command = Command::new(example);
    command
        .env("UBIDOTS_BASE_URL", simulator.url())
        .env("UBIDOTS_TOKEN", TOKEN)
        .env_remove("UBIDOTS_API_KEY")
        .env("LABEL_PREFIX", "lab-1")
        .env("BACKUP", backup);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_backs_up_what_it_selects_and_deletes_exactly_that() {
    let simulator = trapped(fleet(12), PageTraps::new()).await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.ndjson");
    let output = run_example(&simulator, &backup).await;
    assert!(output.status.success(), "{output:?}");

    // lab-1, lab-10 and lab-11.
    let selected: Vec<String> = [1, 10, 11].map(|n| id(n).to_string()).into();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Vec<&str>> = printed.lines().map(|line| line.split('\t').collect()).collect();
    assert!(
        lines.iter().all(|line| line[1] == "scheduled" && line[2] != "-"),
        "{printed}"
    );
    let deleted: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    assert_eq!(deleted, selected);
    let saved = std::fs::read_to_string(&backup).unwrap();
    let saved: Vec<Value> = saved.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let saved: Vec<&str> = saved.iter().map(|device| device["id"].as_str().unwrap()).collect();
    assert_eq!(saved, selected);
    assert_eq!(simulator.counts().deletion_requests, 1);

    // The backup is never overwritten: a second run deletes nothing.
    let output = run_example(&simulator, &backup).await;
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(simulator.counts().deletion_requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_deletes_nothing_if_the_list_is_incomplete() {
    let simulator = trapped(fleet(12), PageTraps::new().count_off_by(1)).await;
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.ndjson");
    let output = run_example(&simulator, &backup).await;
    assert!(!output.status.success(), "{output:?}");
    assert!(!backup.exists());
    assert_eq!(simulator.counts().deletion_requests, 0);
}
