//! The example that a reader would copy, run as a reader would run it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use fleetpurge_simulator::{PageTraps, Simulator, UbidotsDevice, UbidotsVariable};
use serde_json::{Value, json};
use support::*;

/// `cargo test` builds examples, too, and puts them next to the folder of the test programs.
fn example() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().unwrap().parent().unwrap().join("examples");
    let example = folder.join(format!("back_up_and_delete{}", std::env::consts::EXE_SUFFIX));
    assert!(
        example.exists(),
        "with `--test` alone it is not built: cargo build --example back_up_and_delete"
    );
    example
}

/// A file of a test, which is removed before and after it.
struct Backup(PathBuf);

impl Backup {
    fn new(name: &str) -> Self {
        let backup = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        let _ = std::fs::remove_file(&backup.0);
        backup
    }

    fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.0).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn run_example(simulator: &Simulator, prefix: &str, backup: &Backup) -> Output {
    let mut command = Command::new(example());
    command
        .args([prefix.as_ref(), backup.0.as_os_str()])
        .env("UBIDOTS_BASE_URL", simulator.url())
        .env("UBIDOTS_TOKEN", TOKEN);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// `lab-0`, with 450 values, `lab-1`, and a device that stays.
fn account() -> Vec<UbidotsDevice> {
    let variable = UbidotsVariable::new("7e309da44fc8455a00000000", "v");
    let variable = (0..450_i32).fold(variable, |of, n| of.value(1_000 + i64::from(n), f64::from(n)));
    let device = |n: usize, label: &str| UbidotsDevice::new(id(n).as_str(), label);
    vec![
        device(0, "lab-0").variable(variable),
        device(1, "lab-1"),
        device(2, "hall-2"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_deletes_what_it_selected_and_saved_and_prints_each_outcome() {
    let backup = Backup::new("saved.jsonl");
    let simulator = trapped(account(), PageTraps::new()).await;
    let output = run_example(&simulator, "lab-", &backup).await;
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let printed: Vec<Vec<&str>> = printed.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(printed.len(), 2);
    for (n, line) in printed.iter().enumerate() {
        assert_eq!(line[..2], [id(n).as_str(), "scheduled"]);
        assert!(line[2] != "-" && line[2] == printed[0][2], "both of one task: {line:?}");
    }
    assert_eq!(named(&simulator), "0..2");

    let lines = backup.lines();
    let labels: Vec<&Value> = lines.iter().map(|line| &line[0]["label"]).collect();
    assert_eq!(labels, [&json!("lab-0"), &json!("lab-1")]);
    assert!(
        lines[0][0]["variablesCount"] == 1,
        "all that the service says: {}",
        lines[0][0]
    );
    let values = lines[0][1][0][1].as_array().unwrap();
    let times: Vec<i64> = values
        .iter()
        .map(|value| value["timestamp"].as_i64().unwrap())
        .collect();
    assert_eq!(times, (1_000..1_450).rev().collect::<Vec<_>>());
    assert_eq!(lines[1][1], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_sends_nothing_without_a_whole_list_and_a_new_backup() {
    let backup = Backup::new("kept.jsonl");
    // The list is not whole.
    let simulator = trapped(account(), PageTraps::new().count_off_by(1)).await;
    let output = run_example(&simulator, "lab-", &backup).await;
    assert!(!output.status.success());
    assert!(
        said(&output).contains("the list of devices is incomplete"),
        "{output:?}"
    );
    assert!(!backup.0.exists());
    assert!(simulator.requests().is_empty());

    // There is a backup already.
    std::fs::write(&backup.0, "an older backup").unwrap();
    let simulator = trapped(account(), PageTraps::new()).await;
    let output = run_example(&simulator, "lab-", &backup).await;
    assert!(!output.status.success());
    assert_eq!(std::fs::read_to_string(&backup.0).unwrap(), "an older backup");
    assert!(simulator.requests().is_empty());

    // A prefix that every label has.
    let output = run_example(&simulator, "", &Backup::new("blank.jsonl")).await;
    assert!(!output.status.success());
    assert!(simulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_sends_nothing_if_a_device_cannot_be_saved() {
    let backup = Backup::new("half.jsonl");
    // One page of the list, the first device, its variables; then the second device is refused.
    let refused = json!({"reply": {"status": 403}});
    let rules = script(json!([reads(json!(3), refused)]));
    let simulator = start(Simulator::builder().ubidots_devices(fleet(2)).faults(rules)).await;
    let output = run_example(&simulator, "lab-", &backup).await;
    assert!(!output.status.success());
    assert!(said(&output).contains("403"), "{output:?}");
    assert!(simulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_says_why_it_stopped_and_what_is_pending() {
    let backup = Backup::new("stopped.jsonl");
    let rules = script(json!([{"then": {"reply": {"status": 403}}}]));
    let simulator = start(Simulator::builder().ubidots_devices(fleet(2)).faults(rules)).await;
    let output = run_example(&simulator, "lab-", &backup).await;
    assert!(!output.status.success());
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(printed, format!("{}\tpending\t-\n{}\tpending\t-\n", id(0), id(1)));
    assert!(said(&output).contains("403"), "{output:?}");
    assert_eq!(backup.lines().len(), 2);
}

#[test]
fn the_example_is_short_enough_to_be_copied() {
    let source = include_str!("../examples/back_up_and_delete.rs");
    let code = source
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    assert!(code.count() <= 60);
}
