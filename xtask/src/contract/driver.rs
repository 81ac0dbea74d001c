//! A client in a process of its own, spoken to as contract/PROTOCOL.md has it.

use std::process::Command;

use anyhow::Context;
use serde_json::{Value, json};

use super::bench::Bench;
use super::fleet::Device;
use super::tools;
use crate::process::Background;

pub(super) struct Driver(Background);

impl Driver {
    /// The package nexthink-api, whose requests all go to `url`.
    pub(super) fn of_nexthink_api(bench: &Bench, url: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(tools::python(bench)?);
        command.arg(bench.script("nexthink_api_driver.py")).arg(url);
        Self::start("the nexthink-api driver", &mut command, bench)
    }

    /// Our facade of Ubidots with an API key.
    pub(super) fn of_ubidots(bench: &Bench, url: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(&bench.ubidots_facade);
        Self::start("the driver of the Ubidots facade", command.arg(url), bench)
    }

    /// Our facade with client credentials.
    pub(super) fn of_facade(bench: &Bench, url: &str) -> anyhow::Result<Self> {
        Self::start("the facade's driver", Command::new(&bench.facade).arg(url), bench)
    }

    /// Our facade with a token, where there is no token endpoint.
    pub(super) fn of_facade_with_token(bench: &Bench, url: &str, token: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(&bench.facade);
        Self::start(
            "the facade's driver",
            command.arg(url).env("DRIVER_TOKEN", token),
            bench,
        )
    }

    fn start(name: &'static str, command: &mut Command, bench: &Bench) -> anyhow::Result<Self> {
        let log = bench.work.join(format!("{}.log", name.replace(['\'', ' '], "-")));
        Background::start(name, command, &log).map(Self)
    }

    /// Has the client ask for the deletion of these devices, and hears what it made of the reply.
    pub(super) fn delete(&mut self, devices: &[Device], request_id: Option<&str>) -> anyhow::Result<Value> {
        self.ask(&json!({ "devices": devices, "request_id": request_id }))
    }

    /// Has the client do what is asked, and hears what it made of the reply.
    pub(super) fn ask(&mut self, asked: &Value) -> anyhow::Result<Value> {
        let Self(process) = self;
        process.tell(&asked.to_string())?;
        let line = process.line().with_context(|| format!("no answer to {asked}"))?;
        serde_json::from_str(&line).with_context(|| format!("the answer is no JSON: {line}"))
    }
}
