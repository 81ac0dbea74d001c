//! The simulator as a server in a process of its own: `fleetpurge simulate`.

use std::fs;
use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};
use ureq::Agent;

use super::bench::Bench;
use super::process::Background;

/// The bearer token that it accepts beside those it issues.
pub(super) const TOKEN: &str = "contract-token";

pub(super) struct Simulate {
    pub(super) url: String,
    _process: Background,
}

impl Simulate {
    /// Starts it with these rules of a fault script, and these arguments besides.
    pub(super) fn start(bench: &Bench, rules: &Value, arguments: &[&str]) -> anyhow::Result<Self> {
        let faults = bench.work.join("faults.json");
        fs::write(&faults, json!({ "rules": rules }).to_string())?;
        let process = Background::start(
            "the simulator",
            Command::new(&bench.fleetpurge)
                .args(["simulate", "--port", "0", "--static-token", TOKEN, "--faults"])
                .arg(&faults)
                .args(arguments),
            &bench.work.join("simulator.log"),
        )?;
        Ok(Self {
            url: process.line()?,
            _process: process,
        })
    }

    pub(super) fn token_url(&self) -> String {
        format!("{}/oauth2/default/v1/token", self.url)
    }

    /// Its own account of what it has received.
    pub(super) fn counts(&self) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&get(&format!("{}/_simulator/counts", self.url))?)?)
    }

    pub(super) fn count(&self, what: &str) -> anyhow::Result<u64> {
        self.counts()?[what]
            .as_u64()
            .with_context(|| format!("the simulator does not count {what}"))
    }
}

/// The body at a URL of this machine, whatever the status.
pub(super) fn get(url: &str) -> anyhow::Result<String> {
    let agent: Agent = Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into();
    let mut reply = agent.get(url).call().with_context(|| format!("{url} cannot be had"))?;
    Ok(reply.body_mut().read_to_string()?)
}
