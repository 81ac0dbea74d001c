//! What is committed is what the generator writes, and the generator is the one that the header names.

mod common;

use std::fs;

use fleetpurge_codegen::committed::{Comparison, compare, write_if_changed};
use fleetpurge_codegen::generate::GENERATOR;
use fleetpurge_codegen::{Overlay, Sources, generate};

#[test]
fn every_committed_client_is_what_its_spec_and_overlay_generate() {
    let sources = Sources::read(&common::openapi()).unwrap();
    let mut compared = 0;
    for source in sources.iter() {
        let fresh = generate(&source.documents(&common::openapi()).unwrap()).unwrap().source;
        let comparison = compare(&source.generated_file(&common::root()), &source.krate, &fresh).unwrap();
        assert!(
            comparison == Comparison::Same,
            "the client in {} is not current: `cargo xtask regen` writes it\n{comparison:?}",
            source.krate
        );
        compared += 1;
    }
    assert!(compared > 0, "sources.toml names no spec");
}

#[test]
fn the_header_names_the_versions_that_are_locked() {
    let lock: toml::Table = fs::read_to_string(common::root().join("Cargo.lock"))
        .unwrap()
        .parse()
        .unwrap();
    let packages = lock["package"].as_array().unwrap();
    for named in GENERATOR.split(", ") {
        let (name, version) = named.split_once(' ').unwrap();
        assert!(
            packages.iter().any(|package| {
                package["name"].as_str() == Some(name) && package["version"].as_str() == Some(version)
            }),
            "the header says {named}, Cargo.lock has another version: change GENERATOR, then `cargo xtask regen`"
        );
    }
}

#[test]
fn every_overlay_of_ours_fits_its_spec() {
    for source in Sources::read(&common::openapi()).unwrap().iter() {
        let documents = source.documents(&common::openapi()).unwrap();
        if let Some(overlay) = documents.overlay {
            let mut spec = serde_json::from_str(&documents.spec.text).unwrap();
            Overlay::parse(&overlay.text).unwrap().apply(&mut spec).unwrap();
        }
    }
}

#[test]
fn a_current_file_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("generated.rs");
    assert!(
        write_if_changed(&file, "pub mod a;\n").unwrap(),
        "the first time it is written"
    );
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    assert!(!write_if_changed(&file, "pub mod a;\n").unwrap());
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), written);
    assert!(write_if_changed(&file, "pub mod b;\n").unwrap());
    assert_eq!(fs::read_to_string(&file).unwrap(), "pub mod b;\n");
}

#[test]
fn a_stale_file_is_shown_as_a_unified_diff() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("generated.rs");
    fs::write(&file, "one\ntwo\nthree\n").unwrap();
    let Comparison::Different { diff } = compare(&file, "src/generated.rs", "one\n2\nthree\n").unwrap() else {
        panic!("two texts that differ compare as the same");
    };
    assert_eq!(
        diff,
        "--- src/generated.rs (as it is)\n+++ src/generated.rs (as generated)\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"
    );
}

#[test]
fn a_missing_file_differs() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("generated.rs");
    assert_ne!(compare(&missing, "generated.rs", "one\n").unwrap(), Comparison::Same);
}
