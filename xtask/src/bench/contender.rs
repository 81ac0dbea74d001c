//! Who sends, and how each is started.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

use super::ground::Ground;
use super::regime::{Api, Regime};
use super::service::Service;
use crate::process;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Contender {
    /// A load generator: the limit of what the machine can send.
    Oha,
    /// `reqwest` with one body.
    Canned,
    /// The generated client in a bare loop.
    Generated,
    /// The facade, without a journal.
    Facade,
    /// `fleetpurge apply`, with its ledger.
    Apply,
    /// A session of `requests`.
    Requests,
    /// A session of `aiohttp`.
    Aiohttp,
    /// The package `nexthink-api`.
    NexthinkApi,
}

impl Contender {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Oha => "oha",
            Self::Canned => "canned reqwest",
            Self::Generated => "generated client",
            Self::Facade => "facade",
            Self::Apply => "fleetpurge apply",
            Self::Requests => "requests",
            Self::Aiohttp => "aiohttp",
            Self::NexthinkApi => "nexthink-api",
        }
    }

    /// The slow ones send fewer requests, so that a round ends: what is compared is a rate.
    fn requests(self, regime: &Regime) -> u64 {
        match self {
            Self::Requests | Self::NexthinkApi => regime.requests.min(if regime.delay == 0 { 500 } else { 200 }),
            Self::Aiohttp => regime.requests.min(3_000),
            _ => regime.requests,
        }
    }

    /// Why it cannot be measured here, if it cannot.
    pub(super) fn missing(self, ground: &Ground) -> Option<&str> {
        match self {
            Self::Oha => ground.oha.as_ref().err().map(String::as_str),
            Self::Requests | Self::Aiohttp | Self::NexthinkApi => ground.python.as_ref().err().map(String::as_str),
            _ => None,
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a process has cost.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Cost {
    code: Option<i32>,
    /// From its start to its end.
    pub(super) seconds: f64,
    user: f64,
    system: f64,
    pub(super) peak_mb: f64,
}

impl Cost {
    pub(super) fn cpu(&self) -> f64 {
        self.user + self.system
    }
}

/// One contender's part in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) requests: f64,
    pub(super) devices: f64,
    pub(super) refused: f64,
    /// From the first request to the last reply, as the service saw it.
    pub(super) sending: f64,
    pub(super) cost: Cost,
}

impl Round {
    pub(super) fn requests_per_second(&self) -> f64 {
        self.requests / self.sending
    }

    pub(super) fn devices_per_second(&self) -> f64 {
        self.devices / self.sending
    }

    pub(super) fn cpu_per_million(&self) -> f64 {
        self.cost.cpu() / self.devices * 1e6
    }
}

/// A plan for one service, of which each round applies a copy.
#[derive(Debug)]
pub(super) struct Plan {
    file: PathBuf,
    tenant: String,
    devices: u64,
    /// What planning it has cost.
    pub(super) cost: Cost,
}

impl Plan {
    pub(super) fn make(ground: &Ground, regime: &Regime, url: &str, number: usize) -> anyhow::Result<Self> {
        let devices = regime.devices();
        let list = list(ground, regime.api, devices)?;
        let file = ground.work(&format!("{number}.plan"));
        remove(&file)?;
        let mut command = Command::new(&ground.fleetpurge);
        command.args(["plan", "--service", regime.api.as_str(), "--base-url", url]);
        command.args(["--max-devices", &devices.to_string(), "--out"]);
        command.arg(&file).arg(list);
        Ok(Self {
            cost: measure(ground, "plan", &command)?,
            tenant: url.split_once("://").map_or(url, |(_, host)| host).to_owned(),
            devices,
            file,
        })
    }

    /// A fresh copy, which nobody has applied yet.
    pub(super) fn copy(&self) -> anyhow::Result<PathBuf> {
        let copy = self.file.with_extension("applied");
        remove(&copy)?;
        fs::copy(&self.file, &copy)?;
        Ok(copy)
    }

    /// The command that applies a copy of it, of which so many devices are sent already.
    pub(super) fn apply(&self, ground: &Ground, copy: &Path, in_flight: u64, sent: u64) -> Command {
        let left = format!("{}/{}", self.tenant, self.devices - sent);
        self.apply_confirmed(ground, copy, in_flight, &left)
    }

    /// The command that applies the first devices of it.
    pub(super) fn apply_first(&self, ground: &Ground, copy: &Path, in_flight: u64, first: u64) -> Command {
        let confirm = format!("{}/{first}", self.tenant);
        let mut command = self.apply_confirmed(ground, copy, in_flight, &confirm);
        command.args(["--limit", &first.to_string()]);
        command
    }

    fn apply_confirmed(&self, ground: &Ground, copy: &Path, in_flight: u64, confirm: &str) -> Command {
        let mut command = Command::new(&ground.fleetpurge);
        command.arg("apply").arg(copy).args(["--confirm", confirm]);
        command.args(["--concurrency", &in_flight.to_string()]);
        command.env("NEXTHINK_TOKEN", "bench").env("UBIDOTS_TOKEN", "bench");
        command
    }
}

/// With what lies beside a plan.
fn remove(plan: &Path) -> anyhow::Result<()> {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let mut name = plan.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// A list of so many devices. One that is there already is the same.
pub(super) fn list(ground: &Ground, api: Api, devices: u64) -> anyhow::Result<PathBuf> {
    let file = ground.work(&format!("{}-{devices}.csv", api.as_str()));
    if !file.exists() {
        let mut command = ground.bench(&["devices", "--service", api.as_str(), &devices.to_string()]);
        let ended = process::run("fleetpurge-bench devices", command.arg(&file))?;
        ensure!(ended.code == Some(0), "no list of devices: {}", ended.stderr);
    }
    Ok(file)
}

/// Runs one contender once.
pub(super) fn round(
    ground: &Ground,
    contender: Contender,
    regime: &Regime,
    service: &Service,
    plan: Option<&Plan>,
) -> anyhow::Result<Round> {
    let requests = contender.requests(regime);
    let command = match contender {
        Contender::Apply => {
            let plan = plan.context("there is no plan to apply")?;
            plan.apply(ground, &plan.copy()?, regime.in_flight, 0)
        }
        Contender::Oha => oha(ground, regime, service)?,
        Contender::Canned => ours(ground, "canned", regime, service),
        Contender::Generated => ours(ground, "generated", regime, service),
        Contender::Facade => ours(ground, "facade", regime, service),
        Contender::Requests => python(ground, "requests_loop.py", requests, regime, service)?,
        Contender::Aiohttp => python(ground, "aiohttp_loop.py", requests, regime, service)?,
        Contender::NexthinkApi => python(ground, "nexthink_api_loop.py", requests, regime, service)?,
    };
    let mut command = command;
    if let Some(certificate) = &service.certificate {
        command.env("SSL_CERT_FILE", certificate);
    }
    service.counts()?;
    // A service that refuses, or counts only a part, is not one for which all has to succeed.
    let is_plain = regime.service.is_empty();
    let cost = if is_plain {
        measure(ground, contender.name(), &command)?
    } else {
        measure_any(ground, contender.name(), &command)?
    };
    let counts = service.counts()?;
    ensure!(
        counts.deletions >= requests || !is_plain,
        "{contender} has sent {} requests of {requests}",
        counts.deletions
    );
    Ok(Round {
        requests: float(counts.deletions - counts.refused),
        devices: float(counts.devices),
        refused: float(counts.refused),
        sending: counts.sending(),
        cost,
    })
}

/// Counts here are far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "they are far below 2^53")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// Runs a program by the small launcher, and says what it has cost. It has to succeed.
pub(super) fn measure(ground: &Ground, name: &str, program: &Command) -> anyhow::Result<Cost> {
    let cost = measure_any(ground, name, program)?;
    let told = || fs::read_to_string(ground.work("output")).unwrap_or_default();
    ensure!(
        cost.code == Some(0),
        "{name} ended with {:?}: {}",
        cost.code,
        process::last_lines(&told())
    );
    Ok(cost)
}

/// The same, however the program ends.
pub(super) fn measure_any(ground: &Ground, name: &str, program: &Command) -> anyhow::Result<Cost> {
    let output = ground.work("output");
    let mut command = ground.bench(&["measure", "--output"]);
    command
        .arg(&output)
        .arg("--")
        .arg(program.get_program())
        .args(program.get_args());
    let mut environment = Vec::new();
    for (key, value) in program.get_envs() {
        environment.push((key.to_owned(), value.map(std::ffi::OsStr::to_owned)));
    }
    // `process::run` takes the developer's own tokens away.
    let line = process::run_with(name, &mut command, |command| {
        for (key, value) in environment {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
    })?;
    serde_json::from_str(line.stdout.trim())
        .with_context(|| format!("{name} cannot be measured: {}{}", line.stdout, line.stderr))
}

fn ours(ground: &Ground, contender: &str, regime: &Regime, service: &Service) -> Command {
    let mut command = ground.bench(&[
        "send",
        contender,
        "--service",
        regime.api.as_str(),
        "--url",
        &service.url,
    ]);
    command.args(["--requests", &regime.requests.to_string()]);
    command.args(["--concurrency", &regime.in_flight.to_string()]);
    if let Some(certificate) = &service.certificate {
        command.arg("--ca").arg(certificate);
    }
    command
}

/// The body that a contender sends which cannot make one.
fn body(ground: &Ground, api: Api) -> anyhow::Result<PathBuf> {
    let file = ground.work(&format!("{}.json", api.as_str()));
    if !file.exists() {
        let mut command = ground.bench(&["send", "body", "--service", api.as_str()]);
        let ended = process::run("fleetpurge-bench send body", &mut command)?;
        ensure!(ended.code == Some(0), "no body: {}", ended.stderr);
        fs::write(&file, ended.stdout)?;
    }
    Ok(file)
}

fn oha(ground: &Ground, regime: &Regime, service: &Service) -> anyhow::Result<Command> {
    let program = ground.oha.as_ref().map_err(|why| anyhow::anyhow!("{why}"))?;
    let mut command = Command::new(program);
    command.args(["--no-tui", "--output-format", "quiet", "-m", "POST"]);
    command.args(["-n", &regime.requests.to_string(), "-c", &regime.in_flight.to_string()]);
    command.arg("-D").arg(body(ground, regime.api)?);
    let (path, headers): (_, &[_]) = match regime.api {
        Api::Nexthink => (
            "/api/v1/data-management/device/deletions",
            &[
                "authorization: Bearer bench",
                "x-request-id: 6f0b2a44-6a3c-4d8e-9d6e-0d4c7d0f5a11",
            ],
        ),
        Api::Ubidots => (
            "/api/v2.0/devices/_/bulk/delete/",
            &["x-auth-token: bench", "x-bulk-operation: True"],
        ),
    };
    for header in headers
        .iter()
        .chain(&["content-type: application/json", "accept: application/json"])
    {
        command.args(["-H", header]);
    }
    if let Some(certificate) = &service.certificate {
        command.arg("--cacert").arg(certificate);
    }
    command.arg(format!("{}{path}", service.url));
    Ok(command)
}

fn python(ground: &Ground, script: &str, requests: u64, regime: &Regime, service: &Service) -> anyhow::Result<Command> {
    let program = ground.python.as_ref().map_err(|why| anyhow::anyhow!("{why}"))?;
    let mut command = Command::new(program);
    command.arg(ground.script(script)).arg(&service.url);
    // Only aiohttp sends more than one at a time; the others are used as they mostly are.
    let at_a_time = if script.starts_with("aiohttp") {
        regime.in_flight
    } else {
        1
    };
    command.args([requests.to_string(), at_a_time.to_string()]);
    command.arg(body(ground, regime.api)?);
    command.args(&service.certificate);
    Ok(command)
}
