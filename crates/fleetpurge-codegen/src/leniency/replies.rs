//! What a schema that only replies have demands of a value is dropped.
//!
//! A generated type refuses a value that breaks such a demand, and with it the whole reply, after the service has acted.
//! `required` stays: without it every field would be optional, and a facade reads such a reply leniently anyway.

use serde_json::Value;

use super::dropped::{Dropped, Rule};
use super::places::{operations, step};
use super::reach;

/// The keywords that go. Of a missing value, `default` would make one that nobody has sent. `not` goes as a whole: the
/// less a schema within it demands, the more it refuses.
const DEMANDS: [&str; 19] = [
    "const",
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "pattern",
    "uniqueItems",
    "unevaluatedProperties",
];

/// The formats that stay: the mark of a secret makes no demand, and an integer without a format is an `i64`, which holds
/// fewer numbers than `uint64` promises.
const FORMATS_KEPT: [&str; 2] = ["password", "uint64"];

pub(super) fn apply(spec: &mut Value) -> Vec<Dropped> {
    let requests = reach::of_requests(spec);
    let mut places: Vec<String> = reach::of_replies(spec)
        .into_iter()
        .filter(|part| !requests.contains(part))
        .collect();
    places.extend(
        operations(spec)
            .into_iter()
            .map(|(operation, _)| format!("{operation}/responses")),
    );
    let mut dropped = Vec::new();
    for place in places {
        if let Some(part) = spec.pointer_mut(&place) {
            match place.strip_prefix("/components/schemas/") {
                Some(_) => relax(part, &place, &mut dropped),
                None => relax_within(part, &place, &mut dropped),
            }
        }
    }
    dropped
}

/// Relaxes every schema in a response, or in several: the values of the key `schema`.
fn relax_within(node: &mut Value, place: &str, dropped: &mut Vec<Dropped>) {
    let Value::Object(object) = node else { return };
    for (key, value) in object {
        let place = format!("{place}/{}", step(key));
        match key.as_str() {
            "schema" => relax(value, &place, dropped),
            // Data, and what is reached by reference elsewhere.
            "example" | "examples" | "links" => {}
            _ => relax_within(value, &place, dropped),
        }
    }
}

/// Relaxes a schema and those within it.
fn relax(schema: &mut Value, place: &str, dropped: &mut Vec<Dropped>) {
    let Value::Object(object) = schema else { return };
    for key in DEMANDS {
        let is_kept = |format: &Value| FORMATS_KEPT.iter().any(|kept| format == kept);
        if key == "format" && object.get(key).is_some_and(is_kept) {
            continue;
        }
        remove(object, key, place, dropped);
    }
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        remove(object, "additionalProperties", place, dropped);
    }
    for (key, value) in object {
        let place = format!("{place}/{}", step(key));
        match (key.as_str(), value) {
            ("properties" | "patternProperties", Value::Object(named)) => {
                for (name, schema) in named {
                    relax(schema, &format!("{place}/{}", step(name)), dropped);
                }
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                for (n, schema) in schemas.iter_mut().enumerate() {
                    relax(schema, &format!("{place}/{n}"), dropped);
                }
            }
            ("items" | "additionalProperties", schema) => relax(schema, &place, dropped),
            _ => {}
        }
    }
}

fn remove(object: &mut serde_json::Map<String, Value>, key: &str, place: &str, dropped: &mut Vec<Dropped>) {
    if let Some(value) = object.remove(key) {
        dropped.push(Dropped {
            place: format!("{place}/{key}"),
            value: value.to_string(),
            rule: Rule::Reply,
        });
    }
}
