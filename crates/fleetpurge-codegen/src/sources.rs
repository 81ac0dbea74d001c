//! `openapi/sources.toml`: which specs there are, where each came from, and the pin that keeps hands off it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Error;

/// The file's name within the folder of the specs.
pub const FILE_NAME: &str = "sources.toml";

/// All specs of the workspace.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    spec: Vec<Source>,
}

/// One spec: where it came from, and where its code goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name by which tasks and build scripts ask for it.
    pub name: String,
    /// Its file in `openapi/`.
    pub file: String,
    /// Our corrections to it, a file in `openapi/`.
    pub overlay: Option<String>,
    /// The crate, a folder in `crates/`, whose `src/generated.rs` is made of it.
    #[serde(rename = "crate")]
    pub krate: String,
    /// The page that it was published on.
    pub page: String,
    /// When it was taken from there: year, month and, where known, day.
    pub retrieved: String,
    /// The sha256 of the file, in hexadecimal.
    pub sha256: String,
}

/// A file of `openapi/` and what it holds.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its name, from the root of the workspace, with forward slashes: it stands in the generated header.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What one client is made of.
#[derive(Clone, Debug)]
pub struct Documents {
    /// The published spec, as its pin has it.
    pub spec: Document,
    /// Our corrections to it.
    pub overlay: Option<Document>,
}

impl Sources {
    /// Reads `sources.toml` in `openapi` and refuses specs there that it does not name.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or understood, names something twice, or leaves out a `.json` file of the folder.
    pub fn read(openapi: &Path) -> Result<Self, Error> {
        let sources = Self::parse(&read(&openapi.join(FILE_NAME))?)?;
        let known: BTreeSet<&str> = sources
            .iter()
            .flat_map(|source| [Some(source.file.as_str()), source.overlay.as_deref()])
            .flatten()
            .collect();
        for name in json_files(openapi)? {
            if !known.contains(name.as_str()) {
                return Err(Error::SourcesRule(format!(
                    "{name} lies in openapi/, but no [[spec]] names it"
                )));
            }
        }
        Ok(sources)
    }

    /// Reads the text of a `sources.toml`.
    ///
    /// # Errors
    ///
    /// When it cannot be understood, or two entries share a name, a file or a crate.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let sources: Self = toml::from_str(text).map_err(|source| Error::Sources(Box::new(source)))?;
        for (what, of) in [
            ("name", (|source| &source.name) as fn(&Source) -> &String),
            ("file", |source| &source.file),
            ("crate", |source| &source.krate),
        ] {
            let mut seen = BTreeSet::new();
            if let Some(twice) = sources.iter().map(of).find(|value| !seen.insert(*value)) {
                return Err(Error::SourcesRule(format!(
                    "two [[spec]] entries have the {what} {twice}"
                )));
            }
        }
        Ok(sources)
    }

    /// The specs, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.spec.iter()
    }

    /// The spec of that name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn get(&self, name: &str) -> Result<&Source, Error> {
        self.iter()
            .find(|source| source.name == name)
            .ok_or_else(|| Error::SourcesRule(format!("no [[spec]] has the name {name}")))
    }
}

impl Source {
    /// Reads spec and overlay from the folder `openapi`, and holds the spec to its pin.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the spec is not the one that was pinned.
    pub fn documents(&self, openapi: &Path) -> Result<Documents, Error> {
        let document = |file: &str| {
            let text = read(&openapi.join(file))?;
            let name = format!("openapi/{file}");
            Ok(Document { name, text })
        };
        let spec = document(&self.file)?;
        let found = sha256(&spec.text);
        if found != self.sha256 {
            return Err(Error::Edited {
                file: self.file.clone(),
                pinned: self.sha256.clone(),
                found,
            });
        }
        let overlay = self.overlay.as_deref().map(document).transpose()?;
        Ok(Documents { spec, overlay })
    }

    /// Where its code is committed, in the workspace at `root`.
    #[must_use]
    pub fn generated_file(&self, root: &Path) -> PathBuf {
        root.join("crates").join(&self.krate).join("src").join("generated.rs")
    }
}

/// The sha256 of a text, in hexadecimal.
#[must_use]
pub fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn json_files(folder: &Path) -> Result<Vec<String>, Error> {
    let unreadable = |source| Error::Read {
        path: folder.to_owned(),
        source,
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
