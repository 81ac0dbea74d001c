//! Places in a spec: its operations, and what a reference leads to.

use serde_json::Value;

/// The methods of a path item that are operations.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A key as one step of a JSON Pointer.
pub(crate) fn step(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The operations of a spec, each with its JSON Pointer.
pub(crate) fn operations(spec: &Value) -> Vec<(String, &Value)> {
    let paths = spec.get("paths").and_then(Value::as_object).into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                let operation = item.get(*method)?;
                Some((format!("/paths/{}/{method}", step(path)), operation))
            })
        })
        .collect()
}

/// What a value refers to, if it is a reference within the document, and its JSON Pointer.
pub(super) fn target<'a>(spec: &'a Value, value: &'a Value) -> Option<(&'a str, &'a Value)> {
    let pointer = value.get("$ref")?.as_str()?.strip_prefix('#')?;
    Some((pointer, spec.pointer(pointer)?))
}
