//! What each change of a schema means for a value that we send, and for one that we read; and what the changes mean
//! that the vendor's page has no place for.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use fleetpurge_codegen::drift::Class::{self, Breaking, Widening, Wording};
use fleetpurge_codegen::drift::{Drift, compare};
use serde_json::{Value, json};

fn document(operation: &Value) -> Value {
    json!({ "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": { "/a": { "post": operation } } })
}

fn sent(schema: &Value) -> Value {
    document(&json!({ "requestBody": { "content": { "application/json": { "schema": schema } } }, "responses": {} }))
}

fn read(schema: &Value) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    document(&json!({ "responses": { "200": { "description": "", "content": content } } }))
}

fn class(old: &Value, new: &Value) -> Option<Class> {
    compare(old, new).unwrap().class()
}

#[test]
fn a_change_of_a_schema_means_one_thing_in_a_request_and_another_in_a_reply() {
    // From the left to the right: its class in a request, in a reply; and the way back: in a request, in a reply.
    #[rustfmt::skip] // A row a line.
    let table = [
        (json!({}), json!({ "type": "string" }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({ "type": "integer" }), json!({ "type": "number" }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({ "type": "string" }), json!({ "type": "string", "nullable": true }), [Widening, Breaking], [Breaking, Widening]),
        (json!({ "type": "string" }), json!({ "type": ["string", "null"] }), [Widening, Breaking], [Breaking, Widening]),
        (json!({ "enum": ["a"] }), json!({ "enum": ["a", "b"] }), [Widening, Widening], [Breaking, Breaking]),
        (json!({}), json!({ "enum": ["a"] }), [Breaking, Widening], [Widening, Widening]),
        (json!({ "type": "object" }), json!({ "type": "object", "required": ["a"] }), [Breaking, Widening], [Widening, Breaking]),
        (json!({ "properties": {} }), json!({ "properties": { "a": {} } }), [Widening, Widening], [Breaking, Breaking]),
        (json!({ "properties": {} }), json!({ "properties": { "a": {} }, "required": ["a"] }), [Breaking, Widening], [Breaking, Breaking]),
        (json!({ "maxItems": 5 }), json!({ "maxItems": 4 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "maxLength": 4 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "maxProperties": 4 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "maximum": 2.5 }), json!({ "maximum": 2 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "minItems": 1 }), json!({ "minItems": 2 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "minLength": 2 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "minProperties": 2 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "minimum": 0 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "maximum": 2 }), json!({ "maximum": 2, "exclusiveMaximum": true }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "minimum": 2 }), json!({ "minimum": 2, "exclusiveMinimum": true }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "exclusiveMaximum": 3 }), json!({ "exclusiveMaximum": 2 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "exclusiveMinimum": 2 }), json!({ "exclusiveMinimum": 3 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "maxItems": 5 }), json!({ "maxItems": "5" }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "uniqueItems": true }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "pattern": "a" }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "pattern": "a" }), json!({ "pattern": "b" }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({ "multipleOf": 2 }), json!({ "multipleOf": 4 }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "const": 2 }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "format": "uuid" }), [Breaking, Breaking], [Widening, Breaking]),
        (json!({ "format": "int32" }), json!({ "format": "int64" }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "default": 1 }), [Widening, Wording], [Breaking, Wording]),
        (json!({ "default": 1 }), json!({ "default": 2 }), [Breaking, Wording], [Breaking, Wording]),
        (json!({}), json!({ "deprecated": true }), [Widening, Widening], [Wording, Wording]),
        (json!({}), json!({ "readOnly": true }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "not": { "type": "string" } }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "discriminator": { "propertyName": "a" } }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "items": { "type": "string" } }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({ "items": { "enum": ["a"] } }), json!({ "items": { "enum": ["a", "b"] } }), [Widening, Widening], [Breaking, Breaking]),
        (json!({ "items": true }), json!({ "items": false }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "additionalProperties": false }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "additionalProperties": { "type": "string" } }), [Breaking, Breaking], [Widening, Widening]),
        (json!({ "additionalProperties": { "maxLength": 2 } }), json!({ "additionalProperties": { "maxLength": 1 } }), [Breaking, Breaking], [Widening, Widening]),
        (json!({}), json!({ "allOf": [{ "type": "string" }] }), [Breaking, Widening], [Widening, Breaking]),
        (json!({}), json!({ "oneOf": [{ "type": "string" }] }), [Breaking, Breaking], [Breaking, Breaking]),
        (json!({}), json!({ "x-order": 1 }), [Wording, Wording], [Wording, Wording]),
        (json!({}), json!({ "contains": {} }), [Breaking, Breaking], [Breaking, Breaking]),
    ];
    for (left, right, there, back) in table {
        for (old, new, [in_request, in_reply]) in [(&left, &right, there), (&right, &left, back)] {
            assert_eq!(
                class(&sent(old), &sent(new)),
                Some(in_request),
                "in a request: {old} -> {new}"
            );
            assert_eq!(
                class(&read(old), &read(new)),
                Some(in_reply),
                "in a reply: {old} -> {new}"
            );
        }
    }
}

