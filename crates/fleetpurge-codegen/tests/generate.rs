//! What the generator makes of our specs, and that our overlay removes no more than it must.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod common;

use fleetpurge_codegen::sources::sha256;
use fleetpurge_codegen::{Document, Documents, Error, generate};
use serde_json::Value;

/// Nexthink's documents, the overlay without the action whose target ends so.
fn without_the_action_on(target: &str) -> Documents {
    let mut documents = common::data_management();
    let overlay = documents.overlay.as_mut().unwrap();
    let mut json: Value = serde_json::from_str(&overlay.text).unwrap();
    let actions = json["actions"].as_array_mut().unwrap();
    let before = actions.len();
    actions.retain(|action| !action["target"].as_str().unwrap().ends_with(target));
    assert_eq!(actions.len() + 1, before, "one action ends in {target}");
    overlay.text = json.to_string();
    documents
}

#[test]
fn the_header_names_the_digests_of_spec_and_overlay_and_the_fixing_command() {
    let documents = common::data_management();
    let code = generate(&documents).unwrap();
    let header: String = code.lines().take_while(|line| line.starts_with("//")).collect();
    assert!(header.contains(&sha256(&documents.spec.text)), "{header}");
    assert!(header.contains(&sha256(&documents.overlay.unwrap().text)), "{header}");
    assert!(header.contains("progenitor 0.15.1"), "{header}");
    assert!(header.contains("`cargo xtask regen`"), "{header}");
}

#[test]
fn one_changed_word_in_spec_or_overlay_changes_the_file() {
    let before = generate(&common::data_management()).unwrap();
    let mut documents = common::data_management();
    documents.spec.text = documents.spec.text.replace("Must not be blank.", "Must not be empty.");
    assert_ne!(generate(&documents).unwrap(), before);
    let mut documents = common::data_management();
    let overlay = documents.overlay.as_mut().unwrap();
    overlay.text = overlay.text.replace("data.", "datum.");
    assert_ne!(generate(&documents).unwrap(), before);
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
        let code = generate(documents).unwrap();
        code.split_once("\n\n").unwrap().1.to_owned()
    };
    assert_eq!(code(&sorted), code(&as_published));
}

#[test]
fn without_the_action_on_401_the_generator_panics_and_that_is_an_error() {
    let error = generate(&without_the_action_on("['401']")).unwrap_err();
    assert!(matches!(error, Error::GeneratorPanicked { .. }), "{error:?}");
    assert!(error.to_string().contains("overlay action"), "{error}");
}

#[test]
fn without_the_action_on_the_format_a_uid_could_not_be_malformed() {
    let typed = "pub uid: ::uuid::Uuid";
    assert!(generate(&without_the_action_on("uid.format")).unwrap().contains(typed));
    assert!(!generate(&common::data_management()).unwrap().contains(typed));
}

#[test]
fn without_the_actions_on_enums_one_new_word_would_be_a_decoding_error() {
    for (target, closed) in [
        ("DeviceStatus.properties.status.enum", "pub enum DeviceStatusStatus"),
        (
            "DeviceDeletionResponse.properties.status.enum",
            "pub enum DeviceDeletionResponseStatus",
        ),
        ("ErrorResponse.properties.code.enum", "pub enum ErrorResponseCode"),
    ] {
        assert!(
            generate(&without_the_action_on(target)).unwrap().contains(closed),
            "{target}"
        );
        assert!(
            !generate(&common::data_management()).unwrap().contains(closed),
            "{target}"
        );
    }
}

#[test]
fn the_client_has_our_inner_type_and_expects_our_hooks() {
    let code = generate(&common::data_management()).unwrap();
    for expected in [
        "pub(crate) inner: fleetpurge_http::exchange::AttemptContext",
        "fn assert_client_hooks()",
        "schemars::JsonSchema",
        "pub async fn delete_devices<'a>(",
    ] {
        assert!(code.contains(expected), "{expected} is missing");
    }
    assert!(!code.contains("for &Client"), "the hooks are ours, not a default");
}

#[test]
fn a_schema_that_is_a_password_is_the_crates_own_secret_and_no_other_is() {
    let code = generate(&common::ubidots_devices()).unwrap();
    assert!(code.contains("pub token: crate::secret::Secret,"), "{code}");
    assert!(!code.contains("pub struct Secret"), "it would derive `Debug`");
    let mut documents = common::ubidots_devices();
    documents.spec.text = documents.spec.text.replace("\"format\": \"password\",", "");
    assert!(generate(&documents).unwrap().contains("pub struct Secret"));
    assert!(!generate(&common::data_management()).unwrap().contains("crate::secret"));
}

#[test]
fn a_spec_without_an_overlay_has_its_digest_alone_in_the_header() {
    let documents = common::ubidots_devices();
    let code = generate(&documents).unwrap();
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
    documents.spec.text = documents.spec.text.replace("\"401\"", "\"407\"");
    let text = common::chain(&generate(&documents).unwrap_err());
    assert!(text.contains("openapi/data-management.overlay.json"), "{text}");
    assert!(text.contains("action 1 matches nothing"), "{text}");
    assert!(
        text.contains("responses['401']") || text.contains("responses.401"),
        "{text}"
    );
    assert!(text.contains("progenitor 0.15.1 panics"), "its reason is shown: {text}");
}

#[test]
fn the_limits_of_the_spec_are_told_to_schemars() {
    let mut documents = common::data_management();
    // A field that serde renames, and is told something else about first.
    documents.spec.text = documents.spec.text.replace(
        "\"description\": \"Per-device scheduling outcome, in the same order as the request.\",",
        "\"maxItems\": 7,",
    );
    documents.spec.text = documents.spec.text.replace("\"scheduledCount\": {", "\"scheduledNames\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"maxItems\": 8}, \"scheduledCount\": {");
    let code = generate(&documents).unwrap();
    for expected in [
        "#[schemars(length(min = 1usize, max = 100usize))]\n        pub devices: ::std::vec::Vec<DeviceEntry>,",
        "pub struct DeviceEntryName(#[schemars(length(min = 1usize))] ::std::string::String);",
        "#[schemars(length(max = 7usize))]\n        pub devices: ::std::vec::Vec<DeviceStatus>,",
        "#[schemars(length(max = 8usize))]\n        pub scheduled_names: ::std::vec::Vec<::std::string::String>,",
    ] {
        assert!(code.contains(expected), "{expected} is missing in\n{code}");
    }
    assert_eq!(code.matches("#[schemars(").count(), 4);
}
