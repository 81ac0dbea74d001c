//! `openapi/sources.toml`: which specs there are, where each came from, and the pin that keeps hands off a vendor's.

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
#[serde(try_from = "Entry")]
pub struct Source {
    /// The name by which tasks and build scripts ask for it.
    pub name: String,
    /// Its file in `openapi/`.
    pub file: String,
    /// Our corrections to it, a file in `openapi/`.
    pub overlay: Option<String>,
    /// The crate, a folder in `crates/`, whose `src/generated.rs` is made of it.
    pub krate: String,
    /// Whose words it is.
    pub origin: Origin,
}

/// Whose words a spec is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The vendor's: it is pinned, and corrected by an overlay alone.
    Published(Published),
    /// Ours, where the vendor publishes none: it is edited like any source, and says itself where each of its facts is
    /// from. What the code was made of, the sha256 in its header tells.
    Written {
        /// From what we wrote it.
        from: String,
    },
}

/// Where a published spec is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The page that it was published on.
    pub page: String,
    /// When it was taken from there: year, month and, where known, day.
    pub retrieved: String,
    /// The sha256 of the file, in hexadecimal.
    pub sha256: String,
}

/// A `[[spec]]` as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    file: String,
    overlay: Option<String>,
    #[serde(rename = "crate")]
    krate: String,
    page: Option<String>,
    retrieved: Option<String>,
    sha256: Option<String>,
    written: Option<String>,
}

impl TryFrom<Entry> for Source {
    type Error = String;

    fn try_from(entry: Entry) -> Result<Self, String> {
        let name = entry.name;
        let origin = match (entry.page, entry.retrieved, entry.sha256, entry.written) {
            (Some(page), Some(retrieved), Some(sha256), None) => Origin::Published(Published {
                page,
                retrieved,
                sha256,
            }),
            (None, None, None, Some(from)) if entry.overlay.is_none() => Origin::Written { from },
            (None, None, None, Some(_)) => {
                return Err(format!(
                    "{name} is written by us: correct it in place, without an overlay"
                ));
            }
            (.., None) => return Err(format!("{name} needs `page`, `retrieved` and `sha256`, or `written`")),
            (.., Some(_)) => {
                return Err(format!(
                    "{name} is `written` by us: it has no `page`, `retrieved` or `sha256`"
                ));
            }
        };
        Ok(Self {
            name,
            file: entry.file,
            overlay: entry.overlay,
            krate: entry.krate,
            origin,
        })
    }
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
    /// The spec; a published one as its pin has it.
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
    /// Reads spec and overlay from the folder `openapi`, and holds a published spec to its pin.
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
        if let Origin::Published(published) = &self.origin {
            let found = sha256(&spec.text);
            if found != published.sha256 {
                return Err(Error::Edited {
                    file: self.file.clone(),
                    pinned: published.sha256.clone(),
                    found,
                });
            }
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
