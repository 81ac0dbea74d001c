//! `verify`: which devices are still there, asked by id.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod account;
mod common;

use account::{AccountBench, faults};
use common::{Bench, csv, devices, uid};
use fleetpurge_simulator::UbidotsDevice;
use serde_json::{Value, json};

fn id(number: usize) -> String {
    format!("{number:024x}")
}

fn label(number: usize) -> String {
    format!("device-{number}")
}

/// An account of so many devices, and a plan of all but the last.
fn planned(count: usize) -> AccountBench {
    let bench = AccountBench::with((1..=count).map(|n| UbidotsDevice::new(id(n), label(n))).collect());
    let rows: Vec<String> = (1..count).map(|n| format!("{},{}\n", id(n), label(n))).collect();
    bench.bench.file("list.csv", format!("id,label\n{}", rows.concat()));
    bench.plan("list.csv").exits(0);
    bench
}

fn removed(bench: &AccountBench, left: usize) {
    bench.runtime.block_on(bench.simulator.wait_until_ubidots_left(left));
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const LIVE: &str = "verify devices.plan --live --rate 10000";

#[test]
fn devices_are_there_until_the_task_has_run_and_gone_after() {
    let bench = planned(8);
    bench.simulator.set_faults(faults(
        json!([{"then": {"applied": false, "reply": {"status": 202, "json": {"task": {"id": "t"}}}}}]),
    ));
    bench.apply(3, "--limit 3").exits(5);
    // The service named a task and did nothing: nobody else would notice.
    let there = bench.run(LIVE).exits(3).says(&["3 devices are still there"]);
    assert!(there.stdout.contains("still there         3"), "{}", there.stdout);
    assert_eq!(there.next(), "fleetpurge verify devices.plan --live");
    bench.simulator.set_faults(faults(json!([])));
    bench.apply(4, "--limit 4").exits(0);
    removed(&bench, 4);
    let found = lines(&bench.run(&format!("{LIVE} --format ndjson")).exits(3).stdout);
    let found: Vec<(u64, &str)> = found
        .iter()
        .map(|line| (line["row"].as_u64().unwrap(), line["found"].as_str().unwrap()))
        .collect();
    let expected: Vec<(u64, &str)> = (1..=7).map(|n| (n, if n <= 3 { "present" } else { "gone" })).collect();
    assert_eq!(found, expected);
    for read in bench.simulator.reads() {
        assert!(!read.uri.to_string().contains('~'), "asked by label: {}", read.uri);
    }
}

#[test]
fn a_device_that_came_back_under_its_label_is_another_one() {
    let bench = planned(3);
    bench.apply(2, "").exits(0);
    removed(&bench, 1);
    let new = bench.simulator.send_data(&label(1));
    assert_ne!(new, id(1));
    bench.run(LIVE).exits(0);
}

#[test]
fn an_unknown_device_is_looked_for_too() {
    let bench = planned(3);
    bench
        .simulator
        .set_faults(faults(json!([{"then": {"close_after_read": true, "applied": true}}])));
    let ended = bench.apply(2, "").exits(4);
    assert_eq!(ended.next(), "fleetpurge verify devices.plan --live");
    removed(&bench, 1);
    bench
        .run(LIVE)
        .exits(0)
        .says(&["2 devices are unknown in the plan and gone now"]);
}

#[test]
fn an_answer_that_proves_nothing_is_no_answer() {
    let bench = planned(3);
    bench.apply(2, "").exits(0);
    removed(&bench, 1);
    // As from a server that is not the API: nothing is there.
    let elsewhere = faults(json!([{"when": {"endpoint": "reads"}, "then": {"reply": {"status": 404}}}]));
    bench.simulator.set_faults(elsewhere);
    let ended = bench.run(LIVE).exits(1);
    assert!(!ended.stdout.contains("gone"), "{}", ended.stdout);
    // The list is answered, and no device.
    let devices = format!("{}-", bench.simulator.counts().reads + 2);
    let forbidden = json!([{"when": {"endpoint": "reads", "request": devices}, "then": {"reply": {"status": 403}}}]);
    bench.simulator.set_faults(faults(forbidden));
    bench.run(LIVE).exits(1).says(&["403"]);
    // What passes is asked again.
    let passing = faults(json!([
        {"when": {"endpoint": "reads"}, "times": 1, "then": {"reply": {"status": 429, "retry_after": 0}}},
        {"when": {"endpoint": "reads"}, "times": 1, "then": {"reply": {"status": 500}}}
    ]));
    bench.simulator.set_faults(passing);
    bench.run(LIVE).exits(0);
    assert_eq!(bench.simulator.faults_fired(), [1, 1]);
}

#[test]
fn a_fresh_export_says_it_without_a_socket() {
    let bench = Bench::new();
    let simulate = common::Simulate::start();
    bench.plan(&simulate, &devices(5)).exits(0);
    bench
        .run_with_credentials(&format!("apply devices.plan --confirm {}/5", simulate.address()))
        .exits(0);
    let connections = simulate.counts()["connections"].clone();
    // Another spelling of the same uid, and a device that is none of the plan's.
    let left = vec![(uid(2).to_uppercase(), "PC-2".to_owned()), (uid(9), "PC-9".to_owned())];
    bench.file("fresh.csv", csv(&left));
    let ended = bench
        .run("verify devices.plan --inventory fresh.csv --format ndjson")
        .exits(3);
    let present: Vec<Value> = lines(&ended.stdout)
        .into_iter()
        .filter(|line| line["found"] == "present")
        .collect();
    assert_eq!(present.len(), 1);
    assert_eq!(present[0]["uid"], json!(uid(2)));
    bench.file("empty.csv", "uid,name\n");
    bench.run("verify devices.plan --inventory empty.csv").exits(0);
    bench.run("verify devices.plan --live").exits(2).says(&["--inventory"]);
    bench.run("verify devices.plan").exits(2);
    let after = simulate.counts()["connections"].as_u64().unwrap();
    // One connection for each look at the counters.
    assert_eq!(after, connections.as_u64().unwrap() + 1);
}

#[test]
fn an_export_of_labels_alone_proves_nothing() {
    let bench = planned(3);
    bench.apply(2, "").exits(0);
    bench.bench.file("labels.csv", "label\ndevice-1\n");
    bench
        .bench
        .run("verify devices.plan --inventory labels.csv")
        .exits(2)
        .says(&["a label may be that of a new device"]);
    bench.bench.file("ids.csv", format!("id\n{}\n", id(1).to_uppercase()));
    bench.bench.run("verify devices.plan --inventory ids.csv").exits(3);
}
