//! `sources.toml` pins every spec, and a spec that was edited by hand is refused with what to type.

#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

mod common;

use std::fs;
use std::path::Path;

use fleetpurge_codegen::sources::sha256;
use fleetpurge_codegen::{Error, Origin, Sources};

const ENTRY: &str = r#"
[[spec]]
name = "n"
file = "n.json"
overlay = "n.overlay.json"
crate = "n-raw"
page = "https://example.com/n.md"
retrieved = "2026-11"
sha256 = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"#;

const WRITTEN: &str = r#"
[[spec]]
name = "w"
file = "w.json"
crate = "w-raw"
written = "from pages"
"#;

fn folder(sources: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("sources.toml", sources)].iter().chain(files) {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn every_published_spec_has_a_true_pin_and_every_spec_says_where_it_is_from() {
    let sources = Sources::read(&common::openapi()).unwrap();
    for source in sources.iter() {
        source.documents(&common::openapi()).unwrap();
        match &source.origin {
            Origin::Published(published) => {
                assert!(published.page.starts_with("https://"), "{}", published.page);
                assert!(!published.retrieved.is_empty());
            }
            Origin::Written { from } => assert!(!from.is_empty()),
        }
    }
    let origin = |name| sources.get(name).unwrap().origin.clone();
    assert!(matches!(origin("data-management"), Origin::Published(_)));
    assert!(matches!(origin("ubidots-devices"), Origin::Written { .. }));
}

#[test]
fn a_spec_that_we_write_has_no_pin_and_is_read_as_it_stands() {
    for text in ["{}", "{ }"] {
        let folder = folder(WRITTEN, &[("w.json", text)]);
        let sources = Sources::read(folder.path()).unwrap();
        let documents = sources.get("w").unwrap().documents(folder.path()).unwrap();
        assert_eq!(documents.spec.text, text);
        assert!(documents.overlay.is_none());
    }
}

#[test]
fn a_pinned_spec_is_read_with_its_overlay() {
    let folder = folder(ENTRY, &[("n.json", "{}"), ("n.overlay.json", "[]")]);
    let sources = Sources::read(folder.path()).unwrap();
    let source = sources.get("n").unwrap();
    let documents = source.documents(folder.path()).unwrap();
    assert_eq!(documents.spec.name, "openapi/n.json");
    assert_eq!(documents.spec.text, "{}");
    assert_eq!(documents.overlay.unwrap().text, "[]");
    assert_eq!(
        source.generated_file(Path::new("root")),
        Path::new("root/crates/n-raw/src/generated.rs")
    );
}

#[test]
fn a_spec_edited_by_hand_is_refused_with_the_commands_that_help() {
    let folder = folder(ENTRY, &[("n.json", "{ }"), ("n.overlay.json", "[]")]);
    let sources = Sources::read(folder.path()).unwrap();
    let error = sources.get("n").unwrap().documents(folder.path()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Edited { .. }), "{text}");
    for expected in [
        "openapi/n.json is not the file that openapi/sources.toml pins",
        &sha256("{ }"),
        "never edited by hand",
        "overlay",
        "`git checkout -- openapi/n.json`",
        "`cargo xtask drift FILE|URL --accept`",
    ] {
        assert!(text.contains(expected), "{expected:?} is missing: {text}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = folder(ENTRY, &[("n.overlay.json", "[]")]);
    let sources = Sources::read(folder.path()).unwrap();
    let text = sources
        .get("n")
        .unwrap()
        .documents(folder.path())
        .unwrap_err()
        .to_string();
    assert!(text.contains("n.json cannot be read"), "{text}");
    let text = Sources::read(&folder.path().join("absent")).unwrap_err().to_string();
    assert!(text.contains("sources.toml cannot be read"), "{text}");
}

#[test]
fn a_spec_that_no_entry_names_is_refused() {
    let folder = folder(ENTRY, &[("n.json", "{}"), ("stray.json", "{}"), ("notes.md", "")]);
    let text = Sources::read(folder.path()).unwrap_err().to_string();
    assert!(
        text.contains("stray.json lies in openapi/, but no [[spec]] names it"),
        "{text}"
    );
}

#[test]
fn entries_that_clash_or_cannot_be_understood_are_refused() {
    let second = |from: &str, to: &str| format!("{ENTRY}{}", ENTRY.replace("\"n", "\"m").replace(from, to));
    let table = [
        (second("\"m\"", "\"n\""), "two [[spec]] entries have the name n"),
        (
            second("\"m.json\"", "\"n.json\""),
            "two [[spec]] entries have the file n.json",
        ),
        (
            second("\"m-raw\"", "\"n-raw\""),
            "two [[spec]] entries have the crate n-raw",
        ),
        (ENTRY.replace("sha256", "sha265"), "unknown field `sha265`"),
        (
            ENTRY.replace("page = \"https://example.com/n.md\"\n", ""),
            "n needs `page`, `retrieved` and `sha256`, or `written`",
        ),
        (
            format!("{WRITTEN}page = \"https://example.com\""),
            "w is `written` by us: it has no `page`",
        ),
        (
            format!("{WRITTEN}sha256 = \"0\""),
            "w is `written` by us: it has no `page`, `retrieved` or `sha256`",
        ),
        (
            format!("{WRITTEN}overlay = \"w.overlay.json\""),
            "w is written by us: correct it in place, without an overlay",
        ),
        ("[[spec]".to_owned(), "openapi/sources.toml cannot be understood"),
        (String::new(), "missing field `spec`"),
    ];
    for (text, expected) in table {
        let error = common::chain(&Sources::parse(&text).unwrap_err());
        assert!(error.contains(expected), "{text}\n{error}");
    }
    let error = Sources::parse(ENTRY).unwrap().get("m").unwrap_err().to_string();
    assert!(error.contains("no [[spec]] has the name m"), "{error}");
}
