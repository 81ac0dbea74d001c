//! Does what the command and the facade of Ubidots and the simulator say to each other satisfy the spec that we have
//! written?
//!
//! Prism stands between them, the requests for tokens included. In the end both sides are made to break the spec,
//! so that a Prism that notices nothing is noticed.

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::apply::Run;
use super::bench::Bench;
use super::driver::Driver;
use super::prism::{Breach, Prism};
use super::simulate::{Simulate, post};

/// More than a page of devices.
const FLEET: usize = 230;
/// Others, of which a filter tells them.
const OTHERS: usize = 20;
/// Those that are planned by their labels.
const PLANNED: usize = 10;
const ABSENT: &str = "000000000000000000000000";
/// Whoever is named so is answered as the spec does not allow.
const CONTROL: &str = "~control";

/// What the service answers to a key, and what the facade makes of it.
const ERRORS: [(&str, u16, Option<u64>, &str, &str); 9] = [
    ("~refused", 400, Some(400_001), "InvalidRequest", "no"),
    ("~no-token", 401, Some(401_002), "Unauthorized", "no"),
    ("~forbidden", 403, None, "Refused", "no"),
    ("~too-many", 413, None, "BatchTooLarge", "no"),
    ("~over-limit", 420, None, "Throttled", "no"),
    ("~throttled", 429, None, "Throttled", "no"),
    ("~broken", 500, None, "ServerError", "maybe"),
    ("~gateway", 502, None, "ServerError", "maybe"),
    ("~away", 503, None, "ServerError", "maybe"),
];

fn rules() -> Value {
    let mut rules: Vec<Value> = ERRORS
        .iter()
        .map(|(key, status, code, ..)| {
            let mut reply = json!({"status": status});
            match code {
                Some(code) => reply["error_code"] = json!(code),
                // A gateway's own words; what the service itself writes is JSON.
                None if *status == 502 => reply["html"] = json!("<h1>Bad Gateway</h1>"),
                None => reply["json"] = json!({"detail": "so it is"}),
            }
            json!({"when": {"device_uid": key}, "then": {"reply": reply}})
        })
        .collect();
    let no_task = json!({"status": 202, "json": {"task": "an id without its object"}});
    rules.push(json!({"when": {"device_uid": CONTROL}, "then": {"reply": no_task}}));
    rules.into()
}

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let simulator = Simulate::start(bench, &rules(), &[])?;
    simulator.devices_send_data("fleet", FLEET)?;
    simulator.devices_send_data("other", OTHERS)?;
    simulator.devices_send_data("planned", PLANNED)?;
    let prism = Prism::proxy(bench, &bench.written(), &simulator.url)?;
    let mut facade = drive(bench, &prism).map_err(|error| match prism.said() {
        Ok(said) if !said.violations.is_empty() => {
            error.context(format!("Prism has found a violation: {}", said.violations[0]))
        }
        _ => error,
    })?;
    let [deletions, tokens, reads] = ["deletion_requests", "token_requests", "reads"].map(|what| simulator.count(what));
    let (deletions, tokens, reads) = (deletions?, tokens?, reads?);
    ensure!(tokens > 0, "no token was asked for");
    prism.found_nothing_in(deletions + tokens + reads)?;
    control(&mut facade, &prism)?;
    Ok(format!(
        "{deletions} deletion requests, {reads} reads and {tokens} requests for tokens and their replies against the \
         spec, {} kinds of error; 0 violations",
        ERRORS.len()
    ))
}

