//! The overlay does what OpenAPI Overlay 1.1 says, and refuses what it cannot vouch for.

mod common;

use fleetpurge_codegen::Overlay;
use fleetpurge_codegen::overlay::OverlayError;
use serde_json::{Value, json};

fn overlay(actions: &Value) -> Value {
    json!({ "overlay": "1.1.0", "info": { "title": "t", "version": "1" }, "actions": actions })
}

/// Adds the reason that every action needs.
fn action(mut action: Value) -> Value {
    action["description"] = json!("because");
    action
}

fn apply(actions: &Value, document: &Value) -> Result<Value, OverlayError> {
    let mut document = document.clone();
    Overlay::parse(&overlay(actions).to_string())?.apply(&mut document)?;
    Ok(document)
}

#[test]
fn actions_change_what_their_targets_select() {
    let table = [
        (
            "a property is removed",
            json!([{ "target": "$.a.b", "remove": true }]),
            json!({ "a": { "b": 1, "c": 2 } }),
            json!({ "a": { "c": 2 } }),
        ),
        (
            "a property with a slash and a tilde in its name is removed",
            json!([{ "target": "$['/x~1y'].get", "remove": true }]),
            json!({ "/x~1y": { "get": 1, "put": 2 } }),
            json!({ "/x~1y": { "put": 2 } }),
        ),
        (
            "every entry that a filter selects is removed",
            json!([{ "target": "$.list[?@.old]", "remove": true }]),
            json!({ "list": [{ "old": 1 }, { "n": 1 }, { "old": 2 }, { "n": 2 }, { "old": 3 }] }),
            json!({ "list": [{ "n": 1 }, { "n": 2 }] }),
        ),
        (
            "entries named in any order, and twice, are removed once each",
            json!([{ "target": "$.list[0,2,0]", "remove": true }]),
            json!({ "list": ["a", "b", "c"] }),
            json!({ "list": ["b"] }),
        ),
        (
            "the tenth entry counts as ten",
            json!([{ "target": "$.list[9,10]", "remove": true }]),
            json!({ "list": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }),
            json!({ "list": [0, 1, 2, 3, 4, 5, 6, 7, 8] }),
        ),
        (
            "a node and what is within it are removed together",
            json!([{ "target": "$..x", "remove": true }]),
            json!({ "x": { "x": 1 }, "y": { "x": { "z": 2 } } }),
            json!({ "y": {} }),
        ),
        (
            "a primitive entry is removed",
            json!([{ "target": "$.tags[?@ == 'dummy']", "remove": true }]),
            json!({ "tags": ["a", "dummy", "b"] }),
            json!({ "tags": ["a", "b"] }),
        ),
        (
            "objects are merged to any depth",
            json!([{ "target": "$", "update": { "a": { "b": { "new": 1 } }, "d": null } }]),
            json!({ "a": { "b": { "old": 0 }, "c": 1 } }),
            json!({ "a": { "b": { "old": 0, "new": 1 }, "c": 1 }, "d": null }),
        ),
        (
            "a primitive within an object is replaced, by one of another type too",
            json!([{ "target": "$.a", "update": { "b": "two", "c": null } }]),
            json!({ "a": { "b": 1, "c": 2 } }),
            json!({ "a": { "b": "two", "c": null } }),
        ),
        (
            "an array within an object is continued",
            json!([{ "target": "$.a", "update": { "list": [2, 3] } }]),
            json!({ "a": { "list": [1] } }),
            json!({ "a": { "list": [1, 2, 3] } }),
        ),
        (
            "a selected array takes one further entry",
            json!([{ "target": "$.list", "update": { "name": "n" } }]),
            json!({ "list": [] }),
            json!({ "list": [{ "name": "n" }] }),
        ),
        (
            "a selected array takes the entries of an array",
            json!([{ "target": "$.list", "update": [2, [3]] }]),
            json!({ "list": [1] }),
            json!({ "list": [1, 2, [3]] }),
        ),
        (
            "a selected primitive is replaced",
            json!([{ "target": "$.a.title", "update": "new" }]),
            json!({ "a": { "title": "old" } }),
            json!({ "a": { "title": "new" } }),
        ),
        (
            "null is a primitive and can be the value of an update",
            json!([{ "target": "$.a", "update": null }]),
            json!({ "a": 1 }),
            json!({ "a": null }),
        ),
        (
            "every selected node is updated",
            json!([{ "target": "$.paths.*.get", "update": { "x-safe": true } }]),
            json!({ "paths": { "/a": { "get": {} }, "/b": { "get": {}, "put": {} } } }),
            json!({ "paths": { "/a": { "get": { "x-safe": true } }, "/b": { "get": { "x-safe": true }, "put": {} } } }),
        ),
        (
            "each action sees what the one before left",
            json!([
                { "target": "$.a", "remove": true },
                { "target": "$", "update": { "a": { "new": true } } },
                { "target": "$.a.new", "update": false }
            ]),
            json!({ "a": { "old": true } }),
            json!({ "a": { "new": false } }),
        ),
    ];
    for (rule, actions, before, after) in table {
        let actions = actions.as_array().unwrap().iter().cloned().map(action).collect();
        let result = apply(&actions, &before).unwrap_or_else(|error| panic!("{rule}: {}", common::chain(&error)));
        assert_eq!(result, after, "{rule}");
    }
}

