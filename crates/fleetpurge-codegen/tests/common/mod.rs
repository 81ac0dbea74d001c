//! What several test files need: the workspace's own specs.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its share; a helper fails as a test does"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use fleetpurge_codegen::{Documents, Sources};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn openapi() -> PathBuf {
    root().join("openapi")
}

/// The spec and overlay of Nexthink's API, as they are committed.
pub(crate) fn data_management() -> Documents {
    documents("data-management")
}

/// The spec of Ubidots' API, as it is committed.
pub(crate) fn ubidots_devices() -> Documents {
    documents("ubidots-devices")
}

fn documents(name: &str) -> Documents {
    let sources = Sources::read(&openapi()).unwrap();
    sources.get(name).unwrap().documents(&openapi()).unwrap()
}

/// An error and its sources, as a person would see them.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += ": ";
        text += &error.to_string();
        source = error.source();
    }
    text
}
