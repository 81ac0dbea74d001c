//! What `cargo xtask structure` prints, and whether the workspace keeps its rules.

use std::fmt::Write as _;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::arrows::{self, Arrows};
use super::graph::shape;
use super::modules::{self, Module};
use super::rules::{self, CONFINED, FOLDERS};
use super::workspace::{self, Krate};

/// Over this many lines a file is listed: it may hold two things.
const LARGE: usize = 450;

/// What was found.
pub(super) struct Findings {
    /// The table and the lists.
    pub(super) text: String,
    /// Each breach of a rule, in words.
    pub(super) wrong: Vec<String>,
}

/// Prints the structure; fails if a rule is broken.
pub(crate) fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let findings = examine(root)?;
    let mut out = stdout();
    out.write_all(findings.text.as_bytes())?;
    for wrong in &findings.wrong {
        writeln!(out, "\n{wrong}")?;
    }
    Ok(if findings.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Reads every crate of the workspace at `root`.
pub(super) fn examine(root: &Path) -> anyhow::Result<Findings> {
    let crates = workspace::crates(root)?;
    let mut text = String::new();
    writeln!(
        text,
        "{:36} {:>5} {:>7} {:>7} {:>7} {:>7}",
        "crate", "files", "source", "tests", "floors", "circles"
    )?;
    let mut wrong = rules::between_crates(&crates);
    let mut large = Vec::new();
    for krate in &crates {
        let (modules, arrows) = read(krate)?;
        let shape = shape(&arrows);
        let lines = Lines::of(krate.folder(), &arrows)?;
        writeln!(
            text,
            "{:36} {:>5} {:>7} {:>7} {:>7} {:>7}",
            krate.name,
            arrows.len(),
            lines.source,
            lines.tests,
            shape.floors,
            shape.circles.len()
        )?;
        large.extend(lines.large);
        wrong.extend(shape.circles.iter().map(|circle| describe(circle, &arrows, root)));
        let src = krate.folder().join("src");
        for rule in FOLDERS.iter().filter(|rule| rule.krate == krate.name) {
            wrong.extend(rules::between_folders(rule, &src, &arrows));
        }
        for rule in CONFINED.iter().filter(|rule| rule.krate == krate.name) {
            let elsewhere = modules.iter().filter(|module| {
                module.file.starts_with(&src)
                    && !module.file.starts_with(src.join(rule.folder))
                    && module.paths.iter().any(|path| path[0] == rule.names)
            });
            wrong.extend(elsewhere.map(|module| format!("{} names {}", module.file.display(), rule.names)));
        }
    }
    large.sort_by(|a: &(usize, PathBuf), b| b.cmp(a));
    writeln!(text, "\n{} files have more than {LARGE} lines", large.len())?;
    for (lines, file) in large {
        writeln!(
            text,
            "{lines:>7} {}",
            file.strip_prefix(root).unwrap_or(&file).display()
        )?;
    }
    Ok(Findings { text, wrong })
}

fn read(krate: &Krate) -> anyhow::Result<(Vec<Module>, Arrows)> {
    let (mut all, mut found) = (Vec::new(), Arrows::new());
    for target in &krate.targets {
        let modules = modules::read(&target.src_path)?;
        arrows::add(&modules, &mut found);
        all.extend(modules);
    }
    Ok((all, found))
}

struct Lines {
    source: usize,
    tests: usize,
    large: Vec<(usize, PathBuf)>,
}

impl Lines {
    fn of(folder: &Path, arrows: &Arrows) -> anyhow::Result<Self> {
        let mut counted = Self {
            source: 0,
            tests: 0,
            large: Vec::new(),
        };
        // A file of another crate may be taken in by its path.
        for file in arrows.keys().filter(|file| file.starts_with(folder)) {
            let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
            let lines = text.lines().count();
            let is_test = ["tests", "examples", "benches"]
                .iter()
                .any(|name| file.starts_with(folder.join(name)));
            *(if is_test {
                &mut counted.tests
            } else {
                &mut counted.source
            }) += lines;
            if lines > LARGE && !text.starts_with("// @generated") {
                counted.large.push((lines, file.clone()));
            }
        }
        Ok(counted)
    }
}

/// A circle, with the names by which its files use each other.
fn describe(circle: &[PathBuf], arrows: &Arrows, root: &Path) -> String {
    let short = |file: &Path| file.strip_prefix(root).unwrap_or(file).display().to_string();
    let mut text = format!("a circle of {} files:", circle.len());
    for from in circle {
        for (to, names) in arrows[from].iter().filter(|(to, _)| circle.contains(to)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let _ = write!(
                text,
                "\n  {} takes {} from {}",
                short(from),
                names.join(", "),
                short(to)
            );
        }
    }
    text
}
