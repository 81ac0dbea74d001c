//! `cargo xtask regen [--check]`: committed clients from the specs in `openapi/`.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use fleetpurge_codegen::committed::{Comparison, compare, write_if_changed};
use fleetpurge_codegen::{Source, Sources, generate};

/// Writes every generated file that is not current.
pub(crate) fn write(root: &Path) -> anyhow::Result<ExitCode> {
    for_each_spec(root, |source, fresh| {
        let verb = match write_if_changed(&source.generated_file(root), fresh)? {
            true => "written",
            false => "current",
        };
        writeln!(stdout(), "{verb}  {}", label(source))?;
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Shows how the committed files differ from what `write` would make of them.
pub(crate) fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let mut stale = 0;
    for_each_spec(root, |source, fresh| {
        let label = label(source);
        match compare(&source.generated_file(root), &label, fresh)? {
            Comparison::Same => writeln!(stdout(), "current  {label}")?,
            Comparison::Different { diff } => {
                stale += 1;
                writeln!(stdout(), "{diff}")?;
            }
        }
        Ok(())
    })?;
    if stale == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    anyhow::bail!("{stale} generated file(s) differ from what openapi/ makes of them; `cargo xtask regen` writes them")
}

fn for_each_spec(root: &Path, mut act: impl FnMut(&Source, &str) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let openapi = root.join("openapi");
    for source in Sources::read(&openapi)?.iter() {
        act(source, &generate(&source.documents(&openapi)?)?)?;
    }
    Ok(())
}

/// The generated file as a person names it, the same on every system.
fn label(source: &Source) -> String {
    format!("crates/{}/src/generated.rs", source.krate)
}
