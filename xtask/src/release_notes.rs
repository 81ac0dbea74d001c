//! `cargo xtask release-notes`: what CHANGELOG.md says of the version that a tag names.

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The tag of the release, e.g. v0.1.0
    tag: String,
}

/// Prints the section; fails if the tag is not this version, or CHANGELOG.md does not have it.
pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let changelog = fs::read_to_string(root.join("CHANGELOG.md"))?;
    let notes = notes(&arguments.tag, env!("CARGO_PKG_VERSION"), &changelog)?;
    writeln!(stdout(), "{notes}")?;
    Ok(ExitCode::SUCCESS)
}

fn notes<'a>(tag: &str, version: &str, changelog: &'a str) -> anyhow::Result<&'a str> {
    ensure!(
        tag == format!("v{version}"),
        "the tag is {tag}, but the version in Cargo.toml is {version}"
    );
    let mut sections = changelog.split("\n## ").skip(1);
    // `## 0.1.0 - 2026-01-31`, or with brackets around the version.
    let is_of = |section: &&str| {
        let heading = section.lines().next().unwrap_or_default();
        let name = heading.split(" - ").next().unwrap_or_default();
        name.trim().trim_matches(['[', ']']) == version
    };
    let section = sections
        .find(is_of)
        .with_context(|| format!("CHANGELOG.md has no section `## {version} - DATE`"))?;
    let body = section.split_once('\n').map_or("", |(_, body)| body).trim();
    ensure!(!body.is_empty(), "the section {version} of CHANGELOG.md is empty");
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## Unreleased\n\n- new\n\n## 0.2.0 - 2026-02-01\n\n### Added\n\n- a flag\n\n\
        ## [0.1.0] - 2026-01-31\n\n- all\n\n## 0.0.1 - 2026-01-01\n";

    #[test]
    fn the_notes_are_the_section_of_the_version() {
        assert_eq!(notes("v0.2.0", "0.2.0", CHANGELOG).unwrap(), "### Added\n\n- a flag");
        assert_eq!(notes("v0.1.0", "0.1.0", CHANGELOG).unwrap(), "- all");
    }

    #[test]
    fn a_tag_that_does_not_fit_is_refused() {
        let table = [
            (
                "v0.2.0",
                "0.1.0",
                "the tag is v0.2.0, but the version in Cargo.toml is 0.1.0",
            ),
            ("0.2.0", "0.2.0", "the tag is 0.2.0, but"),
            ("v0.3.0", "0.3.0", "has no section `## 0.3.0 - DATE`"),
            ("v0.2", "0.2", "has no section"),
            ("v0.0.1", "0.0.1", "is empty"),
        ];
        for (tag, version, says) in table {
            let error = notes(tag, version, CHANGELOG).unwrap_err().to_string();
            assert!(error.contains(says), "{tag}: {error}");
        }
    }
}
