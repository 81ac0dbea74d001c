//! `cargo xtask regen --new NAME SPEC`: a raw crate for a spec that is new.

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use fleetpurge_codegen::Sources;
use fleetpurge_codegen::drift::{Page, extract};
use fleetpurge_codegen::new_spec::{NewOrigin, NewSpec, new_spec};
use fleetpurge_codegen::sources::FILE_NAME;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Each published package has its own copy.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// What is new.
pub(crate) struct New<'a> {
    /// Its name in `openapi/sources.toml`.
    pub(crate) name: &'a str,
    /// The facade's name, where it is another.
    pub(crate) facade: Option<&'a str>,
    /// An OpenAPI document, or a page that has some.
    pub(crate) spec: &'a Path,
    /// Where the vendor has published it.
    pub(crate) page: Option<String>,
}

/// Writes it all, or nothing: a spec of which no client can be made is heard of before.
pub(crate) fn run(root: &Path, new: New<'_>) -> anyhow::Result<ExitCode> {
    let New {
        name,
        facade,
        spec,
        page,
    } = new;
    let text = document(spec)?;
    let openapi = root.join("openapi");
    let base = facade.unwrap_or(name);
    let origin = match page {
        Some(url) => NewOrigin::Page {
            url,
            retrieved: Timestamp::now().to_zoned(TimeZone::UTC).date().to_string(),
        },
        None => NewOrigin::Unknown,
    };
    let NewSpec {
        mut files,
        entry,
        dependency,
        dropped,
    } = new_spec(&Sources::read(&openapi)?, name, base, &text, &origin)?;
    for licence in LICENCES {
        let text = fs::read_to_string(root.join(licence)).with_context(|| format!("{licence} cannot be read"))?;
        files.push((format!("crates/{base}-raw/{licence}"), text));
    }
    for (path, _) in &files {
        ensure!(
            !root.join(path).exists(),
            "{path} is there already; nothing was written"
        );
    }
    let manifest = root.join("Cargo.toml");
    let workspace = with_dependency(
        &fs::read_to_string(&manifest).context("Cargo.toml cannot be read")?,
        &dependency,
    )?;
    let sources = openapi.join(FILE_NAME);
    let sources_text = fs::read_to_string(&sources).context("openapi/sources.toml cannot be read")? + &entry;
    // What is about to be written must be readable again.
    Sources::parse(&sources_text)?;

    let mut out = stdout();
    for dropped in dropped {
        writeln!(out, "dropped  {name}.json: {dropped}")?;
    }
    for (path, text) in &files {
        let path_here = root.join(path);
        if let Some(folder) = path_here.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        fs::write(&path_here, text).with_context(|| format!("{path} cannot be written"))?;
        writeln!(out, "written  {path}")?;
    }
    fs::write(&sources, sources_text).context("openapi/sources.toml cannot be written")?;
    writeln!(out, "written  openapi/{FILE_NAME}")?;
    fs::write(&manifest, workspace).context("Cargo.toml cannot be written")?;
    writeln!(out, "written  Cargo.toml")?;
    writeln!(
        out,
        "\nNext: `cargo check -p {base}-raw`; in openapi/{FILE_NAME}, say where the spec is from; then CONTRIBUTING.md, \"A new \
         operation\""
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The spec as it is, or what the parts of a page come to: merged here, never by hand.
fn document(spec: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(spec).with_context(|| format!("{} cannot be read", spec.display()))?;
    if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
        return Ok(text);
    }
    let page = Page {
        name: spec.display().to_string(),
        text,
    };
    let merged = extract(&[page], "").context("there is no spec of which a client could be made")?;
    Ok(serde_json::to_string_pretty(&merged)? + "\n")
}

/// The workspace's manifest with one more dependency, before the next crate of ours.
fn with_dependency(manifest: &str, dependency: &str) -> anyhow::Result<String> {
    let mut lines: Vec<&str> = manifest.lines().collect();
    let ours = lines.iter().rposition(|line| line.contains("path = \"crates/"));
    let last = ours.context("Cargo.toml names no crate of ours among the dependencies of the workspace")?;
    lines.insert(last + 1, dependency);
    Ok(lines.join("\n") + "\n")
}
