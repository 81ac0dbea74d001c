//! What the formats of a spec's strings are in Rust.
//!
//! | format | type | where it is from |
//! |---|---|---|
//! | `uuid`, `ip`, `ipv4`, `ipv6` | `uuid::Uuid`, those of `std::net` | the generator |
//! | `date-time`, `date` | `jiff::Timestamp`, `jiff::civil::Date` | here: its own choice is `chrono`, which no raw crate has |
//! | `password` | `fleetpurge_http::secret::Secret` | here: every generated type derives `Debug`, and would show it |
//!
//! Formats of replies are dropped before (`leniency`), all but `password`.

use progenitor::{GenerationSettings, TypeImpl};
use schemars_08::schema::{InstanceType, SchemaObject};
use serde_json::{Map, Value};

use crate::leniency::{of_requests, step};

const PASSWORD: &str = "password";
const SECRET: &str = "fleetpurge_http::secret::Secret";
const DATES: [(&str, &str); 2] = [("date-time", "::jiff::Timestamp"), ("date", "::jiff::civil::Date")];

/// What says nothing about a value: the generator takes these keys apart from the schema.
const REMARKS: [&str; 10] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Tells the generator the types of this file.
pub(crate) fn convert(settings: &mut GenerationSettings, spec: &Value) {
    let text = || [TypeImpl::Display, TypeImpl::FromStr].into_iter();
    for (format, rust) in DATES {
        settings.with_conversion(string_of(format), rust, text());
    }
    settings.with_conversion(string_of(PASSWORD), SECRET, std::iter::empty());
    // A secret with a name of its own needs no type around it.
    for name in named_secrets(spec) {
        settings.with_replacement(name, SECRET, std::iter::empty::<TypeImpl>());
    }
}

/// Takes from each string of these formats what would hide it from [`convert`]: the generator compares whole schemas, so
/// that a date with an `x-` key or a `minLength` would not be one of ours. The types check more than such limits do.
pub(crate) fn lay_bare(node: &mut Value) {
    match node {
        Value::Object(object) if is_converted(object) => {
            object.retain(|key, _| key == "type" || key == "format" || REMARKS.contains(&key.as_str()));
        }
        Value::Object(object) => object.values_mut().for_each(lay_bare),
        Value::Array(array) => array.iter_mut().for_each(lay_bare),
        _ => {}
    }
}

/// The JSON Pointer of the first secret that a request would have. A `Secret` is never written, so that the request could
/// not be sent, and any other type would be shown by `Debug`.
pub(crate) fn secret_of_a_request(spec: &Value) -> Option<String> {
    of_requests(spec)
        .into_iter()
        .find_map(|place| secret_in(spec.pointer(&place)?, &place))
}

fn secret_in(node: &Value, place: &str) -> Option<String> {
    let steps: Vec<(String, &Value)> = match node {
        Value::Object(object) if is_string_of(object, PASSWORD) => return Some(place.to_owned()),
        Value::Object(object) => object.iter().map(|(key, value)| (step(key), value)).collect(),
        Value::Array(array) => array
            .iter()
            .enumerate()
            .map(|(n, value)| (n.to_string(), value))
            .collect(),
        _ => return None,
    };
    steps
        .into_iter()
        .find_map(|(step, value)| secret_in(value, &format!("{place}/{step}")))
}

/// Of a fixed list of dates the generator makes an enum.
fn is_converted(object: &Map<String, Value>) -> bool {
    let is_one = |format| is_string_of(object, format);
    !object.contains_key("enum") && (is_one(PASSWORD) || DATES.iter().any(|(format, _)| is_one(format)))
}

fn is_string_of(object: &Map<String, Value>, format: &str) -> bool {
    let is = |key: &str, value: &str| object.get(key).is_some_and(|found| found == value);
    is("type", "string") && is("format", format)
}

fn string_of(format: &str) -> SchemaObject {
    SchemaObject {
        instance_type: Some(InstanceType::String.into()),
        format: Some(format.to_owned()),
        ..SchemaObject::default()
    }
}

/// The names of the schemas that are secrets.
fn named_secrets(spec: &Value) -> impl Iterator<Item = &String> {
    let schemas = spec.pointer("/components/schemas").and_then(Value::as_object);
    schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| schema["format"] == PASSWORD)
        .map(|(name, _)| name)
}
