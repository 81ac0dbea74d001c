//! The document is found in whatever form the vendor publishes it, and a page that cannot be understood is never taken
//! for one on which nothing has changed.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod common;

use std::fs;

use fleetpurge_codegen::drift::{Accepted, Node, Page, accept, compare, extract};
use fleetpurge_codegen::{Origin, Sources, sources};
use serde_json::{Value, json};

const PAGE: &str = include_str!("data/schedule-device-deletions.md");
const TITLE: &str = "Data Management API";

fn page(name: &str, text: impl Into<String>) -> Page {
    Page {
        name: name.to_owned(),
        text: text.into(),
    }
}

fn found(pages: &[Page]) -> Node {
    extract(pages, TITLE).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(pages: &[Page]) -> String {
    extract(pages, TITLE).unwrap_err().to_string()
}

fn ours() -> Value {
    serde_json::from_str(&common::data_management().spec.text).unwrap()
}

/// The one fenced document of the page.
fn block() -> &'static str {
    PAGE.split_once("```json\n").unwrap().1.split_once("\n```").unwrap().0
}

fn fenced(document: &Value) -> String {
    format!("```json\n{document}\n```\n")
}

fn assert_nothing_changed(pages: &[Page]) {
    let drift = compare(&ours(), &found(pages).to_value()).unwrap();
    assert!(drift.changes.is_empty(), "{drift:?}");
}

#[test]
fn the_page_holds_the_spec_that_we_have() {
    assert_nothing_changed(&[page("page.md", PAGE)]);
}

#[test]
fn prose_calls_and_replies_around_the_document_are_passed_over() {
    let text = format!(
        "{PAGE}\n---\n\n# Instructions\nAsk with `?ask=`:\n\n```\nGET https://example.com/page.md?ask=<question>\n```\n\n\
         ```json\n{{\"code\":\"EMPTY_REQUEST\",\"message\":{{\"openapi\":1}}}}\n```\n\n```python\nprint(\"{{\")\n```\n"
    );
    assert_nothing_changed(&[page("page.md", text)]);
}

#[test]
fn line_endings_a_byte_order_mark_and_another_fence_do_not_matter() {
    assert_nothing_changed(&[page("page.md", PAGE.replace('\n', "\r\n"))]);
    assert_nothing_changed(&[page("page.md", format!("\u{feff}{PAGE}"))]);
    assert_nothing_changed(&[page(
        "page.md",
        PAGE.replace("```json", "~~~~ json title=\"a\"")
            .replace("\n```", "\n~~~~"),
    )]);
    assert_nothing_changed(&[page("page.md", PAGE.replace("```json", "```"))]);
    assert_nothing_changed(&[page("page.md", format!("{{% hint %}}\n\n{PAGE}"))]);
}

#[test]
fn a_bare_document_is_taken_in_json_and_in_yaml() {
    assert_nothing_changed(&[page("spec.json", block())]);
    assert_nothing_changed(&[page("spec.json", serde_json::to_string_pretty(&ours()).unwrap())]);
    assert_nothing_changed(&[page("spec.yaml", YAML)]);
    assert_nothing_changed(&[page("page.md", format!("# Title\n\n```yaml\n{YAML}```\n"))]);
}

