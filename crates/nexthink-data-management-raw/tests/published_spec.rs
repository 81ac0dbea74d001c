//! The generated types say what the published spec says, field by field; our overlay's changes are the only differences.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use nexthink_data_management_raw::generated::schemas;
use nexthink_data_management_raw::types;
use serde_json::{Map, Value, json};

fn openapi(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The generated schema in the words of the published one.
fn in_published_words(name: &str, mut root: Value, published: &[&str]) -> Value {
    let root = root.as_object_mut().unwrap();
    assert_eq!(
        root.remove("title"),
        Some(json!(name)),
        "schemars takes the title from the type"
    );
    assert!(root.remove("$schema").is_some());
    let definitions = root.remove("$defs").unwrap_or_else(|| json!({}));
    translated(&Value::Object(root.clone()), &definitions, published)
}

fn translated(node: &Value, definitions: &Value, published: &[&str]) -> Value {
    match node {
        Value::Object(object) => {
            let mut object = object.clone();
            if let Some(Value::String(reference)) = object.remove("$ref") {
                let name = reference.strip_prefix("#/$defs/").unwrap();
                if published.contains(&name) {
                    object.insert("$ref".to_owned(), json!(format!("#/components/schemas/{name}")));
                } else {
                    // A type that the generator made for a field of its own; the field's description is that of the type.
                    for (key, value) in definitions[name].as_object().unwrap() {
                        let before = object.insert(key.clone(), value.clone());
                        assert!(before.is_none() || before.as_ref() == Some(value), "{name}.{key}");
                    }
                }
            }
            let mut object: Map<String, Value> = object
                .into_iter()
                .map(|(key, value)| (key, translated(&value, definitions, published)))
                .collect();
            // A field that may be missing is an `Option`, and of that schemars says that it may be null: reading is
            // lenient there, and writing leaves the field out. For a required field it would be a difference.
            let required = object.get("required").cloned().unwrap_or_else(|| json!([]));
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                for (name, property) in properties {
                    if !required.as_array().unwrap().contains(&json!(name))
                        && let Some([one, Value::String(null)]) = property["type"].as_array().map(Vec::as_slice)
                        && null == "null"
                    {
                        property["type"] = one.clone();
                    }
                }
            }
            Value::Object(object)
        }
        Value::Array(array) => array
            .iter()
            .map(|value| translated(value, definitions, published))
            .collect(),
        leaf => leaf.clone(),
    }
}

/// The places at which two schemas differ, each as a JSONPath.
fn differences(path: &str, published: &Value, generated: &Value, found: &mut BTreeSet<String>) {
    match (published, generated) {
        (Value::Object(published), Value::Object(generated)) => {
            for key in published.keys().chain(generated.keys()).collect::<BTreeSet<_>>() {
                let path = format!("{path}.{key}");
                match (published.get(key), generated.get(key)) {
                    (Some(published), Some(generated)) => differences(&path, published, generated, found),
                    _ => {
                        found.insert(path);
                    }
                }
            }
        }
        (Value::Array(published), Value::Array(generated)) if path.ends_with(".required") => {
            let set = |list: &[Value]| list.iter().map(Value::to_string).collect::<BTreeSet<_>>();
            if set(published) != set(generated) {
                found.insert(path.to_owned());
            }
        }
        // schemars leaves out the last line break.
        (Value::String(published), Value::String(generated)) if published.trim_end() == generated => {}
        (published, generated) => {
            if published != generated {
                found.insert(path.to_owned());
            }
        }
    }
}

fn all_differences(published: &Value) -> BTreeSet<String> {
    let published = published["components"]["schemas"].as_object().unwrap();
    let names: Vec<&str> = published.keys().map(String::as_str).collect();
    let generated: Vec<(&str, Value)> = schemas::all()
        .into_iter()
        .map(|(name, schema)| (name, schema.to_value()))
        .collect();
    let tested: BTreeSet<&str> = generated.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        tested,
        names.iter().copied().collect(),
        "every published schema has its type, and is compared"
    );

    let mut found = BTreeSet::new();
    for (name, schema) in generated {
        let schema = in_published_words(name, schema, &names);
        differences(
            &format!("$.components.schemas.{name}"),
            &published[name],
            &schema,
            &mut found,
        );
    }
    found
}

#[test]
fn the_generated_types_differ_from_the_published_spec_in_what_overlay_and_rules_remove_and_nothing_else() {
    let expected = [
        // The overlay: it must be possible to send a malformed UID.
        "$.components.schemas.DeviceEntry.properties.uid.format",
        // The rules for replies.
        "$.components.schemas.DeviceDeletionResponse.properties.scheduledCount.format",
        "$.components.schemas.DeviceDeletionResponse.properties.status.enum",
        "$.components.schemas.DeviceStatus.properties.status.enum",
        "$.components.schemas.ErrorResponse.properties.code.enum",
    ];
    let found = all_differences(&openapi("data-management.json"));
    // Of an integer without a format, schemars says which Rust type holds it.
    assert_eq!(found, expected.map(str::to_owned).into());
}

#[test]
fn a_difference_anywhere_would_be_found() {
    let published = openapi("data-management.json");
    let before = all_differences(&published);
    for (pointer, value) in [
        ("DeviceDeletionRequest/properties/devices/maxItems", json!(50)),
        ("DeviceDeletionRequest/properties/devices/minItems", json!(2)),
        (
            "DeviceDeletionRequest/properties/devices/items",
            json!({ "type": "string" }),
        ),
        ("DeviceEntry/required", json!(["uid"])),
        ("DeviceEntry/properties/name/minLength", json!(2)),
        ("DeviceEntry/properties/name/description", json!("another")),
        (
            "DeviceDeletionResponse/properties/scheduledCount/format",
            json!("int64"),
        ),
        ("DeviceDeletionResponse/properties/scheduledCount/type", json!("string")),
        ("DeviceStatus/properties", json!({})),
        ("ErrorResponse/properties/message/type", json!(["string", "null"])),
        ("ErrorResponse/type", json!("array")),
    ] {
        let mut edited = published.clone();
        *edited.pointer_mut(&format!("/components/schemas/{pointer}")).unwrap() = value;
        assert_ne!(all_differences(&edited), before, "{pointer}");
    }
}

#[test]
fn an_empty_name_cannot_be_made() {
    assert!("".parse::<types::DeviceEntryName>().is_err());
    assert!(serde_json::from_value::<types::DeviceEntryName>(json!("")).is_err());
    assert_eq!(
        serde_json::to_value("PC 1".parse::<types::DeviceEntryName>().unwrap()).unwrap(),
        json!("PC 1")
    );
}
