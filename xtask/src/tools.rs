//! Tools that are installed into `target/`: once, and again when what is wanted of them changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process::{self, last_lines};

/// Python in a folder of its own, with what this file of requirements names.
pub(crate) fn python(folder: &Path, requirements: &Path) -> anyhow::Result<PathBuf> {
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let wanted = fs::read_to_string(requirements)?;
    let install = || {
        let system = system_python()?;
        let mut venv = Command::new(system);
        must(venv.args(["-m", "venv", "--clear"]).arg(folder), "python3 -m venv")?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
        must(pip.arg(requirements), "pip install")
    };
    installed(folder, &wanted, install)?;
    Ok(python)
}

/// A command of a published crate, of exactly this version, in a folder of its own.
pub(crate) fn cargo(folder: &Path, name: &str, version: &str) -> anyhow::Result<PathBuf> {
    installed(folder, version, || {
        let mut cargo = process::cargo();
        cargo.args(["install", name, "--locked", "--version", version, "--root"]);
        // Not with the settings of this workspace.
        cargo
            .arg(std::path::absolute(folder)?)
            .current_dir(std::env::temp_dir());
        must(&mut cargo, &format!("cargo install {name}"))
    })?;
    let program = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join("bin").join(program))
}

/// Installs, unless the folder holds what is wanted: a stamp, written last, says what it holds.
pub(crate) fn installed(
    folder: &Path,
    wanted: &str,
    install: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
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
pub(crate) fn must(command: &mut Command, name: &str) -> anyhow::Result<()> {
    said(command, name).map(drop)
}

/// The same, of a command whose output is wanted: cargo may have to fetch something to say it.
pub(crate) fn said(command: &mut Command, name: &str) -> anyhow::Result<String> {
    let output = command
        .output()
        .with_context(|| format!("`{name}` cannot be started"))?;
    if !output.status.success() {
        bail!(
            "`{name}` failed: {}",
            last_lines(&String::from_utf8_lossy(&output.stderr))
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
