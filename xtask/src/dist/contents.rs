//! The files of a package.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::process;

/// What the repository gives: files of its root, and whole folders to which the README leads.
const FILES: &[&str] = &["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
const FOLDERS: &[&str] = &["docs"];

/// A file, by its path in the package.
#[derive(Clone)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Program,
}

impl Kind {
    pub(super) fn mode(self) -> u32 {
        match self {
            Self::Text => 0o644,
            Self::Program => 0o755,
        }
    }
}

impl File {
    pub(super) fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self {
            path: path.into(),
            bytes,
            kind: Kind::Text,
        }
    }
}

pub(super) fn of_the_repository(root: &Path) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for name in FILES {
        files.push(File::new(*name, read(&root.join(name))?));
    }
    for name in FOLDERS {
        files.extend(folder(name, &root.join(name))?);
    }
    Ok(files)
}

/// The program, with the manual pages and completion scripts that it writes.
pub(super) fn of_the_program(program: &Path) -> anyhow::Result<Vec<File>> {
    let name = program.file_name().and_then(|name| name.to_str());
    let mut files = vec![File {
        kind: Kind::Program,
        ..File::new(name.context("the program has no name")?, read(program)?)
    }];
    let written = tempfile::tempdir()?;
    let ended = process::run("fleetpurge man", Command::new(program).arg("man").arg(written.path()))?;
    ensure!(
        ended.code == Some(0),
        "`fleetpurge man` failed: {}",
        process::last_lines(&ended.stderr)
    );
    for name in ["man", "completions"] {
        let found = folder(name, &written.path().join(name))?;
        ensure!(!found.is_empty(), "`fleetpurge man` has written no {name}");
        files.extend(found);
    }
    Ok(files)
}

fn folder(name: &str, folder: &Path) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        let own = entry.file_name();
        let own = own.to_str().with_context(|| format!("{} is no text", own.display()))?;
        files.push(File::new(format!("{name}/{own}"), read(&entry.path())?));
    }
    Ok(files)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}
