//! Does the simulator do what a spec says of any request?
//!
//! schemathesis makes requests up from the spec, good ones and bad ones, and holds the replies against it. No check is
//! excluded; the modules `contract/schemathesis*_hooks.py` say which failures are excused, and when. What it makes up
//! is sent to the simulator of this function alone: there is no way to name another host.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::bench::Bench;
use super::nql_proxy::inventory;
use super::simulate::{Simulate, TOKEN};
use super::tools;
use crate::process::{self, last_lines};

/// Every run is the same run: what it finds is found again.
const SEED: &str = "7";
/// One service: what its spec is, and what lets a request in.
struct Subject {
    spec: PathBuf,
    /// The module in `contract/` that says which failures are excused.
    hooks: &'static str,
    headers: Vec<String>,
    /// With the seed, the failures that are excused turn up among so many examples.
    examples: &'static str,
    /// Fewer cases than these have tested nothing.
    cases: u64,
}

/// Nexthink's published spec.
pub(super) fn ask(bench: &Bench) -> anyhow::Result<String> {
    let simulator = Simulate::start(bench, &json!([]), &[])?;
    let subject = Subject {
        spec: bench.published(),
        hooks: "schemathesis_hooks",
        headers: vec![format!("Authorization: Bearer {TOKEN}")],
        examples: "600",
        cases: 600,
    };
    let done = ask_of(bench, &simulator, &subject)?;
    let received = simulator.count("deletion_requests")?;
    Ok(format!("{done}; {received} deletion requests"))
}

/// Nexthink's published spec of exports.
pub(super) fn ask_nql(bench: &Bench) -> anyhow::Result<String> {
    let inventory = inventory(bench)?;
    let simulator = Simulate::start(bench, &json!([]), &["--inventory", &inventory])?;
    let subject = Subject {
        spec: bench.published_nql(),
        hooks: "schemathesis_nql_hooks",
        headers: vec![format!("Authorization: Bearer {TOKEN}")],
        examples: "200",
        cases: 300,
    };
    let done = ask_of(bench, &simulator, &subject)?;
    let reads = simulator.count("reads")?;
    Ok(format!("{done}; {reads} requests about exports"))
}

/// The spec that we have written of Ubidots.
pub(super) fn ask_ubidots(bench: &Bench) -> anyhow::Result<String> {
    let simulator = Simulate::start(bench, &json!([]), &[])?;
    // Some to be read, and to be deleted under its hands.
    simulator.devices_send_data("device", 50)?;
    let subject = Subject {
        spec: bench.written(),
        hooks: "schemathesis_ubidots_hooks",
        headers: vec![
            format!("X-Auth-Token: {TOKEN}"),
            "x-ubidots-apikey: contract-key".to_owned(),
        ],
        examples: "100",
        cases: 1_000,
    };
    let done = ask_of(bench, &simulator, &subject)?;
    let [deletions, reads] = ["deletion_requests", "reads"].map(|what| simulator.count(what));
    Ok(format!("{done}; {} deletion requests, {} reads", deletions?, reads?))
}

fn ask_of(bench: &Bench, simulator: &Simulate, subject: &Subject) -> anyhow::Result<String> {
    let python = tools::python(bench)?;
    let report = bench.work.join("report.json");
    let ended = process::run(
        "schemathesis",
        Command::new(python)
            .args(["-m", "schemathesis.cli", "run"])
            .arg(&subject.spec)
            .args(["--url", &simulator.url])
            .args(subject.headers.iter().flat_map(|header| ["--header", header]))
            .args(["--checks", "all", "--mode", "all", "--continue-on-failure"])
            .args([
                "--seed",
                SEED,
                "--max-examples",
                subject.examples,
                "--generation-database",
                "none",
            ])
            .args(["--report", "json", "--report-json-path"])
            .arg(&report)
            .env("SCHEMATHESIS_HOOKS", subject.hooks)
            .env("PYTHONPATH", OsString::from(bench.root.join("contract")))
            .current_dir(&bench.work),
    )?;
    fs::write(bench.work.join("schemathesis.log"), &ended.stdout)?;
    if ended.code != Some(0) {
        // Each failure with the request that shows it; where it failed otherwise, its last words.
        match ended.stdout.split_once("= FAILURES =") {
            Some((_, failures)) => bail!("{}", failures.lines().take(40).collect::<Vec<_>>().join("\n")),
            None => bail!("{}", last_lines(&format!("{}\n{}", ended.stdout, ended.stderr))),
        }
    }
    let report: Value = serde_json::from_str(&fs::read_to_string(&report)?)?;
    let number = |path: &str| report.pointer(path).and_then(Value::as_u64);
    let cases = number("/test_cases/generated").context("the report counts no cases")?;
    let excused = number("/filtered").context("the report counts no excused failures")?;
    // An exit code of 0 alone could be that of a run that tested nothing.
    ensure!(
        cases >= subject.cases,
        "{cases} cases are too few to have tested anything"
    );
    ensure!(
        excused > 0,
        "no failure was excused any more: contract/{}.py is not loaded, or not needed",
        subject.hooks
    );
    Ok(format!("{cases} cases, all checks, 0 failures, {excused} excused"))
}
