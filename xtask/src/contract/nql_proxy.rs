//! Does what the command and the simulator say to each other about exports satisfy the published spec?
//!
//! Prism stands between them. In the end both sides are made to break the spec, so that a Prism that notices nothing is
//! noticed.

use std::fs;

use anyhow::ensure;
use serde_json::json;

use super::bench::Bench;
use super::fleet::{csv, devices};
use super::prism::{Breach, Prism};
use super::simulate::{Simulate, post};

const DEVICES: usize = 2_500;

/// An inventory, as CSV.
pub(super) fn inventory(bench: &Bench) -> anyhow::Result<String> {
    let mut devices = devices("OLD", 0, DEVICES);
    for (_, name) in &mut devices {
        name.push_str(", spare");
    }
    let path = bench.work.join("inventory.csv");
    fs::write(&path, csv(&devices))?;
    Ok(path.to_string_lossy().into_owned())
}

pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    // The last reply is one that the spec does not allow.
    let rules = json!([{"when": {"endpoint": "reads", "request": 30}, "then": {"reply": {"status": 200, "json": {"exportId": 7}}}}]);
    let inventory = inventory(bench)?;
    let arguments = [
        "--inventory",
        &inventory,
        "--export-faults",
        "none,expired,failed,truncated",
    ];
    let simulator = Simulate::start(bench, &rules, &arguments)?;
    let prism = Prism::proxy(bench, &bench.published_nql(), &simulator.url)?;
    let token_url = simulator.token_url();
    let select = |query: &str, out: &str| {
        bench.run(&[
            "select",
            "--service",
            "nexthink",
            "--query",
            query,
            "--base-url",
            &prism.url,
            "--token-url",
            &token_url,
            "--out",
            out,
        ])
    };
    // Three questions after how it is, and one more where the URL had expired.
    for out in ["first.csv", "expired.csv"] {
        let ended = select("#all_devices", out)?;
        ensure!(ended.code == Some(0), "{out}: {}", ended.stderr);
        let rows = fs::read_to_string(bench.work.join(out))?.lines().count();
        ensure!(rows == DEVICES + 1, "{out} has {rows} lines");
    }
    for (out, part) in [("failed.csv", "the export failed"), ("truncated.csv", "licence")] {
        let ended = select("#all_devices", out)?;
        ensure!(
            ended.code == Some(1) && ended.stderr.contains(part),
            "{out}: {:?} {}",
            ended.code,
            ended.stderr
        );
    }
    let unknown = select("#nobody_saved_it", "unknown.csv")?;
    ensure!(
        unknown.code == Some(1) && unknown.stderr.contains("404"),
        "an unknown query: {:?} {}",
        unknown.code,
        unknown.stderr
    );
    let reads = simulator.count("reads")?;
    prism.found_nothing_in(reads)?;
    control(&prism, &simulator)?;
    Ok(format!(
        "{reads} requests about exports and their replies against the published spec, of {DEVICES} devices, an expired \
         URL, a failed, a cut off and an unknown query; 0 violations"
    ))
}

/// Requests and a reply that break the spec: Prism notices them all.
fn control(prism: &Prism, simulator: &Simulate) -> anyhow::Result<()> {
    let url = format!("{}/api/v1/nql/export", prism.url);
    let bearer = format!("Bearer {}", super::simulate::TOKEN);
    let headers = [("authorization", bearer.as_str())];
    for body in [
        json!({"queryId": "devices | list device.uid"}),
        json!({"parameters": {}}),
        json!({"queryId": "#all_devices", "compression": "LZ4"}),
    ] {
        post(&url, &headers, &body)?;
        prism.noticed(Breach::Request, &body)?;
    }
    let before = simulator.count("reads")?;
    ensure!(
        before < 30,
        "the simulator has received {before} reads before its odd reply"
    );
    for _ in before..29 {
        post(&url, &headers, &json!({"queryId": "#all_devices"}))?;
    }
    prism.said()?;
    post(&url, &headers, &json!({"queryId": "#all_devices"}))?;
    prism.noticed(Breach::Reply, "a reply that is not in the spec")
}
