//! Does what the command and the simulator say to each other satisfy the published spec?
//!
//! Prism stands between the two with the published spec, untouched. A second one, with the copy of `spec.rs`, sees the
//! one thing that the page allows and the spec's `format: uuid` does not: malformed UIDs. In the end both sides are
//! made to break the spec, so that a Prism that notices nothing is noticed.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::bench::Bench;
use super::fleet::{Device, csv, devices, odd_names};
use super::prism::Prism;
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
    let run = Run::new(bench, &prism, &simulator);
    run.apply("whole", &whole, &["--rate", RATE], 0, &[("scheduled", FLEET as u64)])?;
    let tokens = simulator.count("token_requests")?;
    ensure!(tokens > 1, "no token was renewed in a run of {FLEET} devices");
    for row in &rows {
        run.apply(row.fleet, &fleet(row), &[], row.exit, row.expected)?;
    }
    let requests = simulator.count("deletion_requests")?;
    clean(&prism, requests)?;

    let lenient = Prism::proxy(bench, &spec::with_any_uid(bench)?, &simulator.url)?;
    let run_of_malformed = Run::new(bench, &lenient, &simulator);
    let mut mixed = devices("mixed", 20_000, 1_000);
    for (at, device) in mixed.iter_mut().enumerate().step_by(10) {
        device.0 = format!("no uuid {at}");
    }
    let expected = [("scheduled", 900), ("invalid", 100)];
    run_of_malformed.apply("mixed", &mixed, &[], 3, &expected)?;
    let of_malformed = simulator.count("deletion_requests")? - requests;
    clean(&lenient, of_malformed)?;

    control(&run, &prism)?;
    Ok(format!(
        "{requests} requests and their replies against the published spec, {tokens} tokens, {} kinds of error; \
         {of_malformed} more with malformed UIDs against it without `format: uuid`; 0 violations",
        rows.len()
    ))
}

/// Prism has seen all the traffic, and nothing in it that the spec does not allow.
fn clean(prism: &Prism, requests: u64) -> anyhow::Result<()> {
    let said = prism.said()?;
    ensure!(
        said.violations.is_empty(),
        "Prism has found {} violation(s), the first: {}",
        said.violations.len(),
        said.violations[0]
    );
    ensure!(
        said.requests == requests && said.replies == requests,
        "Prism has seen {} requests and {} replies of {requests}",
        said.requests,
        said.replies
    );
    Ok(())
}

/// A request and a reply that break the spec: Prism notices both.
fn control(run: &Run<'_>, prism: &Prism) -> anyhow::Result<()> {
    let malformed = [("no uuid".to_owned(), "control".to_owned())];
    run.apply("control-request", &malformed, &[], 5, &[("pending", 1)])?;
    let said = prism.said()?;
    ensure!(
        said.violations.len() == 1 && said.replies == 0,
        "Prism has let a malformed UID pass: {:?}",
        said.violations
    );
    run.apply("control-reply", &devices("new-word", 1, 1), &[], 4, &[("unknown", 1)])?;
    let said = prism.said()?;
    ensure!(
        said.violations.len() == 1 && said.replies == 1,
        "Prism has let a status pass that is not in the spec: {:?}",
        said.violations
    );
    Ok(())
}

/// Plans and applies with the command, through Prism.
struct Run<'a> {
    bench: &'a Bench,
    prism: &'a Prism,
    token_url: String,
}

impl<'a> Run<'a> {
    fn new(bench: &'a Bench, prism: &'a Prism, simulator: &Simulate) -> Self {
        Self {
            bench,
            prism,
            // Prism answers for the paths of its spec alone.
            token_url: simulator.token_url(),
        }
    }

    /// The command ends with this exit code, and counts these outcomes and no others.
    fn apply(
        &self,
        name: &str,
        devices: &[Device],
        pace: &[&str],
        exit: i32,
        expected: &[(&str, u64)],
    ) -> anyhow::Result<()> {
        let applied = self.try_apply(name, devices, pace, exit, expected);
        if applied.is_err()
            && let Ok(said) = self.prism.said()
            && let Some(cause) = said.violations.first()
        {
            return applied.context(format!("the run `{name}`, in which Prism found a violation: {cause}"));
        }
        applied.with_context(|| format!("the run `{name}`"))
    }

    fn try_apply(
        &self,
        name: &str,
        devices: &[Device],
        pace: &[&str],
        exit: i32,
        expected: &[(&str, u64)],
    ) -> anyhow::Result<()> {
        let (input, plan) = (format!("{name}.csv"), format!("{name}.plan"));
        fs::write(Path::new(&self.bench.work).join(&input), csv(devices))?;
        let base_url = &self.prism.url;
        let to = ["--base-url", base_url, "--token-url", &self.token_url];
        self.bench
            .run_to(0, &[&["plan", &input, "--out", &plan][..], &to].concat())?;
        let tenant = base_url.trim_start_matches("http://");
        let confirm = format!("{tenant}/{}", devices.len());
        let apply = ["apply", &plan, "--confirm", &confirm, "--token-url", &self.token_url];
        self.bench.run_to(exit, &[&apply[..], pace].concat())?;
        let status = self.bench.run_to(0, &["status", &plan, "--format", "json"])?;
        let status: Value = serde_json::from_str(&status.stdout)?;
        for outcome in [
            "scheduled",
            "invalid",
            "failed",
            "rejected",
            "unknown",
            "pending",
            "skipped",
        ] {
            let count = expected
                .iter()
                .find(|(name, _)| *name == outcome)
                .map_or(0, |found| found.1);
            ensure!(status[outcome] == count, "{count} should be {outcome}: {status}");
        }
        Ok(())
    }
}
