//! Where it is measured: our own programs in their release build, the tools of others, and a folder for what they leave.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::{process, tools};

/// What all rows need.
pub(super) struct Ground {
    pub(super) root: PathBuf,
    /// `target/bench`.
    pub(super) folder: PathBuf,
    pub(super) fleetpurge: PathBuf,
    /// The lean service and the contenders that are ours.
    pub(super) bench: PathBuf,
    /// The ledger's example, which writes records and sends nothing.
    pub(super) speed: PathBuf,
    /// The load generator, or why it is missing.
    pub(super) oha: Result<PathBuf, String>,
    /// Python with the clients of others, or why it is missing.
    pub(super) python: Result<PathBuf, String>,
}

impl Ground {
    /// With tools that are installed where `installs`; else with those that are there.
    pub(super) fn new(root: &Path, installs: bool) -> anyhow::Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let folder = target.join("bench");
        let work = folder.join("work");
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work).with_context(|| format!("{} cannot be made", work.display()))?;
        build(root)?;
        let missing = |error: anyhow::Error| format!("{error:#}");
        let python = if installs {
            let requirements = root.join("xtask/src/bench/python/requirements.txt");
            tools::python(&folder.join("python"), &requirements).map_err(missing)
        } else {
            Err("the Python clients are not asked for".to_owned())
        };
        Ok(Self {
            root: root.to_owned(),
            fleetpurge: target.join("release").join("fleetpurge"),
            bench: target.join("release").join("fleetpurge-bench"),
            speed: target.join("release/examples/speed"),
            oha: oha(&folder, installs).map_err(missing),
            python,
            folder,
        })
    }

    /// A file that is left for a person to look at until the next run.
    pub(super) fn work(&self, name: &str) -> PathBuf {
        self.folder.join("work").join(name)
    }

    pub(super) fn script(&self, name: &str) -> PathBuf {
        self.root.join("xtask/src/bench/python").join(name)
    }

    /// A command of ours.
    pub(super) fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.bench);
        command.args(arguments);
        command
    }
}

fn build(root: &Path) -> anyhow::Result<()> {
    let status = process::cargo()
        .args([
            "build",
            "--release",
            "--quiet",
            "-p",
            "fleetpurge",
            "-p",
            "fleetpurge-bench",
            "-p",
            "fleetpurge-ledger",
            "--bins",
            "--example",
            "speed",
        ])
        .current_dir(root)
        .stdin(Stdio::null())
        .status()
        .context("cargo cannot be started")?;
    if !status.success() {
        bail!("the command and the contenders do not build");
    }
    Ok(())
}

/// The version that the figures in BENCHMARKS.md were measured with.
const OHA: &str = "1.16.0";

/// The one on the PATH, or one that was or is installed here.
fn oha(folder: &Path, installs: bool) -> anyhow::Result<PathBuf> {
    let runs = |program: &Path| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let anywhere = PathBuf::from("oha");
    if runs(&anywhere) {
        return Ok(anywhere);
    }
    let own = folder.join("oha");
    if !installs && !runs(&own.join("bin").join("oha")) {
        bail!("oha is not installed; a run without --quick installs it");
    }
    tools::cargo(&own, "oha", OHA)
}