/// Everything that the facade can read of the service. Gives all ids.
fn read(facade: &mut Driver) -> anyhow::Result<Vec<String>> {
    let all = ids(facade, &json!({}))?;
    ensure!(
        all.len() == FLEET + OTHERS + PLANNED,
        "{} devices are listed",
        all.len()
    );
    // The latest moment that a filter may name.
    let now = jiff::Timestamp::now().as_millisecond();
    for (filter, expected) in [
        (json!({"label_prefix": "other-"}), OTHERS),
        (json!({"tags": ["a", "b c"]}), 0),
        (json!({"inactive_since": now}), all.len()),
        (json!({"inactive_since": 1}), 0),
        (json!({"never_active": true}), 0),
        (
            json!({"label_prefix": "other-", "inactive_since": now, "never_active": true}),
            OTHERS,
        ),
    ] {
        let found = ids(facade, &filter)?.len();
        ensure!(
            found == expected,
            "{filter} finds {found} devices instead of {expected}"
        );
    }

    let by_label = facade.ask(&json!({"device": "~other-7"}))?;
    ensure!(
        by_label["device"]["label"] == "other-7",
        "the device by its label: {by_label}"
    );
    let id = by_label["device"]["id"].as_str().context("a device has an id")?;
    for (key, expected) in [
        (id, &by_label["device"]),
        (ABSENT, &Value::Null),
        ("~absent", &Value::Null),
    ] {
        let device = facade.ask(&json!({"device": key}))?;
        ensure!(device["device"] == *expected, "the device {key}: {device}");
    }
    let variables = facade.ask(&json!({"variables": id}))?;
    let [variable] = &list(&variables["variables"])?[..] else {
        bail!("a device has one variable: {variables}");
    };
    let values = facade.ask(&json!({"values": variable}))?;
    ensure!(
        list(&values["values"])?.len() == 2,
        "a variable has two values: {values}"
    );
    Ok(all)
}

/// Deletions by every kind of key, and every kind of error.
fn delete(facade: &mut Driver, all: &[String]) -> anyhow::Result<()> {
    for keys in [
        json!([all[0]]),
        json!(["~other-8", format!(r#"{{"id":"{}"}}"#, all[1]), all[2], ABSENT]),
        json!(all[3..100]),
    ] {
        let answer = facade.ask(&json!({"delete": keys}))?;
        ensure!(answer["task_id"].is_string(), "{keys} is answered with {answer}");
    }
    for (key, status, code, kind, applied) in ERRORS {
        let answer = facade.ask(&json!({"delete": [key]}))?;
        let code = code.map_or(Value::Null, |code| json!(code.to_string()));
        let expected = json!({"kind": kind, "applied": applied, "status": status, "code": code});
        let is_so = ["kind", "applied", "status", "code"]
            .iter()
            .all(|field| answer[field] == expected[field]);
        ensure!(is_so, "{key} is answered with {answer}, not with {expected}");
    }
    Ok(())
}

/// Everything that can be asked of the service. Lists come before deletions, under which they would not be whole.
fn drive(bench: &Bench, prism: &Prism) -> anyhow::Result<Driver> {
    let mut facade = Driver::of_ubidots(bench, &prism.url)?;
    let all = read(&mut facade)?;
    let run = Run::of_ubidots(bench, prism);
    let labels: String = (0..PLANNED).map(|number| format!("planned-{number}\n")).collect();
    let labels = format!("label\n{labels}");
    run.apply("labels", &labels, PLANNED, &[], 0, &[("scheduled", PLANNED as u64)])?;
    delete(&mut facade, &all)?;
    let ids = format!("id\n{}\n", all.join("\n"));
    run.apply("ids", &ids, all.len(), &[], 0, &[("scheduled", all.len() as u64)])?;
    Ok(facade)
}

/// Requests and a reply that break the spec: Prism notices them all.
fn control(facade: &mut Driver, prism: &Prism) -> anyhow::Result<()> {
    let url = format!("{}/api/v2.0/devices/_/bulk/delete/", prism.url);
    let bulk = ("x-bulk-operation", "True");
    for (headers, body) in [
        (&[bulk][..], json!([])),
        (&[bulk], json!(["no-tilde"])),
        (&[bulk], json!([{"id": "~label"}])),
        (&[], json!([ABSENT])),
        (&[("x-bulk-operation", "False")], json!([ABSENT])),
    ] {
        post(&url, headers, &body)?;
        prism.noticed(Breach::Request, format_args!("{body} with {headers:?}"))?;
    }
    facade.ask(&json!({"delete": [CONTROL]}))?;
    prism.noticed(Breach::Reply, "a reply that is not in the spec")
}

fn ids(facade: &mut Driver, filter: &Value) -> anyhow::Result<Vec<String>> {
    let answer = facade.ask(&json!({"list": filter}))?;
    ensure!(
        answer["filter_was_ignored"] == false,
        "{filter} is answered with {answer}"
    );
    list(&answer["ids"])
}

fn list(value: &Value) -> anyhow::Result<Vec<String>> {
    let list = value.as_array().with_context(|| format!("{value} is no list"))?;
    Ok(list
        .iter()
        .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
        .collect())
}
