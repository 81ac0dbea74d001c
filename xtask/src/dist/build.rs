//! The program that is packaged.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::process;

/// The version of everything in the workspace, this task included.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A program, and what it was built for and with.
pub(super) struct Built {
    pub(super) program: PathBuf,
    pub(super) target: String,
    /// Whether cargo was told the target, which then has a folder of its own.
    pub(super) names_target: bool,
    /// The version of the compiler, e.g. `1.89.0`.
    pub(super) compiler: String,
}

impl Built {
    /// Builds it, from exactly the versions in `Cargo.lock`.
    pub(super) fn new(root: &Path, target_folder: &Path, target: Option<&str>) -> anyhow::Result<Self> {
        let host = Compiler::of_the_host()?;
        // Without `--target` cargo shares what is built with every other release build here.
        let other = target.filter(|target| *target != host.target);
        let mut cargo = process::cargo();
        cargo.args(["build", "--locked", "--release", "-p", "fleetpurge"]);
        if let Some(target) = other {
            cargo.args(["--target", target]);
        }
        let status = cargo.current_dir(root).status().context("cargo cannot be started")?;
        ensure!(status.success(), "fleetpurge does not build");
        let target = target.unwrap_or(&host.target);
        let suffix = if target.contains("windows") { ".exe" } else { "" };
        let release = target_folder.join(other.unwrap_or_default()).join("release");
        Ok(Self {
            program: release.join(format!("fleetpurge{suffix}")),
            target: target.to_owned(),
            names_target: other.is_some(),
            compiler: host.version,
        })
    }

    /// One that was built for this host before.
    pub(super) fn given(program: &Path) -> anyhow::Result<Self> {
        let host = Compiler::of_the_host()?;
        Ok(Self {
            program: std::path::absolute(program)?,
            target: host.target,
            names_target: false,
            compiler: host.version,
        })
    }

    /// Fails unless the program starts, and says that it is of this version.
    pub(super) fn says_its_version(&self) -> anyhow::Result<()> {
        let says = process::run("fleetpurge", Command::new(&self.program).arg("--version"))
            .with_context(|| self.program.display().to_string())?
            .stdout;
        ensure!(
            says.trim_end() == format!("fleetpurge {VERSION}"),
            "{} says that it is {:?}, not fleetpurge {VERSION}",
            self.program.display(),
            says.trim_end()
        );
        Ok(())
    }
}

struct Compiler {
    target: String,
    version: String,
}

impl Compiler {
    fn of_the_host() -> anyhow::Result<Self> {
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let says = process::run("rustc", Command::new(rustc).arg("-vV"))?.stdout;
        let value = |key: &str| {
            let line = says.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim().to_owned())
                .with_context(|| format!("`rustc -vV` has no line {key:?}"))
        };
        Ok(Self {
            target: value("host:")?,
            version: value("release:")?,
        })
    }
}
