//! Everything that can go wrong between a published page and committed code.

use std::fmt;
use std::path::PathBuf;

use crate::overlay::OverlayError;

/// Why no code could be made of a spec. Each says which file is at fault; nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `sources.toml` is not what [`crate::Sources`] expects.
    #[error("openapi/sources.toml cannot be understood")]
    Sources(#[source] Box<toml::de::Error>),
    /// `sources.toml` breaks a rule that its syntax cannot express.
    #[error("openapi/sources.toml: {0}")]
    SourcesRule(String),
    /// A spec is not the file that its pin names: somebody edited it.
    #[error(
        "openapi/{file} is not the file that openapi/sources.toml pins: its sha256 is {found}, the pin says {pinned}. \
         A published spec is never edited by hand: a correction goes into its overlay. `git checkout -- openapi/{file}` \
         puts it back; `cargo xtask drift FILE|URL --accept` takes what the vendor publishes today"
    )]
    Edited {
        /// The spec's file name in `openapi/`.
        file: String,
        /// The pin.
        pinned: String,
        /// What was found.
        found: String,
    },
    /// The manifest of a crate is not TOML.
    #[error("{path} is not TOML")]
    Manifest {
        /// The manifest.
        path: String,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
    /// A document is not JSON.
    #[error("{file} is not JSON")]
    NotJson {
        /// The document's name.
        file: String,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// A document is JSON, but no OpenAPI 3.0 document once the overlay has been applied.
    #[error("{file} is not an OpenAPI 3.0 document")]
    NotOpenApi {
        /// The document's name.
        file: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The overlay is malformed or does not fit the document.
    #[error("the overlay {file} cannot be applied")]
    Overlay {
        /// The overlay's name.
        file: String,
        /// Which action, and why.
        source: OverlayError,
    },
    /// progenitor refused the document.
    #[error(
        "progenitor cannot make a client of {file}{culprit}; an overlay action may have to remove what it cannot take"
    )]
    Generator {
        /// The document's name.
        file: String,
        /// What in it was refused.
        culprit: Culprit,
        /// What progenitor said.
        source: Box<progenitor::Error>,
    },
    /// progenitor panicked over the document, as it does over shapes that it does not know.
    #[error(
        "progenitor panicked over {file}{culprit} ({message}); an overlay action has to remove the shape that it does not \
         know"
    )]
    GeneratorPanicked {
        /// The document's name.
        file: String,
        /// What in it made progenitor panic.
        culprit: Culprit,
        /// What the panic said.
        message: String,
    },
    /// A request of the document has a secret, which no generated type can both hide and send.
    #[error(
        "{file} has `format: password` in a request, at {place}: a generated client never writes a secret. An overlay action \
         can remove the operation, or the format if `Debug` may show the value"
    )]
    SecretInRequest {
        /// The document's name.
        file: String,
        /// Where, as a JSON Pointer.
        place: String,
    },
    /// The generator wrote something that is not Rust.
    #[error("what progenitor made of {file} is not Rust")]
    NotRust {
        /// The document's name.
        file: String,
        /// Where.
        source: syn::Error,
    },
}

/// The part of a spec that the generator cannot take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Culprit {
    /// An operation: its id, method and path.
    Operation(String),
    /// A schema of `components`: its name.
    Schema(String),
    /// It takes each part alone.
    Unknown,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation(operation) => write!(f, ", operation {operation}"),
            Self::Schema(schema) => write!(f, ", schema {schema}"),
            Self::Unknown => Ok(()),
        }
    }
}
