//! Turns an OpenAPI document and an overlay into the committed source of a raw client.
//!
//! - [`overlay`] applies our corrections (OpenAPI Overlay 1.1) to a published document, which is never edited itself.
//! - [`sources`] reads `openapi/sources.toml` and holds every published spec to its pin.
//! - [`leniency`] drops from every spec what would lose a reply that says more than the spec.
//! - [`generate()`] is the one function that makes code: `cargo xtask regen`, its `--check`, the tests and the
//!   build-time crate all call it.
//! - [`dependencies`] says what the manifest of a raw crate lacks.
//! - [`new_spec`] lays out the raw crate of a spec that is new.
//! - [`drift`] compares what the vendor publishes today with the spec that we have, by meaning.
//! - [`committed`] puts that code in its place, or shows how the place differs.

pub mod committed;
mod culprit;
pub mod dependencies;
mod docs;
pub mod drift;
mod encoded;
mod error;
mod formats;
pub mod generate;
pub mod leniency;
mod limits;
pub mod new_spec;
pub mod overlay;
mod schemas;
pub mod sources;
mod tokens;

pub use error::Error;
pub use generate::{Generated, generate};
pub use overlay::Overlay;
pub use sources::{Document, Documents, Origin, Source, Sources};