#[test]
fn what_is_not_written_is_the_same_as_its_default() {
    for schema in [
        json!({ "minItems": 0 }),
        json!({ "minLength": 0 }),
        json!({ "nullable": false }),
        json!({ "uniqueItems": false }),
        json!({ "exclusiveMaximum": false }),
        json!({ "required": [] }),
        json!({ "properties": {} }),
        json!({ "additionalProperties": true }),
        json!({ "additionalProperties": {} }),
    ] {
        assert_eq!(class(&sent(&json!({})), &sent(&schema)), None, "{schema}");
        assert_eq!(class(&read(&schema), &read(&json!({}))), None, "{schema}");
    }
    // What is a default in one place is none in another.
    assert_eq!(
        class(&sent(&json!({})), &sent(&json!({ "minimum": 0 }))),
        Some(Breaking)
    );
}

/// The one change between two operations: its path and class.
fn only(old: &Value, new: &Value) -> (String, Class) {
    let Drift { changes, .. } = compare(&document(old), &document(new)).unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    (changes[0].path.clone(), changes[0].class)
}

fn reply(response: &Value) -> Value {
    json!({ "responses": { "200": response } })
}

#[test]
fn changes_of_an_operation_that_the_page_has_no_place_for() {
    let header = |header: Value| reply(&json!({ "headers": header }));
    let string = json!({ "schema": { "type": "string" } });
    let query = |rest: Value| {
        let mut parameter = json!({ "name": "a", "in": "query" });
        parameter
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        json!({ "parameters": [parameter] })
    };
    let body = |body: Value| json!({ "requestBody": body });
    let media = |media: Value| body(json!({ "content": { "application/json": media } }));
    let parameter = "$.paths['/a'].post.parameters[?@.name=='a' && @.in=='query']";
    let json_body = "$.paths['/a'].post.requestBody.content['application/json']";
    #[rustfmt::skip] // A row a line.
    let table = [
        (header(json!({ "A": string })), header(json!({})), "$.paths['/a'].post.responses['200'].headers.A", Breaking),
        (header(json!({ "A": string })), header(json!({ "A": { "schema": { "type": "integer" } } })), "$.paths['/a'].post.responses['200'].headers.A.schema.type", Breaking),
        (header(json!({ "A": { "required": true } })), header(json!({ "A": {} })), "$.paths['/a'].post.responses['200'].headers.A.required", Breaking),
        (header(json!({ "A": {} })), header(json!({ "A": { "description": "a" } })), "$.paths['/a'].post.responses['200'].headers.A.description", Wording),
        (reply(&json!({})), reply(&json!({ "links": { "a": {} } })), "$.paths['/a'].post.responses['200'].links", Wording),
        (reply(&json!({ "content": { "a/b": {} } })), reply(&json!({})), "$.paths['/a'].post.responses['200'].content['a/b']", Breaking),
        (query(json!({})), query(json!({ "style": "spaceDelimited" })), &format!("{parameter}.style"), Breaking),
        (query(json!({})), query(json!({ "deprecated": true })), &format!("{parameter}.deprecated"), Widening),
        (query(json!({})), query(json!({ "schema": {} })), &format!("{parameter}.schema"), Breaking),
        (query(json!({})), query(json!({ "x-a": 1 })), &format!("{parameter}['x-a']"), Wording),
        (json!({}), body(json!({ "required": true })), "$.paths['/a'].post.requestBody", Breaking),
        (json!({}), body(json!({})), "$.paths['/a'].post.requestBody", Widening),
        (body(json!({})), json!({}), "$.paths['/a'].post.requestBody", Breaking),
        (body(json!({})), body(json!({ "required": true })), "$.paths['/a'].post.requestBody.required", Breaking),
        (media(json!({})), media(json!({ "example": 1 })), &format!("{json_body}.example"), Wording),
        (media(json!({})), media(json!({ "encoding": { "a": {} } })), &format!("{json_body}.encoding"), Breaking),
        (json!({}), json!({ "servers": [{ "url": "/" }] }), "$.paths['/a'].post.servers", Breaking),
        (json!({}), json!({ "callbacks": { "a": {} } }), "$.paths['/a'].post.callbacks", Breaking),
        (json!({ "deprecated": true }), json!({}), "$.paths['/a'].post.deprecated", Wording),
    ];
    for (old, new, path, class) in table {
        assert_eq!(only(&old, &new), (path.to_owned(), class), "{old} -> {new}");
    }
    // The names of headers have no case.
    assert_eq!(
        class(
            &document(&header(json!({ "a-b": string }))),
            &document(&header(json!({ "A-B": string })))
        ),
        None
    );
}

