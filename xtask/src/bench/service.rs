//! The lean service, a process of its own.

use std::path::PathBuf;

use anyhow::Context;
use serde::Deserialize;

use super::ground::Ground;
use super::regime::Regime;
use crate::process::Background;

pub(super) struct Service {
    _process: Background,
    pub(super) url: String,
    /// What to trust, where it speaks TLS.
    pub(super) certificate: Option<PathBuf>,
    plain: String,
}

/// What has come in since it was last asked.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Counts {
    pub(super) deletions: u64,
    pub(super) refused: u64,
    pub(super) devices: u64,
    /// When the first deletion came and the last was answered, in seconds since 1970.
    pub(super) first: Option<f64>,
    pub(super) last: Option<f64>,
}

impl Counts {
    /// From the first request to the last reply: the same measure for everything that sends.
    pub(super) fn sending(&self) -> f64 {
        self.last.zip(self.first).map_or(f64::NAN, |(last, first)| last - first)
    }
}

impl Service {
    pub(super) fn start(ground: &Ground, regime: &Regime) -> anyhow::Result<Self> {
        let certificate = regime.tls.then(|| ground.work("certificate.pem"));
        let mut command = ground.bench(&["service", "--delay", &regime.delay.to_string()]);
        command.args(&regime.service);
        if let Some(file) = &certificate {
            command.arg("--tls").arg(file);
        }
        let process = Background::start("the lean service", &mut command, &ground.work("service.log"))?;
        let port = |line: String| {
            let port: u16 = line.trim().parse()?;
            anyhow::Ok(port)
        };
        let counts = port(process.line()?)?;
        let own = port(process.line()?)?;
        let scheme = if regime.tls { "https" } else { "http" };
        Ok(Self {
            _process: process,
            url: format!("{scheme}://127.0.0.1:{own}"),
            certificate,
            plain: format!("http://127.0.0.1:{counts}/counts"),
        })
    }

    /// What has come in since this was last called.
    pub(super) fn counts(&self) -> anyhow::Result<Counts> {
        let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
        let text = agent.get(&self.plain).call()?.body_mut().read_to_string()?;
        serde_json::from_str(&text).with_context(|| format!("the service counts {text:?}"))
    }
}
