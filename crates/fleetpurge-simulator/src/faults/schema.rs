//! The JSON Schema of a fault script: what serde reads, and what [`constraints`](super::constraints) adds.
//!
//! What it refuses, [`FaultScript`] refuses. It lets through what only reading can tell: a range that ends before it
//! begins, bytes that are no base64, a header's value.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::matching::{ErrorCode, Numbers, OneOrMany, Selector};
use super::model::Script;
use super::script::FaultScript;

impl JsonSchema for FaultScript {
    fn schema_name() -> Cow<'static, str> {
        "FaultScript".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Script::json_schema(generator);
        schema.insert(
            "description".to_owned(),
            json!("What is to go wrong, and when. FAULTS.md of fleetpurge-simulator is its grammar."),
        );
        schema
    }
}

impl JsonSchema for Numbers {
    fn schema_name() -> Cow<'static, str> {
        "Numbers".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Request numbers: `3`, \"2-5\", \"7-\", or a list of these.",
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": r"^\s*\+?0*[1-9][0-9]*\s*(-\s*(\+?[0-9]+\s*)?)?$"},
                {"type": "array", "items": generator.subschema_for::<Self>()},
            ],
        })
    }
}

impl JsonSchema for OneOrMany {
    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A string or a list of strings.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        })
    }
}

impl JsonSchema for ErrorCode {
    fn schema_name() -> Cow<'static, str> {
        "ErrorCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A word or a number.",
            "anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}],
        })
    }
}

impl JsonSchema for Selector {
    fn schema_name() -> Cow<'static, str> {
        "Selector".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Devices of a request: \"all\", a position from 0, a uid or a name, or a list of these.",
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string"},
                {"type": "array", "items": generator.subschema_for::<Self>()},
            ],
        })
    }
}
