//! The crates of a workspace, as `cargo metadata` names them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

/// A crate of the workspace.
#[derive(Deserialize)]
pub(super) struct Krate {
    pub(super) name: String,
    manifest_path: PathBuf,
    pub(super) targets: Vec<Target>,
    pub(super) dependencies: Vec<Dependency>,
}

/// A library, a binary, a test, an example or a build script.
#[derive(Deserialize)]
pub(super) struct Target {
    /// The file that the compiler starts from.
    pub(super) src_path: PathBuf,
}

/// A dependency as the manifest names it.
#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    kind: Option<String>,
    path: Option<PathBuf>,
}

impl Krate {
    pub(super) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// The crates of this workspace that are compiled into this one. Tests may use any other crate.
    pub(super) fn built_on(&self) -> impl Iterator<Item = &str> {
        let counts = |d: &&Dependency| d.path.is_some() && d.kind.as_deref() != Some("dev");
        self.dependencies.iter().filter(counts).map(|d| d.name.as_str())
    }
}

/// Reads the crates of the workspace at `root`.
pub(super) fn crates(root: &Path) -> anyhow::Result<Vec<Krate>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Krate>,
    }
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps"])
        .current_dir(root)
        .output()
        .context("cargo metadata cannot be started")?;
    ensure!(
        metadata.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: Metadata = serde_json::from_slice(&metadata.stdout).context("cargo metadata printed another form")?;
    Ok(metadata.packages)
}
