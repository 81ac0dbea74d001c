//! Those checks of `script` that a JSON Schema can express.

use schemars::Schema;
use serde_json::{Value, json};

use super::actions::{ACTIONS, DELETIONS_ONLY};

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
    let actions: Vec<Value> = ACTIONS.map(action).to_vec();
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
