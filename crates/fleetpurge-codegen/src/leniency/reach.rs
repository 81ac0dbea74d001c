//! Which parts of a spec do requests reach, and which do replies?

use std::collections::BTreeSet;

use serde_json::Value;

use super::places::{operations, step, target};

/// The parts of the spec that a request has, as JSON Pointers: parameters, bodies, and all that those refer to.
pub(crate) fn of_requests(spec: &Value) -> BTreeSet<String> {
    let mut own = Vec::new();
    for path in spec.get("paths").and_then(Value::as_object).into_iter().flatten() {
        own.push(format!("/paths/{}/parameters", step(path.0)));
    }
    for (operation, _) in operations(spec) {
        own.extend(["parameters", "requestBody"].map(|part| format!("{operation}/{part}")));
    }
    let mut reached = BTreeSet::new();
    for place in own {
        walk(spec, spec.pointer(&place), &mut reached);
        reached.insert(place);
    }
    reached
}

/// The names of the schemas that a schema refers to, or that those refer to.
pub(crate) fn reached_from(spec: &Value, schema: &str) -> BTreeSet<String> {
    const SCHEMAS: &str = "/components/schemas/";
    let mut reached = BTreeSet::new();
    walk(spec, spec.pointer(&format!("{SCHEMAS}{}", step(schema))), &mut reached);
    let name = |place: &String| place.strip_prefix(SCHEMAS).map(str::to_owned);
    reached.iter().filter_map(name).collect()
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
