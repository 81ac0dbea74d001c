//! An error response without a body, beside one with a body, is dropped: progenitor 0.15.1 panics on the two together.
//! Such a reply then comes back as an unexpected response, with its status and headers.

use serde_json::Value;

use super::dropped::{Dropped, Rule};
use super::places::{operations, step, target};

pub(super) fn apply(spec: &mut Value) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    for (place, operation) in operations(spec) {
        let errors = || {
            let responses = operation.get("responses").and_then(Value::as_object);
            responses.into_iter().flatten().filter(|(status, _)| is_error(status))
        };
        if !errors().any(|(_, response)| has_body(spec, response)) {
            continue;
        }
        let bare = errors().filter(|(_, response)| !has_body(spec, response));
        dropped.extend(bare.map(|(status, response)| Dropped {
            place: format!("{place}/responses/{}", step(status)),
            value: response.to_string(),
            rule: Rule::ErrorWithoutBody,
        }));
    }
    for Dropped { place, .. } in &dropped {
        if let Some((parent, key)) = place.rsplit_once('/')
            && let Some(Value::Object(responses)) = spec.pointer_mut(parent)
        {
            responses.remove(key);
        }
    }
    dropped
}

fn is_error(status: &str) -> bool {
    status == "default" || status.starts_with(['4', '5'])
}

fn has_body(spec: &Value, response: &Value) -> bool {
    let response = target(spec, response).map_or(response, |(_, response)| response);
    let content = response.get("content").and_then(Value::as_object);
    content.is_some_and(|content| !content.is_empty())
}
