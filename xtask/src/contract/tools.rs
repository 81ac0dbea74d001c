//! The tools we did not write: installed by name, at the versions pinned in `contract/`, under `target/contract`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use super::bench::Bench;
use crate::tools::{self, installed, must};

/// Prism's entry, to be run by node.
const PRISM: &str = "node_modules/@stoplight/prism-cli/dist/index.js";

/// Python, with what `contract/requirements.txt` names.
pub(super) fn python(bench: &Bench) -> anyhow::Result<PathBuf> {
    tools::python(&bench.cache.join("python"), &bench.script("requirements.txt")).context(
        "schemathesis and nexthink-api cannot be installed. They need python3 (3.11 or newer, with venv and pip) and a \
         Python package index; CONTRIBUTING.md, \"Contract tests\"",
    )
}

/// A command that is Prism.
pub(super) fn prism(bench: &Bench) -> anyhow::Result<Command> {
    let folder = bench.cache.join("node");
    let mut wanted = String::new();
    for name in ["package.json", "package-lock.json"] {
        wanted += &fs::read_to_string(bench.script(name))?;
    }
    let install = || {
        fs::create_dir_all(&folder)?;
        for name in ["package.json", "package-lock.json"] {
            fs::copy(bench.script(name), folder.join(name))?;
        }
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        // Nothing of Prism needs a script of its packages to run.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        must(npm.current_dir(&folder), "npm ci")
    };
    installed(&folder, &wanted, install).context(
        "Prism cannot be installed. It needs node (18.20.1 or newer) with npm, and an npm registry; CONTRIBUTING.md, \
         \"Contract tests\"",
    )?;
    let mut command = Command::new("node");
    command.arg(folder.join(PRISM));
    Ok(command)
}
