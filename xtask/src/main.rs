//! The workspace's own tasks: `cargo xtask regen`, `cargo xtask drift`, `cargo xtask contract`,
//! `cargo xtask bench`, `cargo xtask picture`, `cargo xtask structure`, `cargo xtask dist`, `cargo xtask release-notes`.

mod bench;
mod contract;
mod dist;
mod drift;
mod new_spec;
mod picture;
mod process;
mod regen;
mod release_notes;
mod structure;
mod tools;

use std::io::{Write, stderr};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The workspace's own tasks")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the raw clients from openapi/ and the JSON Schemas from the types; a file that is current is not touched
    Regen {
        /// Write nothing: show how the committed files differ, and fail if one does
        #[arg(long)]
        check: bool,
        /// Add a spec: copy it to openapi/, write the raw crate NAME-raw, and generate its client. A page in Markdown that
        /// has an OpenAPI document for each operation is merged into one
        #[arg(long, num_args = 2, value_names = ["NAME", "SPEC"], conflicts_with = "check")]
        new: Option<Vec<String>>,
        /// What the raw crate's name begins with, if it is not the spec's
        #[arg(long, value_name = "CRATE", requires = "new")]
        facade: Option<String>,
        /// Where the vendor has published the new spec
        #[arg(long, value_name = "URL", requires = "new")]
        page: Option<String>,
    },
    /// Compare what the vendor publishes today with openapi/, by meaning
    ///
    /// Exit code: 0 nothing or wording only, 3 the service takes or sends more than it did, 4 something breaks,
    /// 1 what is published cannot be understood.
    Drift(drift::Arguments),
    /// Hold the clients and the simulator against the specs, with Prism, schemathesis and nexthink-api
    ///
    /// Needs node with npm, python3 with pip, and their registries; installs into target/contract.
    Contract(contract::Arguments),
    /// Measure the speed beside other clients, in one run on this machine, and write BENCHMARKS.md
    ///
    /// Needs the registries of crates (for oha) and of Python packages; installs into target/bench. What cannot be installed
    /// is named as missing. Takes most of an hour; with --quick two minutes once everything is built.
    Bench(bench::Arguments),
    /// Draw the report's page in a Chromium, for the README: docs/report.png
    Picture(picture::Arguments),
    /// Show how the files and crates depend on each other; fail at a circle of files, or an arrow up between crates
    Structure,
    /// Build the command and package it, as a release has it: archive, SBOM, checksums, and with --deb a Debian package
    ///
    /// The archive has manual pages, completion scripts, documentation and licences. The same program gives the same bytes:
    /// files are sorted, and have the time of the commit, or of `SOURCE_DATE_EPOCH` where that is set.
    Dist(dist::Arguments),
    /// Print what CHANGELOG.md says of the version that a tag names; fail if the tag is not the version in Cargo.toml
    ReleaseNotes(release_notes::Arguments),
}

fn main() -> ExitCode {
    run(Arguments::parse()).unwrap_or_else(|error| {
        // Where stderr is closed, the exit code is all that is left to say.
        let _ = writeln!(stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(Arguments { task }: Arguments) -> anyhow::Result<ExitCode> {
    let root = workspace_root()?;
    match task {
        Task::Regen {
            new: Some(new),
            facade,
            page,
            ..
        } => match &new[..] {
            [name, spec] => new_spec::run(
                &root,
                new_spec::New {
                    name,
                    facade: facade.as_deref(),
                    spec: spec.as_ref(),
                    page,
                },
            ),
            _ => anyhow::bail!("--new takes a name and a spec"),
        },
        Task::Regen { check: true, .. } => regen::check(&root),
        Task::Regen { .. } => regen::write(&root),
        Task::Drift(arguments) => drift::run(&root, &arguments),
        Task::Contract(arguments) => contract::run(&root, &arguments),
        Task::Bench(arguments) => bench::run(&root, &arguments),
        Task::Picture(arguments) => picture::run(&root, &arguments),
        Task::Structure => structure::run(&root),
        Task::Dist(arguments) => dist::run(&root, &arguments),
        Task::ReleaseNotes(arguments) => release_notes::run(&root, &arguments),
    }
}

/// The workspace that `cargo xtask` was called in.
fn workspace_root() -> anyhow::Result<PathBuf> {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").context("start this through `cargo xtask`")?;
    let root = PathBuf::from(xtask);
    Ok(root.parent().context("xtask/ lies in the workspace's root")?.to_owned())
}