#[test]
fn actions_that_do_not_fit_the_document_are_errors_that_say_which() {
    let document = json!({ "a": { "b": 1, "list": [1] }, "list": [{}], "text": "t" });
    let table = [
        (
            json!({ "target": "$.a.absent", "remove": true }),
            "action 2 matches nothing: there is no $.a.absent",
        ),
        (
            json!({ "target": "$.list[?@.name == 'x']", "update": {} }),
            "action 2 matches nothing",
        ),
        (
            json!({ "target": "$", "remove": true }),
            "the whole document cannot be removed",
        ),
        (
            json!({ "target": "$.a", "update": 5 }),
            "a primitive cannot be merged into an object at /a",
        ),
        (
            json!({ "target": "$.text", "update": {} }),
            "an object cannot be merged into a primitive at /text",
        ),
        (
            json!({ "target": "$", "update": { "a": { "b": [] } } }),
            "an array cannot be merged into a primitive at /a/b",
        ),
        (
            json!({ "target": "$", "update": { "a": { "list": 5 } } }),
            "a primitive cannot be merged into an array at /a/list",
        ),
        (
            json!({ "target": "$.*", "update": {} }),
            "the target selects nodes of different kinds",
        ),
    ];
    let fits = action(json!({ "target": "$.a", "update": { "x": 1 } }));
    for (misfit, expected) in table {
        let error = apply(&json!([fits, action(misfit.clone())]), &document).unwrap_err();
        let text = common::chain(&error);
        assert!(text.contains("action 2"), "{misfit}: {text}");
        assert!(text.contains(expected), "{misfit}: {text}");
    }
}

#[test]
fn malformed_overlays_are_refused_before_anything_is_applied() {
    let good = action(json!({ "target": "$.a", "remove": true }));
    let with = |field: &str, value: Value| {
        let mut document = overlay(&json!([good]));
        document[field] = value;
        document
    };
    let without = |field: &str| {
        let mut document = overlay(&json!([good]));
        document.as_object_mut().unwrap().remove(field);
        document
    };
    let one = |broken: Value| overlay(&json!([broken]));
    let table = [
        (json!([]), "an overlay is an object"),
        (with("overlay", json!("1.0.0")), "its version is 1.0.0"),
        (with("overlay", json!("1.2.0")), "its version is 1.2.0"),
        (with("overlay", json!("1.1")), "its version is 1.1"),
        (with("overlay", json!("1.1.x")), "its version is 1.1.x"),
        (with("overlay", json!(1.1)), "`overlay`, the version"),
        (without("overlay"), "`overlay`, the version"),
        (without("info"), "`info.title` is missing"),
        (with("info", json!({ "title": "t" })), "`info.version` is missing"),
        (without("actions"), "`actions`, a list, is missing"),
        (with("actions", json!({})), "`actions`, a list, is missing"),
        (with("actions", json!([])), "`actions` is empty"),
        (with("acitons", json!([])), "`acitons` is not a field of an overlay"),
        (one(json!("remove")), "action 1: it is not an object"),
        (
            one(action(json!({ "remove": true }))),
            "`target`, a JSONPath, is missing",
        ),
        (
            one(action(json!({ "target": 5, "remove": true }))),
            "`target`, a JSONPath, is missing",
        ),
        (
            one(action(json!({ "target": "a.b", "remove": true }))),
            "the target a.b is not a JSONPath",
        ),
        (
            one(action(json!({ "target": "$.[", "remove": true }))),
            "the target $.[ is not a JSONPath",
        ),
        (
            one(json!({ "target": "$.a", "remove": true })),
            "`description`, its reason, is missing",
        ),
        (
            one(json!({ "target": "$.a", "remove": true, "description": " " })),
            "`description`, its reason, is missing",
        ),
        (
            one(action(json!({ "target": "$.a" }))),
            "it has neither `remove` nor `update`",
        ),
        (
            one(action(json!({ "target": "$.a", "remove": true, "update": {} }))),
            "it has both `remove` and `update`",
        ),
        (
            one(action(json!({ "target": "$.a", "remove": false }))),
            "`remove` is not `true`",
        ),
        (
            one(action(json!({ "target": "$.a", "remove": "yes" }))),
            "`remove` is not `true`",
        ),
        (
            one(action(json!({ "target": "$.a", "copy": "$.b" }))),
            "`copy` is not supported",
        ),
        (
            one(action(json!({ "target": "$.a", "removed": true }))),
            "`removed` is not a field of an action",
        ),
    ];
    for (document, expected) in table {
        let error = Overlay::parse(&document.to_string()).unwrap_err();
        let text = common::chain(&error);
        assert!(text.contains(expected), "{document}: {text}");
    }
    assert!(matches!(Overlay::parse("{"), Err(OverlayError::NotJson(_))));
}

#[test]
fn extension_fields_are_left_alone() {
    let mut document = overlay(&json!([{
        "target": "$.a", "remove": true, "description": "because", "x-ticket": 7
    }]));
    document["x-owner"] = json!("us");
    document["extends"] = json!("spec.json");
    document["overlay"] = json!("1.1.12");
    Overlay::parse(&document.to_string()).unwrap();
}
