//! The simulator as a server in a process of its own: `fleetpurge simulate`.

use std::fs;
use std::process::Command;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use ureq::Agent;

use super::bench::Bench;
use crate::process::Background;

/// The token, of either service, that it accepts beside those it issues.
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

    /// Puts so many devices into the account of Ubidots, each by what it sends: `prefix-0` and so on, with the variable
    /// `t`.
    pub(super) fn devices_send_data(&self, prefix: &str, count: usize) -> anyhow::Result<()> {
        for number in 0..count {
            let url = format!("{}/api/v1.6/devices/{prefix}-{number}", self.url);
            let data = json!({"t": [number, {"value": 2.5, "context": {"from": "the field"}}]});
            let status = post(&url, &[], &data)?;
            ensure!(status == 200, "the simulator takes no data: {status}");
        }
        Ok(())
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
    let mut reply = agent()
        .get(url)
        .call()
        .with_context(|| format!("{url} cannot be had"))?;
    Ok(reply.body_mut().read_to_string()?)
}

/// Sends JSON to a URL of this machine, with a token of Ubidots and these headers; the status of the reply.
pub(super) fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> anyhow::Result<u16> {
    let request = agent()
        .post(url)
        .header("x-auth-token", TOKEN)
        .content_type("application/json");
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value));
    let reply = request.send(body.to_string());
    Ok(reply.with_context(|| format!("{url} cannot be had"))?.status().as_u16())
}

fn agent() -> Agent {
    Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .into()
}
