//! Does a client that we did not write understand the simulator?
//!
//! The package nexthink-api was written from the same pages by somebody else. What it makes of the simulator's replies
//! is compared with what the page says; where the package itself is at fault, the row says how.

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::bench::Bench;
use super::driver::Driver;
use super::fleet::{Device, devices};
use super::simulate::Simulate;

const TOKEN_REQUEST: &str = "POST https://acme-login.eu.nexthink.cloud/oauth2/default/v1/token";
const DELETION: &str = "POST https://acme.api.eu.nexthink.cloud/api/v1/data-management/device/deletions";
/// Smaller than documented, as a deployment may have it: the package refuses more than 100 devices itself.
const LIMIT: &str = "5";

/// What is asked for, and what of the package's answer is to be so.
struct Row {
    what: &'static str,
    devices: Vec<Device>,
    expected: Value,
}

fn row(what: &'static str, devices: Vec<Device>, expected: Value) -> Row {
    Row {
        what,
        devices,
        expected,
    }
}

fn named(name: &str) -> Vec<Device> {
    devices(name, 0, 1)
}

/// Every reply that the page documents.
fn rows() -> Vec<Row> {
    let mut mixed = devices("mixed", 0, 4);
    mixed[1].0 = "no uuid".to_owned();
    mixed[3].0 = "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}".to_owned();
    let blank = vec![(named("x")[0].0.clone(), " \t".to_owned())];
    #[rustfmt::skip]
    let rows = vec![
        row("scheduled", devices("pc", 0, 3), json!({"statuses": ["SCHEDULED", "SCHEDULED", "SCHEDULED"], "scheduled_count": 3})),
        row("invalid", mixed, json!({"statuses": ["SCHEDULED", "INVALID", "SCHEDULED", "INVALID"], "scheduled_count": 2})),
        row("failed", named("failed"), json!({"statuses": ["FAILED"], "scheduled_count": 0})),
        row("too many", devices("pc", 0, 6), json!({"code": "BATCH_SIZE_EXCEEDED"})),
        row("blank name", blank, json!({"code": "INVALID_REQUEST"})),
        row("nothing", named("empty"), json!({"code": "EMPTY_REQUEST"})),
        row("no tenant", named("no-tenant"), json!({"code": "EMPTY_TENANT"})),
        row("no feature", named("forbidden"), json!({"code": "FEATURE_NOT_ENABLED"})),
        row("broken", named("broken"), json!({"code": "INTERNAL_ERROR"})),
        // The package drops the request id of a 401.
        row("refused token", named("expired"), json!({"unauthorized": true})),
    ];
    rows
}

/// What the package cannot bring about by itself: it sends no empty list, and no simulator here lacks a feature.
fn rules() -> Value {
    let rule = |name: &str, then: Value| json!({"when": {"device_name": format!("{name}-0")}, "then": then});
    let error = |status: u16, code: &str| json!({"reply": {"status": status, "error_code": code}});
    json!([
        rule("failed", json!({"failed": {"devices": "failed-0"}})),
        rule("empty", error(400, "EMPTY_REQUEST")),
        rule("no-tenant", error(400, "EMPTY_TENANT")),
        rule("forbidden", error(403, "FEATURE_NOT_ENABLED")),
        rule("broken", error(500, "INTERNAL_ERROR")),
        rule("expired", json!({"unauthorized": true})),
        {"when": {"endpoint": "token", "request": 2}, "then": {"unauthorized": true}},
    ])
}

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let simulator = Simulate::start(bench, &rules(), &["--limit", LIMIT])?;
    let mut package = Driver::of_nexthink_api(bench, &simulator.url)?;
    let rows = rows();
    let mut first = true;
    for (number, row) in rows.iter().enumerate() {
        // Of ours and of the service's making, in turn.
        let id = format!("{number:08x}-1111-4222-8333-444444444444");
        let given = (number % 2 == 0).then_some(id.as_str());
        let answer = package.delete(&row.devices, given)?;
        hold(row, given, first, &answer).with_context(|| format!("{}: the package's answer is {answer}", row.what))?;
        first = false;
    }
    drop(package);
    refused_login(bench, &simulator)?;
    let requests = simulator.count("deletion_requests")?;
    ensure!(
        requests == rows.len() as u64 + 1,
        "the simulator has received {requests} requests"
    );
    Ok(format!(
        "nexthink-api 0.1.5: {} replies, each documented status and code, their request ids; a token had and a token \
         refused",
        rows.len()
    ))
}

fn hold(row: &Row, given: Option<&str>, first: bool, answer: &Value) -> anyhow::Result<()> {
    for (field, value) in row.expected.as_object().into_iter().flatten() {
        ensure!(answer[field] == *value, "`{field}` should be {value}");
    }
    if answer["statuses"].is_array() {
        ensure!(
            answer["devices"] == json!(row.devices),
            "not the devices as submitted, in their order"
        );
    }
    if answer["code"].is_string() {
        ensure!(
            answer["message"].as_str().is_some_and(|text| !text.is_empty()),
            "an error has a message"
        );
    }
    if answer["unauthorized"].is_null() {
        let id = answer["request_id"].as_str().context("there is no request id")?;
        ensure!(
            given.is_none_or(|given| given == id),
            "not the request id that was given"
        );
        ensure!(id.len() == 36, "the request id is no UUID");
    }
    let addressed = if first {
        json!([TOKEN_REQUEST, DELETION])
    } else {
        json!([DELETION])
    };
    ensure!(
        answer["addressed"] == addressed,
        "not the documented addresses, or not one token for all"
    );
    Ok(())
}

/// Credentials that are refused. The package goes on without a token all the same (`Bearer None`), which the simulator
/// refuses in turn.
fn refused_login(bench: &Bench, simulator: &Simulate) -> anyhow::Result<()> {
    let before = simulator.count("devices_scheduled")?;
    let mut package = Driver::of_nexthink_api(bench, &simulator.url)?;
    let answer = package.delete(&devices("pc", 0, 1), None)?;
    ensure!(
        answer["unauthorized"] == true && simulator.count("token_requests")? == 2,
        "refused credentials: the package's answer is {answer}"
    );
    ensure!(
        simulator.count("devices_scheduled")? == before,
        "a device was scheduled without a token"
    );
    Ok(())
}
