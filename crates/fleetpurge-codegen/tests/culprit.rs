//! An error of the generator names the part of the spec that is at fault.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod common;

use common::{content, made_up, with_schemas};
use fleetpurge_codegen::{Error, generate};
use serde_json::json;

#[test]
fn an_operation_that_the_generator_cannot_take_is_named() {
    let good = json!({"get": {"operationId": "readAll", "responses": {"200": content("Other")}}});
    for responses in [
        // Errors with two kinds of body.
        json!({"200": content("Other"), "400": content("Other"), "500": content("Body")}),
        // `default` is compared with the successes, too.
        json!({"200": content("Other"), "default": content("Body")}),
        json!({"200": content("Other"), "204": {"description": "no body"}}),
    ] {
        let bad = json!({
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "get": {"operationId": "readOne", "responses": {"200": content("Other")}},
            "put": {"operationId": "replaceOne", "responses": responses}
        });
        let error = generate(&made_up(&json!({"/a": good, "/a/{id}": bad}))).unwrap_err();
        assert!(matches!(error, Error::GeneratorPanicked { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("replaceOne (PUT /a/{id})"), "{text}");
        assert!(
            text.contains("openapi/made-up.json") && text.contains("overlay action"),
            "{text}"
        );
    }
}

#[test]
fn a_schema_that_the_generator_cannot_take_is_named_and_no_operation_is() {
    let paths = json!({"/a": {"get": {"operationId": "readAll", "responses": {"200": content("Good")}}}});
    // `Above` fails with what it refers to; `Alone` fails in no way.
    let schemas = json!({
        "Above": {"type": "object", "properties": {"bad": {"$ref": "#/components/schemas/not-a-pattern"}}},
        "Alone": {"type": "object"},
        "Good": {"type": "object"},
        "not-a-pattern": {"type": "string", "pattern": "("}
    });
    let error = generate(&with_schemas(&paths, &schemas)).unwrap_err();
    assert!(matches!(error, Error::Generator { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.starts_with("progenitor cannot make a client of openapi/made-up.json, schema not-a-pattern;"),
        "{text}"
    );
    assert!(!text.contains("readAll"), "{text}");
}
