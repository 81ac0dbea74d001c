//! The plans of a folder, each with its state.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;

use common::{Bench, Service};
use rig::{FOR_EVER_MS, Rig};
use serde_json::{Value, json};

fn list(bench: &Bench) -> Vec<Value> {
    let json = bench.run("list --format json").exits(0).stdout;
    let list: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list["folder"], ".");
    list["plans"].as_array().unwrap().clone()
}

#[test]
fn a_plan_is_new_running_died_stopped_and_done() {
    let rig = Rig::new(Service::Nexthink, 10, "");
    let state = |rig: &Rig| {
        let plans = list(&rig.bench);
        assert_eq!(plans.len(), 1, "{plans:?}");
        assert_eq!(plans[0]["name"], "devices.plan");
        plans[0].clone()
    };
    let new = state(&rig);
    assert_eq!(
        (&new["state"], &new["held_by"], &new["error"]),
        (&json!("new"), &Value::Null, &Value::Null)
    );
    assert_eq!(new["counts"], rig.bench.status());

    rig.faults(json!([{"then": {"delay_reply_ms": FOR_EVER_MS}}]));
    let mut child = rig.start();
    rig.received(1);
    let running = state(&rig);
    assert_eq!(running["state"], "running");
    assert_eq!(running["held_by"]["pid"], child.id());
    let text = rig.bench.run("list").exits(0).stdout;
    assert!(text.contains(&format!(", process {}", child.id())), "{text}");
    child.kill().unwrap();
    child.wait().unwrap();
    let died = state(&rig);
    assert_eq!((&died["state"], &died["held_by"]), (&json!("died"), &Value::Null));

    rig.no_faults();
    rig.apply();
    assert_eq!(state(&rig)["state"], "done");
}

#[test]
fn a_plan_with_pending_devices_is_stopped() {
    let rig = Rig::new(Service::Ubidots, 10, "");
    rig.apply_with(3, "--limit 3").exits(5);
    let plan = &list(&rig.bench)[0];
    assert_eq!(
        (&plan["state"], &plan["service"]),
        (&json!("stopped"), &json!("ubidots"))
    );
    assert_eq!(plan["counts"]["pending"], 7);
}

#[test]
fn other_files_are_passed_over_and_a_plan_that_cannot_be_read_is_listed() {
    let rig = Rig::new(Service::Nexthink, 3, "");
    let bench = &rig.bench;
    fs::copy(bench.path("devices.plan"), bench.path("altered.plan")).unwrap();
    rusqlite::Connection::open(bench.path("altered.plan"))
        .unwrap()
        .execute("UPDATE rows SET name = 'another' WHERE row = 2", ())
        .unwrap();
    rusqlite::Connection::open(bench.path("other.db"))
        .unwrap()
        .execute_batch("CREATE TABLE x (y)")
        .unwrap();
    fs::create_dir(bench.path("within.plan")).unwrap();
    let plans = list(bench);
    let states: Vec<_> = plans.iter().map(|plan| (&plan["name"], &plan["state"])).collect();
    assert_eq!(
        states,
        [
            (&json!("altered.plan"), &json!("unreadable")),
            (&json!("devices.plan"), &json!("new"))
        ]
    );
    assert!(
        plans[0]["error"].as_str().unwrap().contains("altered") && plans[0]["counts"].is_null(),
        "{plans:?}"
    );
    let text = bench.run("list").exits(0).stdout;
    let tenant = rig.tenant();
    insta::assert_snapshot!(
        "list",
        text.replace(tenant, &"T".repeat(tenant.len()))
            .replace("1 second ago ", "0 seconds ago")
    );

    assert_eq!(
        bench.run("list within.plan").exits(0).stdout,
        "No plan is in within.plan\n"
    );
    bench.run("list nowhere").exits(1).says(&["nowhere", "cannot be read"]);
}