#[test]
fn parameters_of_a_path_are_those_of_its_operations() {
    let a = json!({ "name": "a", "in": "query", "required": true });
    let on_path = |parameters: Value| {
        let mut document = document(&json!({}));
        document["paths"]["/a"]["parameters"] = parameters;
        document
    };
    let on_operation = |parameters: Value| document(&json!({ "parameters": parameters }));
    assert_eq!(class(&on_path(json!([a])), &on_operation(json!([a]))), None);
    assert_eq!(class(&on_path(json!([])), &on_path(json!([a]))), Some(Breaking));
    // That of the operation is over that of the path.
    let mut over = on_path(json!([a]));
    over["paths"]["/a"]["post"]["parameters"] = json!([{ "name": "a", "in": "query" }]);
    assert_eq!(
        class(&on_operation(json!([{ "name": "a", "in": "query" }])), &over),
        None
    );
}

#[test]
fn changes_around_the_operations() {
    let base = document(&json!({}));
    let with = |pointer: &str, value: Value| {
        let mut document = base.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[key] = value;
        document
    };
    let components = |components: Value| with("/components", components);
    #[rustfmt::skip] // A row a line.
    let table = [
        (base.clone(), with("/openapi", json!("3.0.4")), Some(Wording)),
        (base.clone(), with("/openapi", json!("3.1.0")), Some(Breaking)),
        (base.clone(), with("/info/contact", json!({ "name": "a" })), Some(Wording)),
        (base.clone(), with("/webhooks", json!({ "a": {} })), Some(Breaking)),
        (base.clone(), with("/x-a", json!(1)), Some(Wording)),
        (base.clone(), with("/security", json!([])), None),
        (base.clone(), with("/paths/~1a/summary", json!("a")), Some(Wording)),
        (base.clone(), with("/paths/~1a/servers", json!([{ "url": "/" }])), Some(Breaking)),
        (base.clone(), with("/paths/~1a/x-a", json!(1)), Some(Wording)),
        (with("/servers", json!([{ "url": "/" }])), with("/servers", json!([{ "url": "/", "description": "a" }])), Some(Wording)),
        (with("/servers", json!([{ "url": "/" }])), with("/servers", json!([{ "url": "/", "variables": { "a": {} } }])), Some(Breaking)),
        (with("/servers", json!([{ "url": "/" }])), with("/servers", json!([{ "url": "/" }, { "url": "/b" }])), Some(Widening)),
        (with("/security", json!([{ "a": [] }, { "b": [], "c": [] }])), with("/security", json!([{ "c": [], "b": [] }, { "a": [] }])), None),
        // What no operation uses has no meaning on the wire, and yet it is said.
        (components(json!({ "schemas": { "A": {} } })), components(json!({ "schemas": { "A": { "type": "string" } } })), Some(Wording)),
        (components(json!({ "schemas": { "A": {} } })), base.clone(), Some(Wording)),
        (components(json!({ "responses": { "A": {} } })), base.clone(), Some(Wording)),
        (components(json!({ "securitySchemes": { "A": {} } })), base.clone(), Some(Breaking)),
        (components(json!({ "securitySchemes": { "A": { "description": "a" } } })), components(json!({ "securitySchemes": { "A": { "description": "b" } } })), Some(Wording)),
    ];
    for (old, new, expected) in table {
        assert_eq!(class(&old, &new), expected, "{old} -> {new}");
    }
}

#[test]
fn of_a_schema_that_travels_both_ways_the_worse_meaning_counts() {
    let both = |schema: Value| {
        let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/A" } } });
        let operation =
            json!({ "requestBody": { "content": content }, "responses": { "200": { "content": content } } });
        let mut document = document(&operation);
        document["components"] = json!({ "schemas": { "A": schema } });
        document
    };
    let (optional, required) = (
        json!({ "type": "object" }),
        json!({ "type": "object", "required": ["a"] }),
    );
    for (old, new) in [(&optional, &required), (&required, &optional)] {
        let drift = compare(&both(old.clone()), &both(new.clone())).unwrap();
        assert_eq!(drift.changes.len(), 1, "{drift:?}");
        assert_eq!(drift.class(), Some(Breaking), "{old} -> {new}");
    }
}