#[test]
fn several_operations_on_one_page_and_the_models_page_are_one_document() {
    let mut operation = ours();
    operation["components"]["schemas"] =
        json!({ "DeviceDeletionRequest": ours()["components"]["schemas"]["DeviceDeletionRequest"] });
    let mut other = ours();
    other["paths"] = json!({ "/api/v1/devices": { "get": { "operationId": "list", "responses": { "200": { "description": "ok" } } } } });
    other["tags"] = json!([{ "name": "devices" }]);
    other["components"]["schemas"] = json!({});
    let operations = page(
        "operations.md",
        format!("# One\n\n{}\n# Two\n\n{}", fenced(&operation), fenced(&other)),
    );
    let models: String = ours()["components"]["schemas"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, schema)| {
            format!(
                "## The {name} object\n\n{}",
                fenced(&json!({ "openapi": "3.0.3", "info": ours()["info"], "components": { "schemas": { name: schema } } }))
            )
        })
        .collect();
    let models = page("models.md", models);

    let whole = found(&[operations.clone(), models.clone()]).to_value();
    let drift = compare(&ours(), &whole).unwrap();
    let paths: Vec<&str> = drift.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["$.paths['/api/v1/devices']", "$.tags"]);
    assert_eq!(
        whole["tags"],
        json!([{ "name": "device-deletions" }, { "name": "devices" }])
    );

    assert_eq!(
        whole["servers"],
        ours()["servers"],
        "what every document says is said once"
    );

    let missing = refused(&[operations]);
    assert!(missing.contains("#/components/schemas/"), "{missing}");
    assert!(missing.contains("models page"), "{missing}");
    assert!(refused(&[models]).contains("there is no operation in models.md"));
}

#[test]
fn of_several_apis_the_one_with_our_title_is_taken() {
    let mut nql = ours();
    nql["info"]["title"] = json!("NQL API");
    nql["paths"] = json!({ "/api/v1/nql": {} });
    assert_nothing_changed(&[page("all.md", format!("{PAGE}\n{}", fenced(&nql)))]);
    let mut other = ours();
    other["info"]["title"] = json!("Other API");
    let text = refused(&[page("all.md", format!("{}{}", fenced(&nql), fenced(&other)))]);
    assert!(text.contains("NQL API, Other API") && text.contains(TITLE), "{text}");
}

#[test]
fn what_cannot_be_understood_says_so() {
    let with = |from: &str, to: &str| {
        assert!(PAGE.contains(from), "{from}");
        PAGE.replacen(from, to, 1)
    };
    let table = [
        (String::new(), "page holds no OpenAPI document"),
        (
            "# A page\n\nThe content has moved.\n".to_owned(),
            "page holds no OpenAPI document",
        ),
        ("404: Not Found".to_owned(), "page holds no OpenAPI document"),
        ("<!DOCTYPE html><html></html>".to_owned(), "page is HTML"),
        ("\n<html lang=en>".to_owned(), "`.md` appended"),
        (
            PAGE[..PAGE.len() / 2].to_owned(),
            "page, line 16: this should be an OpenAPI document, but cannot be read as JSON: EOF",
        ),
        (with("\"info\":{", "\"info\":{,"), "cannot be read as JSON"),
        (
            with("\"tags\":", "\"info\":{},\"tags\":"),
            "the key `info` occurs twice",
        ),
        ("{\"openapi\":".to_owned(), "line 1: this should be an OpenAPI document"),
        ("{\"a\": 1}".to_owned(), "it has no key `openapi`"),
        ("openapi: 3.0.3\n  info: [".to_owned(), "cannot be read as YAML"),
        (
            with("\"openapi\":\"3.0.3\"", "\"openapi\":\"4.0.0\""),
            "OpenAPI version 4.0.0 is not understood",
        ),
        (
            "{\"swagger\":\"2.0\",\"info\":{},\"paths\":{}}".to_owned(),
            "OpenAPI version 2.0 is not understood",
        ),
        (
            with("\"openapi\":\"3.0.3\"", "\"openapi\":3"),
            "OpenAPI version (no text) is not understood",
        ),
        (with("\"paths\":{", "\"routes\":{"), "there is no operation in page"),
        (
            with("#/components/schemas/DeviceEntry", "#/components/schemas/Gone"),
            "$.components.schemas.DeviceDeletionRequest.properties.devices.items refers to #/components/schemas/Gone",
        ),
        (
            with("#/components/schemas/DeviceEntry", "other.json#/DeviceEntry"),
            "refers to other.json#/DeviceEntry",
        ),
        (
            format!(
                "{PAGE}\n{}",
                fenced(&serde_json::from_str(&block().replace("\"maxItems\":100", "\"maxItems\":50")).unwrap())
            ),
            "two documents in page disagree about $.components.schemas.DeviceDeletionRequest.properties.devices.maxItems",
        ),
    ];
    for (text, expected) in table {
        let error = refused(&[page("page", text.clone())]);
        assert!(
            error.contains(expected),
            "expected {expected:?}, found {error:?} for {text:.80}"
        );
    }
    // One page of two is as bad as none.
    assert!(refused(&[page("page.md", PAGE), page("moved.md", "gone")]).contains("moved.md holds no OpenAPI document"));
}

