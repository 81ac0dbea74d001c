//! The one time that all files of a package have, so that the same commit gives the same bytes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use jiff::Timestamp;

use crate::process;

/// `SOURCE_DATE_EPOCH` (reproducible-builds.org), or else when the commit was made.
pub(super) fn source_date(root: &Path) -> anyhow::Result<Timestamp> {
    const EPOCH: &str = "SOURCE_DATE_EPOCH";
    let seconds = match std::env::var(EPOCH) {
        Ok(given) => given,
        Err(_) => {
            let mut git = Command::new("git");
            git.current_dir(root).args(["log", "-1", "--format=%ct"]);
            let ended = process::run("git", &mut git).with_context(|| format!("set {EPOCH}"))?;
            ensure!(
                ended.code == Some(0),
                "this is no git repository with a commit: set {EPOCH}"
            );
            ended.stdout
        }
    };
    let seconds = seconds.trim();
    let parsed = seconds
        .parse()
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    parsed.with_context(|| format!("{seconds:?} is no time in seconds since 1970"))
}
