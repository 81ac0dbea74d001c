//! Devices, variables and values as JSON. Pure.

use serde_json::{Map, Value, json};

use super::date::iso;
use super::device::{UbidotsDevice, UbidotsValue, UbidotsVariable};

/// A device. Its links are not on the host that was asked.
pub(crate) fn device(device: &UbidotsDevice, links: &str) -> Value {
    let url = format!("{links}/api/v2.0/devices/{}", device.id);
    json!({
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
    })
}

/// A variable.
pub(crate) fn variable(variable: &UbidotsVariable, device: &UbidotsDevice, links: &str) -> Value {
    let last = variable.values.iter().max_by_key(|value| value.timestamp);
    json!({
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
        "lastValue": last.map(value),
        "url": format!("{links}/api/v2.0/variables/{}", variable.id),
        "valuesUrl": format!("{links}/api/v1.6/variables/{}/values", variable.id),
    })
}

/// A value.
pub(crate) fn value(value: &UbidotsValue) -> Value {
    json!({
        "timestamp": value.timestamp,
        "value": value.value,
        "context": value.context,
        "created_at": value.timestamp,
    })
}

/// Of an object these fields; all of them when none is named.
pub(crate) fn only(value: Value, fields: &[&str]) -> Value {
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
