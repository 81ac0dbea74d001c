//! Which parts of a spec do requests reach, and which do replies?

use std::collections::BTreeSet;

use serde_json::Value;

use super::places::{operations, target};

/// The parts of `components` that a request has: by its parameters and its body, and by all that those refer to.
pub(super) fn of_requests(spec: &Value) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    for item in spec.get("paths").and_then(Value::as_object).into_iter().flatten() {
        walk(spec, item.1.get("parameters"), &mut reached);
    }
    for (_, operation) in operations(spec) {
        walk(spec, operation.get("parameters"), &mut reached);
        walk(spec, operation.get("requestBody"), &mut reached);
    }
    reached
}

/// The parts of `components` that a reply has.
pub(super) fn of_replies(spec: &Value) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    for (_, operation) in operations(spec) {
        walk(spec, operation.get("responses"), &mut reached);
    }
    reached
}

/// Adds what `node` refers to, and what that refers to. Examples may hold `$ref` as data; following one more reference
/// only keeps more.
fn walk(spec: &Value, node: Option<&Value>, reached: &mut BTreeSet<String>) {
    let Some(node) = node else { return };
    if let Some((pointer, part)) = target(spec, node) {
        if reached.insert(pointer.to_owned()) {
            walk(spec, Some(part), reached);
        }
        return;
    }
    match node {
        Value::Object(object) => object.values().for_each(|value| walk(spec, Some(value), reached)),
        Value::Array(array) => array.iter().for_each(|value| walk(spec, Some(value), reached)),
        _ => {}
    }
}
