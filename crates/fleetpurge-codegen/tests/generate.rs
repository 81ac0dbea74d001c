//! What the generator makes of our specs, and that our overlay removes no more than it must.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod common;

use common::{content, made_up};
use fleetpurge_codegen::sources::sha256;
use fleetpurge_codegen::{Document, Documents, generate};
use serde_json::{Value, json};

#[test]
fn the_header_names_the_digests_of_spec_and_overlay_and_the_fixing_command() {
    let documents = common::data_management();
    let code = generate(&documents).unwrap().source;
    let header: String = code.lines().take_while(|line| line.starts_with("//")).collect();
    assert!(header.contains(&sha256(&documents.spec.text)), "{header}");
    assert!(header.contains(&sha256(&documents.overlay.unwrap().text)), "{header}");
    assert!(header.contains("progenitor 0.15.1"), "{header}");
    assert!(header.contains("`cargo xtask regen`"), "{header}");
}

#[test]
fn one_changed_word_in_spec_or_overlay_changes_the_file() {
    let before = generate(&common::data_management()).unwrap().source;
    let mut documents = common::data_management();
    documents.spec.text = documents.spec.text.replace("Must not be blank.", "Must not be empty.");
    assert_ne!(generate(&documents).unwrap().source, before);
    let mut documents = common::data_management();
    let overlay = documents.overlay.as_mut().unwrap();
    overlay.text = overlay.text.replace("character for character", "byte for byte");
    assert_ne!(generate(&documents).unwrap().source, before);
}

// While serde_json sorts keys this holds in any case. A build may turn its feature `preserve_order` on for all of us:
// `cargo test -p fleetpurge-codegen --features serde_json/preserve_order` shows that it holds then, too.
#[test]
fn the_order_of_keys_in_the_spec_does_not_change_the_code() {
    let mut as_published = common::data_management();
    // A path that sorts behind the other one, and stands before it.
    as_published.spec.text = as_published.spec.text.replace(
        "\"paths\": {",
        r#""paths": { "/z": { "get": { "operationId": "last", "responses": { "204": { "description": "" } } } },"#,
    );
    let mut sorted = as_published.clone();
    let mut spec: Value = serde_json::from_str(&as_published.spec.text).unwrap();
    spec.sort_all_objects();
    sorted.spec.text = spec.to_string();
    let code = |documents: &Documents| {
        let code = generate(documents).unwrap().source;
        code.split_once("\n\n").unwrap().1.to_owned()
    };
    assert_eq!(code(&sorted), code(&as_published));
}

#[test]
fn a_second_operation_with_an_error_without_a_body_needs_no_overlay() {
    let operation = |id: &str| {
        json!({"get": {"operationId": id, "responses": {
            "200": content("Other"), "400": content("Other"), "401": {"description": "no body"}
        }}})
    };
    let generated = generate(&made_up(&json!({"/a": operation("one"), "/b": operation("two")}))).unwrap();
    let dropped: Vec<&str> = generated.dropped.iter().map(|of| of.place.as_str()).collect();
    assert_eq!(
        dropped,
        ["/paths/~1a/get/responses/401", "/paths/~1b/get/responses/401"]
    );
}

#[test]
fn without_the_overlay_a_uid_could_not_be_malformed() {
    let typed = "pub uid: ::uuid::Uuid";
    let mut documents = common::data_management();
    documents.overlay = None;
    assert!(generate(&documents).unwrap().source.contains(typed));
    assert!(!generate(&common::data_management()).unwrap().source.contains(typed));
}

#[test]
fn the_words_of_replies_are_open_and_no_action_of_the_overlay_is_needed_for_them() {
    let code = generate(&common::data_management()).unwrap().source;
    for closed in [
        "pub enum DeviceStatusStatus",
        "pub enum DeviceDeletionResponseStatus",
        "pub enum ErrorResponseCode",
    ] {
        assert!(!code.contains(closed), "{closed}");
    }
    let mut tomorrow = common::data_management();
    tomorrow.spec.text = tomorrow.spec.text.replace(
        "\"scheduledCount\": {",
        "\"batchId\": {\"type\": \"string\", \"format\": \"uuid\"}, \"scheduledCount\": {",
    );
    let generated = generate(&tomorrow).unwrap();
    assert!(
        generated
            .source
            .contains("pub batch_id: ::std::option::Option<::std::string::String>")
    );
    let dropped: Vec<String> = generated.dropped.iter().map(ToString::to_string).collect();
    let expected =
        "/components/schemas/DeviceDeletionResponse/properties/batchId/format = \"uuid\" (only replies have it)";
    assert!(dropped.iter().any(|dropped| dropped == expected), "{dropped:#?}");
}

