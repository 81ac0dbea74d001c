//! What several test files need: the workspace's own specs, and made-up ones.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its share; a helper fails as a test does"
)]

use std::error::Error;
use std::path::{Path, PathBuf};

use fleetpurge_codegen::{Document, Documents, Sources};
use serde_json::{Value, json};

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

/// A spec with these operations, and a `Body` that requests have.
pub(crate) fn made_up(paths: &Value) -> Documents {
    with_schemas(
        paths,
        &json!({
            "Body": {"type": "object", "required": ["id", "at", "day"], "properties": {
                "id": {"type": "string", "format": "uuid"},
                "at": {"type": "string", "format": "date-time"},
                "day": {"type": "string", "format": "date"}
            }},
            "Other": {"type": "object", "properties": {"x": {"type": "string"}}}
        }),
    )
}

/// A spec with these operations and schemas.
pub(crate) fn with_schemas(paths: &Value, schemas: &Value) -> Documents {
    let spec = json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": paths, "components": {"schemas": schemas}
    });
    Documents {
        spec: Document {
            name: "openapi/made-up.json".to_owned(),
            text: spec.to_string(),
        },
        overlay: None,
    }
}

/// A body of this schema, as a request or a response has it.
pub(crate) fn content(schema: &str) -> Value {
    json!({"description": "", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}}})
}

/// The paths of a spec with one operation, which sends this schema.
pub(crate) fn asked(schema: &str) -> Value {
    json!({"/a": {"post": {
        "operationId": "ask", "requestBody": {"content": content(schema)["content"].clone()},
        "responses": {"204": {"description": ""}}
    }}})
}

/// The paths of a spec with one operation, which is answered by this schema.
pub(crate) fn answered(schema: &str) -> Value {
    json!({"/a": {"get": {"operationId": "read", "responses": {"200": content(schema)}}}})
}
