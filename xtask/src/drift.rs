//! `cargo xtask drift FILE|URL...`: what the vendor publishes today, against the spec in `openapi/`.

mod fetch;
mod print;

use std::io::{Write, stderr, stdout};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use fleetpurge_codegen::drift::{Accepted, Class, Drift, accept, compare, extract};
use fleetpurge_codegen::{Origin, Source, Sources};
use serde_json::Value;

#[derive(Args)]
pub(crate) struct Arguments {
    /// The vendor's documentation page as Markdown, or an OpenAPI document in JSON or YAML; several are taken together,
    /// as where operations and models have a page each
    #[arg(required_unless_present = "spec", value_name = "FILE|URL")]
    published: Vec<String>,
    /// How to say what has changed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write what is published to openapi/ and sources.toml; the exit code stays that of the changes
    #[arg(long)]
    accept: bool,
    /// The spec to compare with, by its name in openapi/sources.toml
    #[arg(long, value_name = "NAME", default_value = "data-management")]
    spec: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let openapi = root.join("openapi");
    let sources = Sources::read(&openapi)?;
    let source = sources.get(&arguments.spec)?;
    if let Origin::Written { from } = &source.origin {
        bail!(
            "nothing is published to compare openapi/{} with: it is written by us, {from}. Read those again, and correct \
             it in place; CONTRIBUTING.md, \"The spec that we write\"",
            source.file
        );
    }
    ensure!(
        !arguments.published.is_empty(),
        "what is published, a FILE or URL, is missing"
    );
    let ours = source.documents(&openapi)?.spec;
    let old: Value = serde_json::from_str(&ours.text).with_context(|| format!("{} is not JSON", ours.name))?;
    let title = old.pointer("/info/title").and_then(Value::as_str).unwrap_or_default();

    let pages = arguments
        .published
        .iter()
        .map(|name| fetch::page(name))
        .collect::<Result<Vec<_>, _>>()?;
    let published = extract(&pages, title).context("what is published cannot be understood")?;
    let drift = compare(&old, &published.to_value()).context("what is published cannot be understood")?;

    match arguments.format {
        Format::Text => print::text(&mut stdout(), &ours.name, &drift)?,
        Format::Json => print::json(&mut stdout(), &ours.name, &arguments.published, &drift)?,
    }
    let accepted = if arguments.accept {
        let today = jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date()
            .to_string();
        let page = arguments.published.first().filter(|name| fetch::is_url(name));
        Some(accept(&openapi, source, &published, &today, page.map(String::as_str))?)
    } else {
        None
    };
    writeln!(stderr(), "{}", next_step(source, &drift, accepted))?;
    Ok(exit_code(drift.class()))
}

fn exit_code(class: Option<Class>) -> ExitCode {
    ExitCode::from(match class {
        None | Some(Class::Wording) => 0,
        Some(Class::Widening) => 3,
        Some(Class::Breaking) => 4,
    })
}

fn next_step(source: &Source, drift: &Drift, accepted: Option<Accepted>) -> String {
    let file = &source.file;
    match accepted {
        Some(Accepted::Written) => {
            format!(
                "openapi/{file} and openapi/sources.toml are written; `cargo xtask regen` shows what it means in code"
            )
        }
        Some(Accepted::AlreadyHere) => {
            format!("openapi/{file} is what is published, word for word; nothing is written")
        }
        None if drift.changes.is_empty() => format!("openapi/{file} says the same"),
        None => format!("add `--accept` to write it to openapi/{file}; then `cargo xtask regen`"),
    }
}
