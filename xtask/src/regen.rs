//! `cargo xtask regen [--check]`: committed clients from the specs in `openapi/`, committed schemas from the types.

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use fleetpurge_codegen::committed::{Comparison, compare, write_if_changed};
use fleetpurge_codegen::{Source, Sources, dependencies, generate};
use fleetpurge_records::Published;

/// A committed file that is made of something else.
struct Made {
    /// Its path from the root, as a person names it, the same on every system.
    label: String,
    /// What it should hold.
    text: String,
    /// What was left out of a spec that it is made of.
    dropped: Vec<String>,
    /// What the manifests of its crates lack, so that it does not compile.
    lacking: Vec<String>,
}

/// Writes every generated file that is not current.
pub(crate) fn write(root: &Path) -> anyhow::Result<ExitCode> {
    let mut lacks = Vec::new();
    for_each(root, |made| {
        let Made {
            label,
            text,
            dropped,
            lacking,
        } = made;
        lacks.extend(lacking);
        for dropped in dropped {
            writeln!(stdout(), "dropped  {dropped}")?;
        }
        let path = root.join(&label);
        let folder = path.parent().context("a generated file lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let verb = match write_if_changed(&path, &text)? {
            true => "written",
            false => "current",
        };
        writeln!(stdout(), "{verb}  {label}")?;
        Ok(())
    })?;
    nothing_lacks(&lacks)
}

/// Shows how the committed files differ from what `write` would make of them.
pub(crate) fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let mut stale = 0;
    let mut lacks = Vec::new();
    for_each(root, |made| {
        let Made {
            label, text, lacking, ..
        } = made;
        lacks.extend(lacking);
        match compare(&root.join(&label), &label, &text)? {
            Comparison::Same => writeln!(stdout(), "current  {label}")?,
            Comparison::Different { diff } => {
                stale += 1;
                writeln!(stdout(), "{diff}")?;
            }
        }
        Ok(())
    })?;
    if stale == 0 {
        return nothing_lacks(&lacks);
    }
    anyhow::bail!("{stale} generated file(s) are not what they are made of makes them; `cargo xtask regen` writes them")
}

/// The code is right, and the crates that hold it do not compile yet.
fn nothing_lacks(lacks: &[String]) -> anyhow::Result<ExitCode> {
    if lacks.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    anyhow::bail!(
        "a client names a crate that its manifest does not; add to [dependencies]\n{}",
        lacks.join("\n")
    )
}

/// What the manifests lack of the crates that hold this client: its raw crate, and the build-time crate if there is one.
fn lacking(root: &Path, source: &Source, generated: &str) -> anyhow::Result<Vec<String>> {
    let mut lacking = Vec::new();
    let base = source.krate.strip_suffix("-raw").unwrap_or(&source.krate);
    for krate in [source.krate.clone(), format!("{base}-buildtime")] {
        let label = format!("crates/{krate}/Cargo.toml");
        let Ok(manifest) = fs::read_to_string(root.join(&label)) else {
            continue;
        };
        let lines = dependencies::missing(&label, &manifest, generated)?;
        lacking.extend(lines.into_iter().map(|line| format!("{label}: {line}")));
    }
    Ok(lacking)
}

/// Clients first: a spec that was edited is to be heard of before anything that follows from it.
fn for_each(root: &Path, mut act: impl FnMut(Made) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let openapi = root.join("openapi");
    for source in Sources::read(&openapi)?.iter() {
        let generated = generate(&source.documents(&openapi)?)?;
        act(Made {
            label: format!("crates/{}/src/generated.rs", source.krate),
            lacking: lacking(root, source, &generated.source)?,
            text: generated.source,
            dropped: generated
                .dropped
                .iter()
                .map(|of| format!("{}: {of}", source.file))
                .collect(),
        })?;
    }
    for published in Published::ALL {
        act(Made {
            label: format!("schemas/{}.json", published.name()),
            text: published.text(),
            dropped: Vec::new(),
            lacking: Vec::new(),
        })?;
    }
    Ok(())
}
