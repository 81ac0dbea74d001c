//! Puts what the vendor publishes today in the place of the spec that we have.

use std::fs;
use std::path::Path;

use toml_edit::{DocumentMut, Item, value};

use super::node::Node;
use crate::Error;
use crate::committed::write_if_changed;
use crate::sources::{FILE_NAME, Origin, Source, Sources, sha256};

/// What accepting a document did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The spec and its entry in `sources.toml` were written.
    Written,
    /// The spec already was that document, byte for byte; nothing was written.
    AlreadyHere,
}

/// Writes `document` to the file of `source` in the folder `openapi`, and its sha256, the date and, where it came from
/// a URL, that page to `sources.toml`. The comments there stay.
///
/// # Errors
///
/// When a file cannot be read or written, or the spec is not a published one.
pub fn accept(
    openapi: &Path,
    source: &Source,
    document: &Node,
    today: &str,
    page: Option<&str>,
) -> Result<Accepted, Error> {
    let mut text = serde_json::to_string_pretty(document).map_err(|source| Error::NotJson {
        file: "the accepted document".to_owned(),
        source,
    })?;
    text.push('\n');
    let digest = sha256(&text);
    let Origin::Published(published) = &source.origin else {
        return Err(Error::SourcesRule(format!("{} is written by us", source.name)));
    };
    if digest == published.sha256 {
        return Ok(Accepted::AlreadyHere);
    }
    let path = openapi.join(FILE_NAME);
    let read = fs::read_to_string(&path).map_err(|source| Error::Read {
        path: path.clone(),
        source,
    })?;
    let mut entries: DocumentMut = read
        .parse()
        .map_err(|error: toml_edit::TomlError| Error::SourcesRule(error.message().to_owned()))?;
    let entry = entries
        .get_mut("spec")
        .and_then(Item::as_array_of_tables_mut)
        .and_then(|specs| {
            specs
                .iter_mut()
                .find(|entry| entry.get("name").and_then(Item::as_str) == Some(source.name.as_str()))
        })
        .ok_or_else(|| Error::SourcesRule(format!("no [[spec]] has the name {}", source.name)))?;
    entry["sha256"] = value(digest);
    entry["retrieved"] = value(today);
    if let Some(page) = page {
        entry["page"] = value(page);
    }
    let entries = entries.to_string();
    // What is about to be written must be readable again.
    Sources::parse(&entries)?;
    write_if_changed(&openapi.join(&source.file), &text)?;
    write_if_changed(&path, &entries)?;
    Ok(Accepted::Written)
}
