//! `cargo xtask regen --new NAME SPEC`: a raw crate for a spec that is new.

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use fleetpurge_codegen::Sources;
use fleetpurge_codegen::new_spec::{NewOrigin, NewSpec, new_spec};
use fleetpurge_codegen::sources::FILE_NAME;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Each published package has its own copy.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Writes it all, or nothing: a spec of which no client can be made is heard of before.
pub(crate) fn run(root: &Path, name: &str, spec: &Path, page: Option<String>) -> anyhow::Result<ExitCode> {
    let text = fs::read_to_string(spec).with_context(|| format!("{} cannot be read", spec.display()))?;
    let openapi = root.join("openapi");
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
    } = new_spec(&Sources::read(&openapi)?, name, &text, &origin)?;
    for licence in LICENCES {
        let text = fs::read_to_string(root.join(licence)).with_context(|| format!("{licence} cannot be read"))?;
        files.push((format!("crates/{name}-raw/{licence}"), text));
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
        "\nNext: `cargo check -p {name}-raw`; in openapi/{FILE_NAME}, say where the spec is from; then CONTRIBUTING.md, \"A new \
         operation\""
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The workspace's manifest with one more dependency, before the next crate of ours.
fn with_dependency(manifest: &str, dependency: &str) -> anyhow::Result<String> {
    let mut lines: Vec<&str> = manifest.lines().collect();
    let ours = lines.iter().rposition(|line| line.contains("path = \"crates/"));
    let last = ours.context("Cargo.toml names no crate of ours among the dependencies of the workspace")?;
    lines.insert(last + 1, dependency);
    Ok(lines.join("\n") + "\n")
}
