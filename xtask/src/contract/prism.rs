//! A running Prism, and what it has to say of the traffic.

use std::cell::Cell;
use std::fmt::Display;
use std::path::Path;

use anyhow::{Context, ensure};

use super::bench::Bench;
use super::simulate::get;
use super::tools;
use crate::process::Background;

pub(super) struct Prism {
    pub(super) url: String,
    process: Background,
    marks: Cell<u32>,
}

/// What Prism logged of some traffic.
#[derive(Default)]
pub(super) struct Said {
    /// The requests it received.
    pub(super) requests: u64,
    /// The replies it received from upstream.
    pub(super) replies: u64,
    /// Every line that is an error or a warning.
    pub(super) violations: Vec<String>,
    /// Those among them with which it refused a request or withheld a reply.
    pub(super) refusals: Vec<String>,
}

/// What does not satisfy the spec.
#[derive(Clone, Copy)]
pub(super) enum Breach {
    Request,
    Reply,
}

impl Prism {
    /// Between a client and a server. What violates the spec is answered with an error, and not passed on.
    pub(super) fn proxy(bench: &Bench, spec: &Path, upstream: &str) -> anyhow::Result<Self> {
        Self::start(bench, "prism-proxy", &["proxy", "--errors"], spec, &[upstream])
    }

    /// In the server's place, with replies made up from the spec.
    pub(super) fn mock(bench: &Bench, spec: &Path, name: &'static str, arguments: &[&str]) -> anyhow::Result<Self> {
        Self::start(bench, name, &["mock", "--errors"], spec, arguments)
    }

    fn start(
        bench: &Bench,
        name: &'static str,
        mode: &[&str],
        spec: &Path,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let mut command = tools::prism(bench)?;
        command.args(mode).args(["--port", "0"]).arg(spec).args(arguments);
        let log = spec.file_stem().unwrap_or_default().to_string_lossy();
        let log = bench.work.join(format!("{name}-{log}.log"));
        let process = Background::start(name, &mut command, &log)?;
        let url = process
            .lines_until(|line| line.contains("Prism is listening on "))
            .with_context(|| format!("Prism has not started; {} says why", log.display()))?
            .last()
            .and_then(|line| Some(line.rsplit_once("listening on ")?.1.trim().to_owned()))
            .context("Prism has not said where it listens")?;
        ensure!(url.starts_with("http://127.0.0.1:"), "Prism listens at {url}");
        Ok(Self {
            url,
            process,
            marks: Cell::new(0),
        })
    }

    /// It has seen all of so many requests and their replies, and nothing in them that the spec does not allow.
    pub(super) fn found_nothing_in(&self, requests: u64) -> anyhow::Result<()> {
        let said = self.said()?;
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

    /// It has noticed this one thing that the spec does not allow, and nothing else: a Prism that notices nothing is
    /// noticed by it.
    pub(super) fn noticed(&self, breach: Breach, what: impl Display) -> anyhow::Result<()> {
        let said = self.said()?;
        let replies = match breach {
            // It is answered at once, and not passed on.
            Breach::Request => 0,
            Breach::Reply => 1,
        };
        ensure!(
            said.violations.len() == 1 && said.replies == replies,
            "Prism has let {what} pass: {:?}",
            said.violations
        );
        Ok(())
    }

    /// What it has logged since it was last asked.
    pub(super) fn said(&self) -> anyhow::Result<Said> {
        // Its log comes through a pipe, later than its replies. A request for a path of ours is a mark in it: once
        // Prism has refused that, it has said everything that went before.
        let mark = format!("/contract-mark-{}", self.marks.get());
        self.marks.set(self.marks.get() + 1);
        get(&format!("{}{mark}", self.url))?;
        let lines = self
            .process
            .lines_until(|line| line.contains(&mark) && line.contains("terminated"))?;
        let mut said = Said::default();
        for line in lines.into_iter().filter(|line| !line.contains(&mark)) {
            said.requests += u64::from(line.contains("Request received"));
            said.replies += u64::from(line.contains("Received forward response"));
            let is_bad = |word: &str| matches!(word, "error" | "warning" | "warn" | "fatal");
            if line.contains("terminated") {
                said.refusals.push(line.clone());
            }
            if line.split_whitespace().any(is_bad) {
                said.violations.push(line);
            }
        }
        Ok(said)
    }
}
