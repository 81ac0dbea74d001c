//! The tools we did not write: installed by name, at the versions pinned in `contract/`, under `target/contract`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::bench::Bench;
use super::process::last_lines;

/// Prism's entry, to be run by node.
const PRISM: &str = "node_modules/@stoplight/prism-cli/dist/index.js";

/// Python, with what `contract/requirements.txt` names.
pub(super) fn python(bench: &Bench) -> anyhow::Result<PathBuf> {
    let folder = bench.cache.join("python");
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let wanted = fs::read_to_string(bench.script("requirements.txt"))?;
    let install = || {
        let system = system_python()?;
        let mut venv = Command::new(system);
        must(venv.args(["-m", "venv", "--clear"]).arg(&folder), "python3 -m venv")?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        must(pip.arg(bench.script("requirements.txt")), "pip install")
    };
    installed(&folder, &wanted, install).context(
        "schemathesis and nexthink-api cannot be installed. They need python3 (3.11 or newer, with venv and pip) and a \
         Python package index; CONTRIBUTING.md, \"Contract tests\"",
    )?;
    Ok(python)
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

/// Installs, unless the folder holds what is wanted: a stamp, written last, says what it holds.
fn installed(folder: &Path, wanted: &str, install: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|is| is == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    install()?;
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))
}

/// The first Python 3.11 or newer among the usual names.
fn system_python() -> anyhow::Result<&'static str> {
    let new_enough = "import sys; sys.exit(sys.version_info < (3, 11))";
    ["python3", "python"]
        .into_iter()
        .find(|name| {
            Command::new(name)
                .args(["-c", new_enough])
                .output()
                .is_ok_and(|output| output.status.success())
        })
        .context("neither python3 nor python is Python 3.11 or newer")
}

/// Runs an installer. It keeps the developer's proxies and registries, which is why it is not `process::run`.
fn must(command: &mut Command, name: &str) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("`{name}` cannot be started"))?;
    if !output.status.success() {
        bail!(
            "`{name}` failed: {}",
            last_lines(&String::from_utf8_lossy(&output.stderr))
        );
    }
    Ok(())
}
