//! An error response without a body, beside one with a body, is dropped: progenitor 0.15.1 panics on the two together.
//! Such a reply then comes back as an unexpected response, with its status and headers. `default` counts as an error here,
//! but progenitor compares it with the successes, too.

use serde_json::Value;

use super::dropped::{Dropped, Rule};
use super::places::{operations, step, target};

const DEFAULT: &str = "default";

pub(super) fn apply(spec: &mut Value) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    for (place, operation) in operations(spec) {
        let responses = || {
            let responses = operation.get("responses").and_then(Value::as_object);
            responses.into_iter().flatten()
        };
        let any_body =
            |is_one: fn(&str) -> bool| responses().any(|(status, response)| is_one(status) && has_body(spec, response));
        let (error_has_body, success_has_body) = (any_body(is_error), any_body(is_success));
        let bare = responses().filter(|(status, response)| {
            let beside_a_body = error_has_body || status.as_str() == DEFAULT && success_has_body;
            is_error(status) && beside_a_body && !has_body(spec, response)
        });
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
    status == DEFAULT || status.starts_with(['4', '5'])
}

fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

fn has_body(spec: &Value, response: &Value) -> bool {
    let response = target(spec, response).map_or(response, |(_, response)| response);
    let content = response.get("content").and_then(Value::as_object);
    content.is_some_and(|content| !content.is_empty())
}
