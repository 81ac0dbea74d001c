//! Where a question is asked: our own programs, freshly built, and a folder for what they leave.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::process::{self, Ended};

/// What all questions need.
pub(super) struct Bench {
    /// The workspace.
    pub(super) root: PathBuf,
    /// What is installed, and kept from run to run.
    pub(super) cache: PathBuf,
    /// An empty folder; what was left in it is there to be read until the next run.
    pub(super) work: PathBuf,
    /// The command.
    pub(super) fleetpurge: PathBuf,
    /// The facade of Nexthink behind the protocol of contract/PROTOCOL.md.
    pub(super) facade: PathBuf,
    /// The facade of Ubidots likewise.
    pub(super) ubidots_facade: PathBuf,
}

impl Bench {
    pub(super) fn new(root: &Path) -> anyhow::Result<Self> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let cache = target.join("contract");
        let [fleetpurge, facade, ubidots_facade] = build(root)?;
        Ok(Self {
            root: root.to_owned(),
            work: cache.join("work"),
            cache,
            fleetpurge,
            facade,
            ubidots_facade,
        })
    }

    /// The same with an empty folder for one question.
    pub(super) fn of(&self, question: &str) -> anyhow::Result<Self> {
        let work = self.cache.join("work").join(question);
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work).with_context(|| format!("{} cannot be made", work.display()))?;
        Ok(Self {
            root: self.root.clone(),
            cache: self.cache.clone(),
            work,
            fleetpurge: self.fleetpurge.clone(),
            facade: self.facade.clone(),
            ubidots_facade: self.ubidots_facade.clone(),
        })
    }

    /// A file of the source tree's `contract/`.
    pub(super) fn script(&self, name: &str) -> PathBuf {
        self.root.join("contract").join(name)
    }

    /// Nexthink's spec as the vendor publishes it.
    pub(super) fn published(&self) -> PathBuf {
        self.root.join("openapi/data-management.json")
    }

    /// Nexthink's spec of NQL exports, merged from the documents that the vendor publishes.
    pub(super) fn published_nql(&self) -> PathBuf {
        self.root.join("openapi/nql.json")
    }

    /// Ubidots' spec as we have written it.
    pub(super) fn written(&self) -> PathBuf {
        self.root.join("openapi/ubidots-devices.json")
    }

    /// Runs the command in the work folder.
    pub(super) fn run(&self, arguments: &[&str]) -> anyhow::Result<Ended> {
        process::run(
            "fleetpurge",
            Command::new(&self.fleetpurge)
                .args(arguments)
                .current_dir(&self.work)
                .env("NEXTHINK_CLIENT_ID", "contract-id")
                .env("NEXTHINK_CLIENT_SECRET", "contract-secret")
                .env("UBIDOTS_API_KEY", "contract-key"),
        )
    }

    /// Runs the command, which is to end with this exit code.
    pub(super) fn run_to(&self, code: i32, arguments: &[&str]) -> anyhow::Result<Ended> {
        let ended = self.run(arguments)?;
        if ended.code != Some(code) {
            bail!(
                "`fleetpurge {}` ended with {:?} instead of {code}: {}",
                arguments.join(" "),
                ended.code,
                process::last_lines(&ended.stderr)
            );
        }
        Ok(ended)
    }
}

/// The command and the drivers, built as cargo would for a test.
fn build(root: &Path) -> anyhow::Result<[PathBuf; 3]> {
    let output = process::cargo()
        .args(["build", "--quiet", "--message-format=json-render-diagnostics"])
        // Of the whole workspace, with the features that its tests are built with.
        .args(["--workspace", "--bin", "fleetpurge"])
        .args(["--example", "facade_driver", "--example", "ubidots_driver"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        bail!("the command and the facades' drivers do not build");
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    let executable = |name: &str| {
        stdout
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find(|message| message["target"]["name"] == name && message["executable"].is_string())
            .and_then(|message| message["executable"].as_str().map(PathBuf::from))
            .with_context(|| format!("cargo has not said where it built {name}"))
    };
    Ok([
        executable("fleetpurge")?,
        executable("facade_driver")?,
        executable("ubidots_driver")?,
    ])
}