#[test]
fn references_in_a_circle_are_refused() {
    let mut circle = ours();
    circle["components"]["schemas"]["DeviceEntry"] = json!({ "$ref": "#/components/schemas/DeviceEntry" });
    let document = found(&[page("spec.json", circle.to_string())]);
    let error = compare(&ours(), &document.to_value()).unwrap_err().to_string();
    assert!(error.contains("#/components/schemas/DeviceEntry"), "{error}");
}

/// A folder like openapi/ that holds our spec.
fn openapi() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["sources.toml", "data-management.json", "data-management.overlay.json"] {
        fs::copy(common::openapi().join(file), folder.path().join(file)).unwrap();
    }
    folder
}

#[test]
fn an_accepted_page_is_the_vendors_text_but_for_whitespace_and_its_pin_is_true() {
    let folder = openapi();
    let source = |folder: &tempfile::TempDir| {
        let mut sources: Vec<_> = Sources::parse(&fs::read_to_string(folder.path().join(sources::FILE_NAME)).unwrap())
            .unwrap()
            .iter()
            .cloned()
            .collect();
        sources.retain(|source| source.name == "data-management");
        sources.remove(0)
    };
    let before = fs::read_to_string(folder.path().join("sources.toml")).unwrap();

    let same = found(&[page("page.md", PAGE)]);
    let accepted = accept(folder.path(), &source(&folder), &same, "2030-01-02", None).unwrap();
    assert_eq!(accepted, Accepted::AlreadyHere, "our spec is the page's, key for key");
    assert_eq!(fs::read_to_string(folder.path().join("sources.toml")).unwrap(), before);

    let edited = PAGE.replace("\"maxItems\":100", "\"maxItems\":50");
    let new = found(&[page("page.md", edited)]);
    let url = "https://docs.example.com/new.md";
    let accepted = accept(folder.path(), &source(&folder), &new, "2030-01-02", Some(url)).unwrap();
    assert_eq!(accepted, Accepted::Written);

    let source = source(&folder);
    let Origin::Published(published) = &source.origin else {
        panic!("it is published still");
    };
    assert_eq!(
        (published.retrieved.as_str(), published.page.as_str()),
        ("2030-01-02", url)
    );
    let written = source.documents(folder.path()).unwrap().spec.text;
    let minified = serde_json::to_string(&serde_json::from_str::<Node>(&written).unwrap()).unwrap();
    assert_eq!(minified, block().replace("\"maxItems\":100", "\"maxItems\":50"));
    let after = fs::read_to_string(folder.path().join("sources.toml")).unwrap();
    assert_eq!(after.lines().next(), before.lines().next(), "the comments stay");
    assert_eq!(after.lines().count(), before.lines().count());
}

#[test]
fn a_spec_that_we_write_is_not_replaced_by_a_page() {
    let sources = Sources::read(&common::openapi()).unwrap();
    let ours = sources.get("ubidots-devices").unwrap();
    let folder = openapi();
    let error = accept(
        folder.path(),
        ours,
        &found(&[page("page.md", PAGE)]),
        "2030-01-02",
        None,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("ubidots-devices is written by us"),
        "{error}"
    );
    assert!(!folder.path().join(&ours.file).exists());
}

/// The spec as a person would write it in YAML: unquoted status codes, aliases, words that older YAML takes for flags.
const YAML: &str = include_str!("data/data-management.yaml");
