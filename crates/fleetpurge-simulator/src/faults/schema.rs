//! The JSON Schema of a fault script: what serde reads, and those of `script`'s checks that a schema can express.
//!
//! What it refuses, [`FaultScript`] refuses. It lets through what only reading can tell: a range that ends before it
//! begins, bytes that are no base64, a header's value.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::matching::{ErrorCode, Numbers, OneOrMany, Selector};
use super::model::{Script, Then};
use super::script::{DELETIONS_ONLY, FaultScript, actions};

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

/// An object in which this field stands and says something.
fn given(field: &str) -> Value {
    json!({"required": [field], "properties": {field: {"not": {"enum": [null, false, 0]}}}})
}

/// An object in which this field is exactly that.
fn is(field: &str, value: impl Into<Value>) -> Value {
    json!({"required": [field], "properties": {field: {"const": value.into()}}})
}

/// An object in which this field holds an object that is so.
fn within(field: &str, so: &Value) -> Value {
    json!({"required": [field], "properties": {field: so}})
}

fn any(of: impl IntoIterator<Item = Value>) -> Value {
    json!({"anyOf": of.into_iter().collect::<Vec<_>>()})
}

fn not(so: &Value) -> Value {
    json!({"not": so})
}

fn given_any(fields: &[&str]) -> Value {
    any(fields.iter().map(|field| given(field)))
}

fn insert_all_of(schema: &mut Schema, all: Vec<Value>) {
    schema.insert("allOf".to_owned(), Value::Array(all));
}

/// An object that holds this action.
fn action(name: &str) -> Value {
    match name {
        // A limit of 0 is one.
        "batch_limit" => json!({"required": [name], "properties": {name: {"type": "integer"}}}),
        _ => given(name),
    }
}

/// Exactly one action; or none, and something that goes with any.
pub(super) fn one_action(schema: &mut Schema) {
    let actions: Vec<Value> = actions(&Then::default()).map(|(name, _)| action(name)).to_vec();
    let alone = json!({
        "allOf": [
            not(&any(actions.clone())),
            any([
                given_any(&["delay_ms", "delay_reply_ms", "close_idle"]),
                json!({"required": ["applied"], "properties": {"applied": {"type": "boolean"}}}),
                json!({"required": ["cut_body_after"], "properties": {"cut_body_after": {"type": "integer"}}}),
            ]),
        ],
    });
    let one_or_none: Vec<Value> = actions.into_iter().chain([alone]).collect();
    let not_processed = any([
        given("close_before_read"),
        is("reset", "before_read"),
        given("h2_refused_stream"),
        within("h2_goaway", &is("last_stream", "below")),
    ]);
    insert_all_of(
        schema,
        vec![
            json!({"oneOf": one_or_none}),
            json!({"if": not_processed, "then": not(&is("applied", true))}),
        ],
    );
}

/// What depends on the condition and the action both.
pub(super) fn rule(schema: &mut Schema) {
    let of_devices: Vec<Value> = ["device_uid", "device_name", "min_devices", "max_devices"]
        .map(|field| json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}}))
        .to_vec();
    let no_devices = not(&within("when", &any(of_devices)));
    let deletions_only = any(DELETIONS_ONLY.map(action));
    let before_read = within("then", &any([given("close_before_read"), is("reset", "before_read")]));
    insert_all_of(
        schema,
        vec![
            json!({
                "if": within("when", &any(["token", "reads"].map(|endpoint| is("endpoint", endpoint)))),
                "then": {"allOf": [no_devices.clone(), not(&within("then", &deletions_only))]},
            }),
            json!({"if": before_read, "then": no_devices}),
        ],
    );
}

/// At most one body.
pub(super) fn one_body(schema: &mut Schema) {
    let mut bodies: Vec<Value> = ["error_code", "text", "html", "base64", "repeat"]
        .map(|field| json!({"required": [field], "properties": {field: {"not": {"type": "null"}}}}))
        .to_vec();
    bodies.push(json!({"required": ["json"]}));
    let none = not(&any(bodies.clone()));
    bodies.push(none);
    insert_all_of(schema, vec![json!({"oneOf": bodies})]);
}

/// A stream above the last one is never answered.
pub(super) fn goaway(schema: &mut Schema) {
    insert_all_of(
        schema,
        vec![json!({"if": is("last_stream", "below"), "then": not(&is("answer", true))})],
    );
}

/// A header's name is a token (RFC 9110, section 5.1).
pub(super) fn header_names(schema: &mut Schema) {
    schema.insert(
        "propertyNames".to_owned(),
        json!({"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"}),
    );
}
