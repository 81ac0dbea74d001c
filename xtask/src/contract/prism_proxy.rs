//! Does what the command and the simulator say to each other satisfy the published spec?
//!
//! Prism stands between the two with the published spec, untouched. A second one, with the copy of `spec.rs`, sees the
//! one thing that the page allows and the spec's `format: uuid` does not: malformed UIDs. In the end both sides are
//! made to break the spec, so that a Prism that notices nothing is noticed.

use anyhow::ensure;
use serde_json::{Value, json};

use super::apply::Run;
use super::bench::Bench;
use super::fleet::{Device, csv, devices, odd_names};
use super::prism::{Breach, Prism};
use super::simulate::Simulate;
use super::spec;

/// How many devices go through the untouched spec, in batches of 100.
const FLEET: usize = 4_000;
/// Requests a second: 40 of them take more than three seconds, longer than the token lives.
const RATE: &str = "12";
const TOKEN_LIFETIME: &str = "2";

/// A run in which the service answers with an error: what it does to the devices of the fleet so named, and what the
/// command makes of it.
struct Errors {
    fleet: &'static str,
    devices: usize,
    then: Value,
    times: Option<u32>,
    exit: i32,
    expected: &'static [(&'static str, u64)],
}

fn errors() -> Vec<Errors> {
    let reply = |status: u16, code: &str| json!({"reply": {"status": status, "error_code": code}});
    let row = |fleet, devices, then, times, exit, expected| Errors {
        fleet,
        devices,
        then,
        times,
        exit,
        expected,
    };
    #[rustfmt::skip]
    let rows = vec![
        row("forbidden", 4, reply(403, "FEATURE_NOT_ENABLED"), None, 5, &[("pending", 4)][..]),
        row("no-tenant", 4, reply(400, "EMPTY_TENANT"), None, 5, &[("pending", 4)]),
        row("empty", 4, reply(400, "EMPTY_REQUEST"), None, 5, &[("pending", 4)]),
        row("poisoned", 8, json!({"poison": "poisoned-3"}), None, 3, &[("scheduled", 7), ("rejected", 1)]),
        row("too-many", 40, json!({"batch_limit": 7}), None, 0, &[("scheduled", 40)]),
        row("failing", 6, json!({"failed": {"devices": "failing-2", "rounds": 1}}), None, 0, &[("scheduled", 6)]),
        row("expired", 4, json!({"unauthorized": true}), Some(1), 0, &[("scheduled", 4)]),
        row("locked-out", 4, json!({"unauthorized": true}), None, 5, &[("pending", 4)]),
        row("broken", 4, reply(500, "INTERNAL_ERROR"), Some(1), 4, &[("unknown", 4)]),
    ];
    rows
}

/// The rules of all these runs in one script: each tells its requests by the devices in them.
fn rules(rows: &[Errors]) -> Value {
    let rule = |row: &Errors| {
        let names: Vec<String> = fleet(row).into_iter().map(|(_, name)| name).collect();
        let mut rule = json!({"name": row.fleet, "when": {"device_name": names}, "then": row.then});
        if let Some(times) = row.times {
            rule["times"] = times.into();
        }
        rule
    };
    let mut rules: Vec<Value> = rows.iter().map(rule).collect();
    // For the control: a word that is not in the spec.
    rules.push(json!({
        "when": {"device_name": "new-word-1"},
        "then": {"edit": [{"set_status": {"of": "all", "status": "QUEUED"}}]},
    }));
    rules.into()
}

fn fleet(row: &Errors) -> Vec<Device> {
    devices(row.fleet, 0, row.devices)
}

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let rows = errors();
    let simulator = Simulate::start(bench, &rules(&rows), &["--token-lifetime", TOKEN_LIFETIME])?;
    let prism = Prism::proxy(bench, &bench.published(), &simulator.url)?;

    let mut whole = devices("pc", 10_000, FLEET);
    for (device, name) in whole.iter_mut().step_by(17).zip(odd_names()) {
        device.1 = name;
    }
    let run = Run::of_nexthink(bench, &prism, &simulator);
    run.apply(
        "whole",
        &csv(&whole),
        whole.len(),
        &["--rate", RATE],
        0,
        &[("scheduled", FLEET as u64)],
    )?;
    let tokens = simulator.count("token_requests")?;
    ensure!(tokens > 1, "no token was renewed in a run of {FLEET} devices");
    for row in &rows {
        run.apply(row.fleet, &csv(&fleet(row)), row.devices, &[], row.exit, row.expected)?;
    }
    let requests = simulator.count("deletion_requests")?;
    prism.found_nothing_in(requests)?;

    let lenient = Prism::proxy(bench, &spec::with_any_uid(bench)?, &simulator.url)?;
    let run_of_malformed = Run::of_nexthink(bench, &lenient, &simulator);
    let mut mixed = devices("mixed", 20_000, 1_000);
    for (at, device) in mixed.iter_mut().enumerate().step_by(10) {
        device.0 = format!("no uuid {at}");
    }
    let expected = [("scheduled", 900), ("invalid", 100)];
    run_of_malformed.apply("mixed", &csv(&mixed), mixed.len(), &[], 3, &expected)?;
    let of_malformed = simulator.count("deletion_requests")? - requests;
    lenient.found_nothing_in(of_malformed)?;

    control(&run, &prism)?;
    Ok(format!(
        "{requests} requests and their replies against the published spec, {tokens} tokens, {} kinds of error; \
         {of_malformed} more with malformed UIDs against it without `format: uuid`; 0 violations",
        rows.len()
    ))
}

/// A request and a reply that break the spec: Prism notices both.
fn control(run: &Run<'_>, prism: &Prism) -> anyhow::Result<()> {
    let malformed = [("no uuid".to_owned(), "control".to_owned())];
    run.apply("control-request", &csv(&malformed), 1, &[], 5, &[("pending", 1)])?;
    prism.noticed(Breach::Request, "a malformed UID")?;
    let new_word = devices("new-word", 1, 1);
    run.apply("control-reply", &csv(&new_word), 1, &[], 4, &[("unknown", 1)])?;
    prism.noticed(Breach::Reply, "a status that is not in the spec")
}
