//! What becomes of the formats of strings: types in requests, text in replies, and secrets that nothing shows.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod common;

use common::{answered, asked, made_up, with_schemas};
use fleetpurge_codegen::{Error, generate};
use serde_json::json;

#[test]
fn a_format_of_a_request_is_a_type_and_one_of_a_reply_is_text() {
    let code = generate(&made_up(&asked("Body"))).unwrap().source;
    for field in [
        "pub id: ::uuid::Uuid",
        "pub at: ::jiff::Timestamp",
        "pub day: ::jiff::civil::Date",
    ] {
        assert!(code.contains(field), "{field} is missing in {code}");
    }
    let code = generate(&made_up(&answered("Body"))).unwrap().source;
    for field in ["id", "at", "day"] {
        assert!(
            code.contains(&format!("pub {field}: ::std::string::String")),
            "{field}: {code}"
        );
    }
}

#[test]
fn a_date_is_ours_whatever_else_its_schema_says() {
    for more in [
        json!({"x-provenance": {"level": "documented"}}),
        json!({"minLength": 10, "maxLength": 40}),
        json!({"pattern": "^2"}),
        json!({"nullable": true}),
        json!({"description": "When.", "example": "2026-01-01"}),
        json!({"default": "2026-01-01"}),
    ] {
        for (format, rust) in [("date-time", "::jiff::Timestamp"), ("date", "::jiff::civil::Date")] {
            let mut date = json!({"type": "string", "format": format});
            date.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            // The generator checks it against the format.
            if date.get("default").is_some() && format == "date-time" {
                date["default"] = json!("2026-01-01T00:00:00Z");
            }
            let body = json!({"type": "object", "properties": {"at": date}});
            let code = generate(&with_schemas(&asked("Body"), &json!({"Body": body})))
                .unwrap()
                .source;
            assert!(
                code.contains(rust) && !code.contains("chrono"),
                "{format} {more}: {code}"
            );
        }
    }
}

#[test]
fn a_fixed_list_of_dates_is_an_enum() {
    let schema = json!({"type": "string", "format": "date", "enum": ["2026-01-01", "2027-01-01"]});
    let code = generate(&with_schemas(&asked("Day"), &json!({"Day": schema})))
        .unwrap()
        .source;
    assert!(code.contains("pub enum Day") && code.contains("2027-01-01"), "{code}");
}

#[test]
fn a_named_secret_of_ours_has_no_type_around_it_and_nexthink_has_none() {
    let code = generate(&common::ubidots_devices()).unwrap().source;
    assert!(code.contains("pub token: fleetpurge_http::secret::Secret,"), "{code}");
    assert!(!code.contains("pub struct Secret"), "it would derive `Debug`");
    let mut documents = common::ubidots_devices();
    documents.spec.text = documents.spec.text.replace("\"format\": \"password\",", "");
    assert!(generate(&documents).unwrap().source.contains("pub struct Secret"));
    assert!(
        !generate(&common::data_management())
            .unwrap()
            .source
            .contains("::secret::")
    );
}

#[test]
fn a_secret_of_a_reply_is_a_secret_wherever_it_is_and_whatever_its_name() {
    let secret = json!({"type": "string", "format": "password", "x-provenance": {}, "minLength": 1});
    let schemas = json!({
        "api-key": secret,
        "Body": {"type": "object", "properties": {
            "inline": secret, "named": {"$ref": "#/components/schemas/api-key"}, "list": {"type": "array", "items": secret}
        }}
    });
    let code = generate(&with_schemas(&answered("Body"), &schemas)).unwrap().source;
    for field in [
        "pub inline: ::std::option::Option<fleetpurge_http::secret::Secret>",
        "pub list: ::std::vec::Vec<fleetpurge_http::secret::Secret>",
        "pub struct ApiKey(pub fleetpurge_http::secret::Secret)",
    ] {
        assert!(code.contains(field), "{field} is missing in {code}");
    }
}

#[test]
fn a_secret_of_a_request_is_refused_with_its_place() {
    let secret = json!({"type": "string", "format": "password"});
    let body = json!({"type": "object", "properties": {"a/b": secret, "format": {"type": "string"}}});
    let mut parameter = answered("Body");
    parameter["/a"]["parameters"] = json!([{"name": "key", "in": "query", "schema": secret}]);
    for (paths, place) in [
        (asked("Body"), "/components/schemas/Body/properties/a~1b"),
        (parameter, "/paths/~1a/parameters/0/schema"),
    ] {
        let error = generate(&with_schemas(&paths, &json!({"Body": body}))).unwrap_err();
        assert!(matches!(error, Error::SecretInRequest { .. }), "{error:?}");
        assert!(error.to_string().contains(&format!("at {place}:")), "{error}");
    }
}
