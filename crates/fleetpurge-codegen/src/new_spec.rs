//! A spec that is new to the workspace: what its raw crate and its entry in `sources.toml` are at first.

use std::fmt::Write as _;

use crate::generate::generate;
use crate::sources::{Document, Documents, Sources, sha256};
use crate::{Error, dependencies};

/// Where a new spec is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewOrigin {
    /// The vendor has published it on this page; it was taken from there at this time.
    Page {
        /// The page.
        url: String,
        /// Year, month and day.
        retrieved: String,
    },
    /// That is not known yet.
    Unknown,
}

/// The files of a new raw crate, and what is added to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSpec {
    /// New files: the path from the root of the workspace, and the text.
    pub files: Vec<(String, String)>,
    /// What `openapi/sources.toml` gets in addition.
    pub entry: String,
    /// What the workspace's dependencies get in addition.
    pub dependency: String,
    /// What the rules of leniency dropped.
    pub dropped: Vec<String>,
}

/// What has to be written for a spec of this name and text. Its facade is to have the name `facade`, and its raw crate that
/// with `-raw`.
///
/// # Errors
///
/// A name cannot be that of a crate or is taken, or the generator can make no client of the spec. Nothing was written.
pub fn new_spec(sources: &Sources, name: &str, facade: &str, spec: &str, origin: &NewOrigin) -> Result<NewSpec, Error> {
    check_name(name)?;
    check_name(facade)?;
    let krate = format!("{facade}-raw");
    let file = format!("{name}.json");
    for source in sources.iter() {
        if source.name == name || source.file == file || source.krate == krate {
            return Err(Error::SourcesRule(format!("there is a [[spec]] {name} already")));
        }
    }
    let documents = Documents {
        spec: Document {
            name: format!("openapi/{file}"),
            text: spec.to_owned(),
        },
        overlay: None,
    };
    let generated = generate(&documents)?;
    let folder = format!("crates/{krate}");
    Ok(NewSpec {
        files: vec![
            (documents.spec.name, spec.to_owned()),
            (
                format!("{folder}/Cargo.toml"),
                manifest(name, &krate, &generated.source),
            ),
            (format!("{folder}/README.md"), readme(name, &krate, &file)),
            (format!("{folder}/src/lib.rs"), LIBRARY.to_owned()),
            (format!("{folder}/src/hooks.rs"), HOOKS.to_owned()),
            (format!("{folder}/src/generated.rs"), generated.source),
        ],
        entry: entry(name, &file, &krate, spec, origin),
        dependency: format!("{krate} = {{ path = \"{folder}\", version = \"0.1.0\" }}"),
        dropped: generated.dropped.iter().map(ToString::to_string).collect(),
    })
}

fn check_name(name: &str) -> Result<(), Error> {
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.ends_with('-')
        && !name.ends_with("-raw");
    if is_name {
        return Ok(());
    }
    Err(Error::SourcesRule(format!(
        "{name:?} cannot be the name of a spec: use lowercase letters, digits and hyphens, such as \"nexthink-nql\"; its crate \
         gets the suffix -raw"
    )))
}

fn entry(name: &str, file: &str, krate: &str, spec: &str, origin: &NewOrigin) -> String {
    let mut entry = format!("\n[[spec]]\nname = \"{name}\"\nfile = \"{file}\"\ncrate = \"{krate}\"\n");
    let written = match origin {
        NewOrigin::Page { url, retrieved } => write!(
            entry,
            "page = \"{url}\"\nretrieved = \"{retrieved}\"\nsha256 = \"{}\"\n",
            sha256(spec)
        ),
        NewOrigin::Unknown => write!(
            entry,
            "# Say from what; or, if a vendor has published it, replace the line by `page`, `retrieved` and `sha256`.\n\
             written = \"from a source that nobody has named yet\"\n"
        ),
    };
    debug_assert!(written.is_ok(), "a String takes everything");
    entry
}

fn manifest(name: &str, krate: &str, generated: &str) -> String {
    let mut dependencies = vec![
        "fleetpurge-http.workspace = true",
        "progenitor-client.workspace = true",
        "reqwest.workspace = true",
        "schemars = { workspace = true, optional = true, features = [\"jiff02\", \"uuid1\"] }",
        "serde.workspace = true",
        "serde_json.workspace = true",
    ];
    dependencies.extend(dependencies::needed_by(generated));
    dependencies.sort_unstable();
    format!(
        r#"[package]
name = "{krate}"
description = "Generated client of the API {name}, with the hooks it needs."
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
repository.workspace = true
keywords = ["openapi", "generated", "client"]
categories = ["api-bindings"]
readme = "README.md"

[package.metadata.docs.rs]
all-features = true

[lints]
workspace = true

[features]
# JSON Schemas of the types, which only tests need.
schemars = ["dep:schemars", "fleetpurge-http/schemars"]

[dependencies]
{}
"#,
        dependencies.join("\n")
    )
}

fn readme(name: &str, krate: &str, file: &str) -> String {
    format!(
        "# {krate}\n\nGenerated client of the API {name}, with the hooks it needs.\n\n\
         - [`generated`] is written by `cargo xtask regen` from `openapi/{file}` and its overlay. It is committed, so that a\n  \
         change of the API is reviewed as a diff.\n\
         - [`hooks`] carries an attempt's authorization in and everything the service answered out.\n\n\
         There is no judgement here: what a reply means is decided by a facade.\n\n\
         ## License\n\nMIT or Apache-2.0, at your option.\n"
    )
}

const LIBRARY: &str = "\
#![doc = include_str!(\"../README.md\")]

#[allow(
    missing_docs,
    unreachable_pub,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rustdoc::all,
    reason = \"generated: its manner is the generator's; `cargo xtask regen` would undo every mend\"
)]
pub mod generated;
pub mod hooks;

pub use generated::{Client, builder, types};
pub use hooks::{AttemptContext, Exchange};
";

const HOOKS: &str = "\
//! What the generated client does around a request: [`AttemptContext`] is its inner type and does it all.

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::{Request, Response};

pub use fleetpurge_http::exchange::{AttemptContext, Exchange};

use super::generated::Client;

impl ClientHooks<AttemptContext> for Client {
    async fn pre<E>(&self, _: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        self.inner().prepare().await.map_err(Error::InvalidRequest)
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner().execute(request).await
    }
}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hooks_are_those_of_the_other_crates() {
        assert_eq!(HOOKS, include_str!("../../nexthink-data-management-raw/src/hooks.rs"));
        let library = include_str!("../../nexthink-data-management-raw/src/lib.rs");
        assert_eq!(LIBRARY, library);
    }

    #[test]
    fn a_name_is_that_of_a_crate() {
        for name in ["nql", "nexthink-nql", "a1"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "NQL", "1a", "-a", "a-", "a_b", "a/b", "a b", "nql-raw"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