#[test]
fn the_client_has_our_inner_type_and_expects_our_hooks() {
    let code = generate(&common::data_management()).unwrap().source;
    for expected in [
        "pub(crate) inner: fleetpurge_http::exchange::AttemptContext",
        "fn assert_client_hooks()",
        "schemars::JsonSchema",
        "pub fn delete_devices(&self) -> builder::DeleteDevices<'_>",
        "schemars::schema_for!(super::types::DeviceEntry)",
    ] {
        assert!(code.contains(expected), "{expected} is missing");
    }
    assert!(!code.contains("for &Client"), "the hooks are ours, not a default");
}

#[test]
fn a_spec_without_an_overlay_has_its_digest_alone_in_the_header() {
    let documents = common::ubidots_devices();
    let code = generate(&documents).unwrap().source;
    let digests: Vec<&str> = code.lines().filter(|line| line.starts_with("//   ")).collect();
    let expected = format!("//   {} openapi/ubidots-devices.json", sha256(&documents.spec.text));
    assert_eq!(digests, [expected]);
}

#[test]
fn bad_input_is_an_error_that_names_the_file() {
    let spec = |text: &str| Documents {
        spec: Document {
            name: "openapi/bad.json".to_owned(),
            text: text.to_owned(),
        },
        overlay: None,
    };
    for (text, expected) in [
        ("", "openapi/bad.json is not JSON"),
        ("{\"openapi\"", "openapi/bad.json is not JSON"),
        ("[]", "openapi/bad.json is not an OpenAPI 3.0 document"),
        ("{}", "openapi/bad.json is not an OpenAPI 3.0 document"),
        (
            r#"{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{}}"#,
            "progenitor cannot make a client of openapi/bad.json",
        ),
        (
            r#"{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/a":{"get":{"responses":{}}}}}"#,
            "path /a is missing operation ID",
        ),
    ] {
        let error = generate(&spec(text)).unwrap_err();
        let text_of_error = common::chain(&error);
        assert!(text_of_error.contains(expected), "{text}: {text_of_error}");
    }
}

#[test]
fn an_overlay_that_does_not_fit_names_the_overlay_and_the_action() {
    let mut documents = common::data_management();
    documents.spec.text = documents
        .spec
        .text
        .replace("\"format\": \"uuid\"", "\"format\": \"uid\"");
    let overlay = documents.overlay.as_mut().unwrap();
    overlay.text = overlay.text.replace("DeviceEntry", "DeviceEntries");
    let text = common::chain(&generate(&documents).unwrap_err());
    assert!(text.contains("openapi/data-management.overlay.json"), "{text}");
    assert!(text.contains("action 1 matches nothing"), "{text}");
    assert!(text.contains("DeviceEntries.properties.uid.format"), "{text}");
    assert!(text.contains("With `format: uuid`"), "its reason is shown: {text}");
}

#[test]
fn the_limits_of_the_spec_are_limits_for_schemars() {
    let mut documents = common::data_management();
    let mut spec: Value = serde_json::from_str(&documents.spec.text).unwrap();
    // A field that serde renames.
    spec["components"]["schemas"]["DeviceDeletionRequest"]["properties"]["namesToo"] =
        json!({"type": "array", "items": {"type": "string"}, "maxItems": 8});
    documents.spec.text = spec.to_string();
    let code = generate(&documents).unwrap().source;
    let limit = |limit: &str| format!("#[cfg_attr(feature = \"schemars\", schemars(length({limit})))]");
    for (limit, field) in [
        (
            limit("min = 1usize, max = 100usize"),
            "pub devices: ::std::vec::Vec<DeviceEntry>,",
        ),
        (limit("min = 1usize"), "::std::string::String,"),
        (
            limit("max = 8usize"),
            "pub names_too: ::std::vec::Vec<::std::string::String>,",
        ),
    ] {
        let expected = format!("{limit}\n        {field}");
        assert!(code.contains(&expected), "{expected} is missing in\n{code}");
    }
    assert_eq!(code.matches("schemars(length(").count(), 3);
}

#[test]
fn no_example_of_the_documentation_is_ignored() {
    for documents in [common::data_management(), common::ubidots_devices()] {
        assert!(!generate(&documents).unwrap().source.contains("```"));
    }
}

#[test]
fn every_schema_of_the_spec_that_has_a_type_is_in_the_list_whatever_its_name() {
    let mut documents =
        made_up(&json!({"/a": {"get": {"operationId": "read", "responses": {"200": content("Other")}}}}));
    documents.spec.text = documents.spec.text.replace(
        "\"schemas\":{",
        r#""schemas":{"device-status": {"type": "object"}, "snake_case": {"type": "string"}, "secret": {"type": "string", "format": "password"}, "#,
    );
    let code = generate(&documents).unwrap().source;
    let (_, list) = code.split_once("fn all()").unwrap();
    let list: String = list.split_whitespace().collect();
    for (name, rust) in [
        ("Body", "Body"),
        ("Other", "Other"),
        ("device-status", "DeviceStatus"),
        ("secret", "Secret"),
        ("snake_case", "SnakeCase"),
    ] {
        let entry = format!("(\"{name}\",schemars::schema_for!(super::types::{rust}))");
        assert!(list.contains(&entry), "{entry} is missing in {list}");
    }
}
