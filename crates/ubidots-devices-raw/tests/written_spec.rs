//! What our own spec has to keep to: each of its parts says on what it rests, and no operation can go astray.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use ubidots_devices_raw::hooks::{API_KEY, AUTH_TOKEN};
use ubidots_devices_raw::types;

const LEVELS: [&str; 4] = ["documented", "official-client", "observed", "inferred"];

fn spec() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/ubidots-devices.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn entries(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flatten()
}

/// Everything that a reader may ask of where it is from, by its place.
fn parts(spec: &Value) -> BTreeMap<String, &Value> {
    let mut parts = BTreeMap::new();
    let mut add = |place: String, part| {
        if part_is_here(part) {
            parts.insert(place, part);
        }
    };
    for server in spec["servers"].as_array().unwrap() {
        add(format!("server {}", server["url"]), server);
    }
    for (path, item) in entries(&spec["paths"]) {
        for (method, operation) in entries(item) {
            add(format!("{method} {path}"), operation);
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                add(format!("{method} {path} {}", parameter["name"]), parameter);
            }
            for (status, response) in entries(&operation["responses"]) {
                add(format!("{method} {path} {status}"), response);
            }
        }
    }
    for kind in ["securitySchemes", "parameters", "responses", "schemas"] {
        for (name, part) in entries(&spec["components"][kind]) {
            add(format!("{kind} {name}"), part);
        }
    }
    parts
}

/// A reference says it where it leads to.
fn part_is_here(part: &Value) -> bool {
    part.get("$ref").is_none()
}

#[test]
fn every_part_says_on_what_it_rests() {
    let spec = spec();
    let parts = parts(&spec);
    assert!(parts.len() > 40, "only {} parts were found", parts.len());
    for (place, part) in parts {
        let provenance = &part["x-provenance"];
        let level = provenance["level"].as_str().unwrap_or_default();
        assert!(LEVELS.contains(&level), "{place}: the level {level:?}");
        assert!(
            provenance["source"].as_str().is_some_and(|source| !source.is_empty()),
            "{place}: no source"
        );
        assert!(entries(provenance).all(|(key, _)| ["level", "source", "note"].contains(&key.as_str())));
    }
}

#[test]
fn nothing_in_the_spec_deletes_but_the_one_operation() {
    let spec = spec();
    let mut operations = BTreeMap::new();
    for (path, item) in entries(&spec["paths"]) {
        for (method, operation) in entries(item) {
            operations.insert(operation["operationId"].as_str().unwrap(), format!("{method} {path}"));
        }
    }
    let expected = [
        ("bulk_delete_devices", "post /api/v2.0/devices/_/bulk/delete/"),
        ("create_token", "post /api/v1.6/auth/token"),
        ("get_device", "get /api/v2.0/devices/{device_key}/"),
        ("list_device_variables", "get /api/v2.0/devices/{device_key}/variables/"),
        ("list_devices", "get /api/v2.0/devices/"),
        ("list_variable_values", "get /api/v1.6/variables/{variable_id}/values"),
    ];
    assert_eq!(operations, expected.map(|(id, path)| (id, path.to_owned())).into());
}

#[test]
fn credentials_are_security_schemes_and_no_parameters() {
    let spec = spec();
    let schemes: Vec<&str> = entries(&spec["components"]["securitySchemes"])
        .map(|(_, scheme)| scheme["name"].as_str().unwrap())
        .collect();
    for header in [AUTH_TOKEN, API_KEY] {
        assert!(
            schemes.iter().any(|name| name.eq_ignore_ascii_case(header.as_str())),
            "{header}"
        );
    }
    for (place, part) in parts(&spec) {
        let name = part["name"].as_str().unwrap_or_default();
        let is_parameter = part.get("schema").is_some();
        assert!(
            !(is_parameter && schemes.contains(&name)),
            "{place} would take a credential"
        );
    }
}

#[test]
fn a_key_that_would_lead_to_another_path_cannot_be_made() {
    let id = "6e309da44fc8455a9cceb5aa";
    for good in [id, "~a", "~second-device", "~_", "~..", "~caf\u{e9}"] {
        assert!(good.parse::<types::DevicePathKey>().is_ok(), "{good:?}");
    }
    assert!(id.parse::<types::ObjectId>().is_ok());
    for bad in [
        "",
        "_",
        ".",
        "..",
        "/",
        "~",
        "~a/b",
        "~../..",
        "~a%2Fb",
        "~a?b",
        "~a#b",
        "~a\\b",
        "~a b",
        "~a\n",
        "second-device",
        "6e309da44fc8455a9cceb5a",
        "6e309da44fc8455a9cceb5aaa",
        "6e309da44fc8455a9cceb5aa\n",
        "6e309da44fc8455a9cceb5ag",
        " 6e309da44fc8455a9cceb5aa",
    ] {
        assert!(bad.parse::<types::DevicePathKey>().is_err(), "{bad:?}");
        assert!(bad.parse::<types::ObjectId>().is_err(), "{bad:?}");
        assert!(
            serde_json::from_value::<types::DevicePathKey>(json!(bad)).is_err(),
            "{bad:?}"
        );
    }
}

#[test]
fn a_device_is_named_in_one_of_the_three_documented_ways() {
    let id = "6e309da44fc8455a9cceb5aa";
    for good in [json!(id), json!("~second-device"), json!("~a b/c"), json!({ "id": id })] {
        let key: types::DeviceKey = serde_json::from_value(good.clone()).unwrap();
        assert_eq!(serde_json::to_value(key).unwrap(), good, "as it was");
    }
    for bad in [
        json!("second-device"),
        json!(""),
        json!("~"),
        json!("_"),
        json!({ "id": "~a" }),
        json!({}),
        json!(1),
        json!(null),
    ] {
        assert!(
            serde_json::from_value::<types::DeviceKey>(bad.clone()).is_err(),
            "{bad}"
        );
    }
}
