//! Which part of a spec can the generator not take? Its own errors do not say.

use serde_json::{Value, json};

use crate::error::Culprit;
use crate::leniency::{METHODS, operations, reached_from};
use crate::tokens::tokens;

const SCHEMAS: &str = "/components/schemas";

/// The first part of which alone progenitor can make no code either.
pub(crate) fn culprit(spec: &Value) -> Culprit {
    let mut schemas_alone = spec.clone();
    schemas_alone["paths"] = json!({});
    // They are in every spec that is tried below, so that any operation would seem to be at fault.
    let found = match tokens(&schemas_alone) {
        Ok(_) => operation(spec).map(Culprit::Operation),
        Err(_) => schema(&schemas_alone).map(Culprit::Schema),
    };
    found.unwrap_or(Culprit::Unknown)
}

/// Its id, method and path.
fn operation(spec: &Value) -> Option<String> {
    let places: Vec<String> = operations(spec).into_iter().map(|(place, _)| place).collect();
    places.iter().find_map(|place| {
        let (path, method) = place.rsplit_once('/')?;
        let id = spec.pointer(place)?.get("operationId").and_then(Value::as_str);
        let path_name = path.strip_prefix("/paths/")?.replace("~1", "/").replace("~0", "~");
        let mut item = spec.pointer(path)?.clone();
        item.as_object_mut()?
            .retain(|key, _| key == method || !METHODS.contains(&key.as_str()));
        let mut alone = spec.clone();
        alone["paths"] = json!({ &*path_name: item });
        let method = method.to_uppercase();
        tokens(&alone).is_err().then(|| match id {
            Some(id) => format!("{id} ({method} {path_name})"),
            None => format!("{method} {path_name}"),
        })
    })
}

/// Its name. A schema fails with any that it refers to: of those that fail, the one that refers to the fewest.
fn schema(spec: &Value) -> Option<String> {
    let names = spec.pointer(SCHEMAS)?.as_object()?.keys();
    let failing = names.filter_map(|name| {
        let reached = reached_from(spec, name);
        let mut alone = spec.clone();
        let schemas = alone.pointer_mut(SCHEMAS)?.as_object_mut()?;
        schemas.retain(|other, _| other == name || reached.contains(other));
        tokens(&alone).is_err().then_some((reached.len(), name))
    });
    failing.min().map(|(_, name)| name.clone())
}
