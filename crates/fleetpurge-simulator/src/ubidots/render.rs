//! Devices, variables and values as JSON. Pure.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::date::iso;
use super::device::{UbidotsDevice, UbidotsValue, UbidotsVariable};

/// A device. Its links are not on the host that was asked.
pub(crate) fn device(device: &UbidotsDevice, links: &str, fields: &[&str]) -> Box<RawValue> {
    let url = format!("{links}/api/v2.0/devices/{}", device.id);
    let told = json!({
        "id": device.id,
        "label": device.label,
        "name": device.name,
        "description": null,
        "createdAt": iso(device.created_at),
        "isActive": device.is_active,
        "lastActivity": device.last_activity,
        "organization": null,
        "tags": device.tags,
        "url": url,
        "variables": format!("{url}/variables"),
        "variablesCount": device.variables.len(),
        "properties": {},
    });
    given_or(device.raw.as_deref(), told, fields)
}

/// A variable.
pub(crate) fn variable(
    variable: &UbidotsVariable,
    device: &UbidotsDevice,
    links: &str,
    fields: &[&str],
) -> Box<RawValue> {
    let last = variable.values.iter().max_by_key(|value| value.timestamp);
    let told = json!({
        "id": variable.id,
        "label": variable.label,
        "name": variable.label,
        "description": null,
        "createdAt": iso(device.created_at),
        "type": "raw",
        "unit": null,
        "tags": [],
        "properties": {},
        "syntheticExpression": "",
        "lastActivity": last.map(|last| last.timestamp),
        "lastValue": last.map(told_value),
        "url": format!("{links}/api/v2.0/variables/{}", variable.id),
        "valuesUrl": format!("{links}/api/v1.6/variables/{}/values", variable.id),
    });
    given_or(variable.raw.as_deref(), told, fields)
}

/// A value.
pub(crate) fn value(value: &UbidotsValue, fields: &[&str]) -> Box<RawValue> {
    given_or(value.raw.as_deref(), told_value(value), fields)
}

fn told_value(value: &UbidotsValue) -> Value {
    json!({
        "timestamp": value.timestamp,
        "value": value.value,
        "context": value.context,
        "created_at": value.timestamp,
    })
}

/// Whether a text can be served as it is.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// The JSON that a test has given, or else the default.
fn given_or(given: Option<&str>, told: Value, fields: &[&str]) -> Box<RawValue> {
    given
        .and_then(|given| RawValue::from_string(given.to_owned()).ok())
        .or_else(|| serde_json::value::to_raw_value(&only(told, fields)).ok())
        .unwrap_or_else(|| RawValue::NULL.to_owned())
}

/// Of an object these fields; all of them when none is named.
fn only(value: Value, fields: &[&str]) -> Value {
    match value {
        Value::Object(all) if !fields.is_empty() => {
            let kept: Map<_, _> = all
                .into_iter()
                .filter(|(name, _)| fields.contains(&name.as_str()))
                .collect();
            Value::Object(kept)
        }
        other => other,
    }
}
