//! The licences of the crates that are linked: most of them ask that their text goes with every copy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

use super::linked::{Krate, Linked};
use crate::{process, tools};

/// Its name in a package.
pub(super) const NAME: &str = "THIRD-PARTY-LICENSES.txt";

/// Each text once, under the names of the crates that have it.
pub(super) fn text(root: &Path, linked: &Linked, target: &str) -> anyhow::Result<Vec<u8>> {
    let sources = sources(root, target)?;
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut crates = String::new();
    for krate in linked.crates() {
        let source = sources
            .get(krate)
            .context("a linked crate is not in `cargo metadata`")?;
        let Some(source) = source else { continue };
        let name = format!("{} {}", krate.name, krate.version);
        writeln!(crates, "{name}: {} {}", linked.licences[krate], source.repository)?;
        for file in licences_in(&source.folder)? {
            let text = fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
            let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
            texts.entry(text.trim().to_owned()).or_default().insert(name.clone());
        }
    }
    let mut whole = format!(
        "fleetpurge contains these crates, each under its own licence, and the Rust standard library (MIT OR Apache-2.0, \
         https://github.com/rust-lang/rust). Their sources are in Rust's registry of crates, by name and version, and in the \
         repositories named here. The texts of the licences follow.\n\n{crates}"
    );
    for (text, names) in texts {
        let names: Vec<String> = names.into_iter().collect();
        write!(whole, "\n{}\n{}\n\n{text}\n", "-".repeat(80), names.join(", "))?;
    }
    Ok(whole.into_bytes())
}

/// Where a crate's source is.
struct Source {
    folder: PathBuf,
    repository: String,
}

/// The source of each crate; `None` for ours, whose licences a package has anyway.
fn sources(root: &Path, target: &str) -> anyhow::Result<BTreeMap<Krate, Option<Source>>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
        source: Option<String>,
        repository: Option<String>,
        manifest_path: PathBuf,
    }
    let mut cargo = process::cargo();
    cargo.current_dir(root);
    cargo.args([
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        target,
    ]);
    let said = tools::said(&mut cargo, "cargo metadata")?;
    let metadata: Metadata = serde_json::from_str(&said)?;
    let mut sources = BTreeMap::new();
    for package in metadata.packages {
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest has a folder")?
            .to_owned();
        let repository = package.repository.unwrap_or_default();
        let krate = Krate {
            name: package.name,
            version: package.version,
        };
        sources.insert(krate, package.source.map(|_| Source { folder, repository }));
    }
    Ok(sources)
}

/// By the names that licences have.
fn licences_in(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_licence = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"]
            .iter()
            .any(|start| name.starts_with(start));
        if is_licence && entry.file_type()?.is_file() {
            found.insert(entry.path());
        }
    }
    Ok(found)
}
