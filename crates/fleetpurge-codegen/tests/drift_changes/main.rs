//! Each kind of change, made by editing the vendor's real page, is found where it is and classed by what it means.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

#[path = "../common/mod.rs"]
mod common;
mod rows;

use fleetpurge_codegen::drift::Class::{self, Breaking, Widening, Wording};
use fleetpurge_codegen::drift::{Change, Drift, Page, compare, extract};
use serde_json::Value;
use serde_json_path::JsonPath;

use rows::{ROWS, Row};

const PAGE: &str = include_str!("../data/schedule-device-deletions.md");
const POST: &str = "$.paths['/api/v1/data-management/device/deletions'].post";

fn published(page: &str) -> Value {
    let page = Page {
        name: "page.md".to_owned(),
        text: page.to_owned(),
    };
    extract(&[page], "Data Management API").unwrap().to_value()
}

fn ours() -> Value {
    serde_json::from_str(&common::data_management().spec.text).unwrap()
}

fn drift_of(page: &str) -> Drift {
    compare(&ours(), &published(page)).unwrap()
}

/// The page with one thing replaced, wherever it stands.
fn edited(edits: &[(&str, &str)]) -> String {
    let mut page = PAGE.to_owned();
    for (from, to) in edits {
        assert!(page.contains(from), "the page does not hold {from}");
        page = page.replace(from, to);
    }
    page
}

fn full(path: &str) -> String {
    path.replace("{POST}", POST).replace("{S}", "$.components.schemas")
}

