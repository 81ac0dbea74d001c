//! The example that a reader would copy, run as a reader would run it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fleetpurge_simulator::Simulator;
use serde_json::json;
use support::*;

/// `cargo test` builds examples, too, and puts them next to the folder of the test programs.
fn example() -> PathBuf {
    let folder = std::env::current_exe()
        .unwrap()
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples");
    let example = folder.join(format!("purge{}", std::env::consts::EXE_SUFFIX));
    assert!(
        example.exists(),
        "with `--test` alone it is not built: cargo build --example purge"
    );
    example
}

async fn purge(simulator: &Simulator, input: String) -> Output {
    let mut command = Command::new(example());
    command
        .env("NEXTHINK_BASE_URL", simulator.url())
        .env_remove("NEXTHINK_TOKEN_URL")
        .env("NEXTHINK_CLIENT_ID", "id")
        .env("NEXTHINK_CLIENT_SECRET", "secret")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn rows(count: usize) -> String {
    devices(count)
        .iter()
        .map(|device| format!("{},{}\n", device.uid, device.name))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_deletes_what_its_input_lists_and_prints_each_outcome() {
    let simulator = Simulator::builder().start().await.unwrap();
    let input = rows(250) + "not-a-uid,Büro, 2. Stock\n";
    let output = purge(&simulator, input).await;
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let mut expected: String = devices(250)
        .iter()
        .map(|device| format!("{}\t{}\tscheduled\n", device.uid, device.name))
        .collect();
    expected += "not-a-uid\tBüro, 2. Stock\tinvalid\n";
    assert_eq!(printed, expected);
    assert_eq!(simulator.received_devices().len(), 251);
    assert_eq!(simulator.requests().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_says_why_it_stopped_and_what_is_pending() {
    let rules = json!([{"then": {"reply": {"status": 403, "error_code": "FEATURE_NOT_ENABLED"}}}]);
    let simulator = Simulator::builder().faults(script(rules)).start().await.unwrap();
    let output = purge(&simulator, rows(250)).await;
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .all(|line| line.ends_with("\tpending"))
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("403 FEATURE_NOT_ENABLED"), "{said}");
}

#[test]
fn the_example_is_short_enough_to_be_copied() {
    let source = include_str!("../examples/purge.rs");
    let code = source
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    assert!(code.count() <= 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_sends_nothing_when_a_line_is_no_device() {
    let simulator = Simulator::builder().start().await.unwrap();
    let output = purge(&simulator, rows(250) + "no comma here\n").await;
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("line 251") && said.contains("no comma here"), "{said}");
    assert!(simulator.requests().is_empty());
}
