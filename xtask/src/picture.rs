//! Makes the picture of the report that the README shows.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;

use crate::process;

#[derive(Args)]
pub(crate) struct Arguments {
    /// A Chromium; otherwise the first that is found
    #[arg(long, value_name = "FILE")]
    chromium: Option<PathBuf>,
}

/// Runs the test that draws the page, and leaves what it sees in `docs/report.png`.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let chromium = match &arguments.chromium {
        Some(named) => named.clone(),
        None => found().context("no Chromium was found; name one with --chromium")?,
    };
    let status = process::cargo()
        .current_dir(root)
        .args(["test", "-p", "fleetpurge", "--test", "picture"])
        .env("FLEETPURGE_TEST_CHROMIUM", chromium)
        .env("FLEETPURGE_TEST_SCREENSHOTS", root.join("docs"))
        .status()?;
    ensure!(status.success(), "the page could not be drawn");
    Ok(ExitCode::SUCCESS)
}

fn found() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}