#[test]
fn every_kind_of_change_on_the_page_is_found_and_classed() {
    let mut wrong = Vec::new();
    for Row(what, edits, expected) in ROWS {
        let mut expected: Vec<(Class, String)> = expected.iter().map(|(class, path)| (*class, full(path))).collect();
        let drift = drift_of(&edited(edits));
        let mut found: Vec<(Class, String)> = drift
            .changes
            .iter()
            .map(|change| (change.class, change.path.clone()))
            .collect();
        expected.sort();
        found.sort();
        if found != expected {
            wrong.push(format!(
                "{what}:\n  expected {expected:#?}\n  found {:#?}",
                drift.changes
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn at_least_twenty_kinds_are_tried_in_each_direction_that_matters() {
    let worst = |Row(_, _, expected): &Row| expected.iter().map(|(class, _)| *class).max();
    for (class, least) in [
        (Some(Breaking), 20),
        (Some(Widening), 15),
        (Some(Wording), 8),
        (None, 5),
    ] {
        let tried = ROWS.iter().filter(|row| worst(row) == class).count();
        assert!(tried >= least, "{class:?}: {tried}");
    }
}

#[test]
fn the_worst_change_is_first_and_gives_the_class_of_the_drift() {
    let page = edited(&[
        (r#""maxItems":100"#, r#""maxItems":50"#),
        (r#""EMPTY_TENANT","#, r#""EMPTY_TENANT","THROTTLED","#),
        ("Must not be blank.", "It must not be blank."),
    ]);
    let drift = drift_of(&page);
    let classes: Vec<Class> = drift.changes.iter().map(|change| change.class).collect();
    assert_eq!(classes, [Breaking, Widening, Wording]);
    assert_eq!(drift.class(), Some(Breaking));
    assert_eq!(drift_of(PAGE).class(), None);
}

#[test]
fn a_change_says_old_and_new() {
    let drift = drift_of(&edited(&[(r#""maxItems":100"#, r#""maxItems":50"#)]));
    assert_eq!(
        drift.changes,
        [Change {
            path: "$.components.schemas.DeviceDeletionRequest.properties.devices.maxItems".to_owned(),
            class: Breaking,
            what: "a tighter upper limit in a request".to_owned(),
            old: Some(100.into()),
            new: Some(50.into()),
        }]
    );
}

/// The document with what every reference refers to in its place. Ours does not contain itself.
fn written_out(node: &Value, document: &Value) -> Value {
    match node {
        Value::Object(object) => match object.get("$ref").and_then(Value::as_str) {
            Some(reference) => written_out(document.pointer(&reference[1..]).unwrap(), document),
            None => object
                .iter()
                .map(|(key, value)| (key.clone(), written_out(value, document)))
                .collect(),
        },
        Value::Array(array) => array.iter().map(|value| written_out(value, document)).collect(),
        leaf => leaf.clone(),
    }
}

/// Whether the path leads to the value, or to a list that holds it.
fn leads_to(document: &Value, path: &str, value: &Value) -> bool {
    let path = JsonPath::parse(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    path.query(document)
        .iter()
        .any(|found| *found == value || found.as_array().is_some_and(|list| list.contains(value)))
}

#[test]
fn every_path_is_a_jsonpath_that_leads_to_the_old_value_or_the_new_one() {
    for Row(what, edits, _) in ROWS {
        let page = edited(edits);
        let (old, new) = (ours(), published(&page));
        for change in drift_of(&page).changes {
            let leads = [(&old, &change.old), (&new, &change.new)]
                .iter()
                .any(|(document, value)| {
                    value.as_ref().is_some_and(|value| {
                        let full = |value| written_out(value, document);
                        leads_to(document, &change.path, value) || leads_to(&full(document), &change.path, &full(value))
                    })
                });
            // What an operation does not say for itself, the document says for all.
            let inherited =
                change.path == full("{POST}.security") && leads_to(&old, "$.security", change.old.as_ref().unwrap());
            assert!(leads || inherited, "{what}: {change:?}");
        }
    }
}

#[test]
fn the_way_back_is_a_change_too() {
    for Row(what, edits, expected) in ROWS {
        let back = compare(&published(&edited(edits)), &ours()).unwrap();
        assert_eq!(back.changes.is_empty(), expected.is_empty(), "{what}: {back:?}");
    }
}

#[test]
fn a_shared_schema_is_compared_in_the_direction_that_it_travels() {
    // One schema in request and reply: newly required is breaking for the one and good news for the other.
    let both = |required: &str| {
        format!(
            r##"{{"openapi":"3.0.3","info":{{"title":"T","version":"1"}},"paths":{{"/a":{{"post":{{
            "requestBody":{{"content":{{"application/json":{{"schema":{{"$ref":"#/components/schemas/A"}}}}}}}},
            "responses":{{"200":{{"description":"","content":{{"application/json":{{"schema":{{"$ref":"#/components/schemas/A"}}}}}}}}}}}}}}}},
            "components":{{"schemas":{{"A":{{"type":"object",{required}"properties":{{"a":{{"$ref":"#/components/schemas/A"}}}}}}}}}}}}"##
        )
    };
    let old = serde_json::from_str(&both("")).unwrap();
    let new = serde_json::from_str(&both(r#""required":["a"],"#)).unwrap();
    let drift = compare(&old, &new).unwrap();
    assert_eq!(drift.changes.len(), 1, "once, though it contains itself: {drift:?}");
    assert_eq!(drift.class(), Some(Breaking));
    assert_eq!(drift.changes[0].what, "required now in a request");
}

#[test]
fn schemas_made_of_others_are_compared_whatever_their_order() {
    let with = |keyword: &str, list: &str| -> Value {
        let text = format!(
            r#"{{"openapi":"3.0.3","info":{{"title":"T","version":"1"}},"paths":{{"/a":{{"get":{{"responses":{{"200":{{
            "description":"","content":{{"application/json":{{"schema":{{"{keyword}":[{list}]}}}}}}}}}}}}}}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let (string, integer, small) = (
        r#"{"type":"string"}"#,
        r#"{"type":"integer"}"#,
        r#"{"type":"integer","maximum":9}"#,
    );
    for (keyword, old, new, class) in [
        (
            "oneOf",
            format!("{string},{integer}"),
            format!("{integer},{string}"),
            None,
        ),
        (
            "oneOf",
            string.to_owned(),
            format!("{integer},{string}"),
            Some(Widening),
        ),
        (
            "anyOf",
            format!("{string},{integer}"),
            string.to_owned(),
            Some(Breaking),
        ),
        (
            "allOf",
            string.to_owned(),
            format!("{string},{integer}"),
            Some(Widening),
        ),
        (
            "allOf",
            format!("{string},{integer}"),
            string.to_owned(),
            Some(Breaking),
        ),
        (
            "oneOf",
            format!("{string},{integer}"),
            format!("{string},{small}"),
            Some(Breaking),
        ),
        (
            "oneOf",
            format!("{string},{small}"),
            format!("{integer},{string}"),
            Some(Widening),
        ),
    ] {
        let drift = compare(&with(keyword, &old), &with(keyword, &new)).unwrap();
        assert_eq!(drift.class(), class, "{keyword}: {old} -> {new}: {drift:?}");
    }
}
