//! The command between a list of devices and the service, through Prism.

use std::fs;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::bench::Bench;
use super::prism::Prism;
use super::simulate::Simulate;

/// Plans and applies with the command, through Prism.
pub(super) struct Run<'a> {
    bench: &'a Bench,
    prism: &'a Prism,
    /// What `plan` and `apply` are told beside what every run is told.
    plan: Vec<String>,
    apply: Vec<String>,
}

impl<'a> Run<'a> {
    pub(super) fn of_nexthink(bench: &'a Bench, prism: &'a Prism, simulator: &Simulate) -> Self {
        // Prism answers for the paths of its spec alone.
        let token_url = vec!["--token-url".to_owned(), simulator.token_url()];
        Self {
            bench,
            prism,
            // Also lists of which every UID is malformed: what the service says of them is asked here.
            plan: [
                token_url.clone(),
                vec!["--uid-validation".to_owned(), "permissive".to_owned()],
            ]
            .concat(),
            apply: token_url,
        }
    }

    pub(super) fn of_ubidots(bench: &'a Bench, prism: &'a Prism) -> Self {
        Self {
            bench,
            prism,
            plan: vec!["--service".to_owned(), "ubidots".to_owned()],
            apply: Vec::new(),
        }
    }

    /// The command, given a list of so many devices as CSV, ends with this exit code, and counts these outcomes and no
    /// others.
    pub(super) fn apply(
        &self,
        name: &str,
        csv: &str,
        devices: usize,
        pace: &[&str],
        exit: i32,
        expected: &[(&str, u64)],
    ) -> anyhow::Result<()> {
        let applied = self.try_apply(name, csv, devices, pace, exit, expected);
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
        csv: &str,
        devices: usize,
        pace: &[&str],
        exit: i32,
        expected: &[(&str, u64)],
    ) -> anyhow::Result<()> {
        let (input, plan) = (format!("{name}.csv"), format!("{name}.plan"));
        fs::write(self.bench.work.join(&input), csv)?;
        let base_url = &self.prism.url;
        let mut arguments = vec!["plan", &input, "--out", &plan, "--base-url", base_url];
        arguments.extend(self.plan.iter().map(String::as_str));
        self.bench.run_to(0, &arguments)?;
        let tenant = base_url.trim_start_matches("http://");
        let confirm = format!("{tenant}/{devices}");
        let mut arguments = vec!["apply", &plan, "--confirm", &confirm];
        arguments.extend(self.apply.iter().map(String::as_str));
        arguments.extend(pace);
        self.bench.run_to(exit, &arguments)?;
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
