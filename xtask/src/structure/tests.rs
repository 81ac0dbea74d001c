//! The rules hold for the workspace, and a breach of each is found.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::arrows::{self, Arrows};
use super::graph::{Shape, shape};
use super::modules;
use super::report::examine;
use super::rules::{Folders, between_folders};

#[test]
fn the_workspace_has_no_circle_among_files_and_no_arrow_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let findings = examine(root).unwrap();
    assert!(findings.text.contains("fleetpurge-ledger"), "{}", findings.text);
    assert!(findings.wrong.is_empty(), "{}", findings.wrong.join("\n\n"));
}

/// A crate of these files, of which the first is the root.
fn crate_of(files: &[(&str, &str)]) -> (TempDir, Arrows) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let mut found = Arrows::new();
    arrows::add(&modules::read(&folder.path().join(files[0].0)).unwrap(), &mut found);
    (folder, found)
}

fn shape_of(files: &[(&str, &str)]) -> Shape {
    shape(&crate_of(files).1)
}

#[test]
fn a_circle_is_found_however_one_file_names_the_other() {
    let uses_a = [
        ("use", "use crate::a::A; pub struct B;"),
        ("use of the module", "use crate::a; pub struct B(a::A);"),
        ("use in a group", "use crate::{a::{A as Other}}; pub struct B;"),
        ("super", "use super::a::A; pub struct B;"),
        ("glob", "use crate::a::*; pub struct B;"),
        ("re-export of the root", "use crate::A; pub struct B;"),
        ("re-export of the root by a glob", "pub struct B(crate::Again);"),
        ("path in a signature", "pub struct B; pub fn f(_: crate::a::A) {}"),
        ("path in a body", "pub struct B; fn f() { crate::a::f() }"),
        (
            "path in a macro",
            "pub struct B; fn f() { println!(\"{}\", vec![crate::a::f()]) }",
        ),
        ("use in a body", "pub struct B; fn f() { use crate::a::{A, f}; }"),
        (
            "unit tests",
            "pub struct B; #[cfg(test)] mod tests { use super::super::a::A; }",
        ),
    ];
    for (name, b) in uses_a {
        let shape = shape_of(&[
            ("lib.rs", "mod a; mod b; pub use a::A; pub use a::*;"),
            (
                "a.rs",
                "use crate::b::B; pub struct A(B); pub struct Again; pub fn f() {}",
            ),
            ("b.rs", b),
        ]);
        assert_eq!(shape.circles.len(), 1, "{name}");
        assert_eq!(shape.circles[0].len(), 2, "{name}");
    }
}

#[test]
fn a_parent_that_defines_what_its_child_uses_is_in_a_circle_with_it() {
    let parent = "mod child; pub struct P; fn f() { child::work() }";
    let child = "use super::P; pub fn work() {}";
    for files in [
        [("lib.rs", "mod p;"), ("p.rs", parent), ("p/child.rs", child)],
        [("lib.rs", "mod p;"), ("p/mod.rs", parent), ("p/child.rs", child)],
        [("main.rs", "mod p;"), ("p/mod.rs", parent), ("p/child/mod.rs", child)],
    ] {
        assert_eq!(shape_of(&files).circles.len(), 1);
    }
}

#[test]
fn a_re_export_leads_to_the_file_that_defines_the_item() {
    let (folder, arrows) = crate_of(&[
        (
            "lib.rs",
            "mod error; mod deep; pub use error::Error; pub use deep::Item;",
        ),
        ("error.rs", "pub struct Error;"),
        ("deep/mod.rs", "mod item; mod other; pub use item::*;"),
        ("deep/item.rs", "use crate::Error; pub struct Item(Error);"),
        (
            "deep/other.rs",
            "use super::Item; fn f(_: Item) -> crate::Error { todo!() }",
        ),
    ]);
    let targets = |file: &str| -> Vec<String> {
        arrows[&folder.path().join(file)]
            .keys()
            .map(|to| to.strip_prefix(folder.path()).unwrap().display().to_string())
            .collect()
    };
    assert_eq!(targets("deep/item.rs"), ["error.rs"]);
    assert_eq!(targets("deep/other.rs"), ["deep/item.rs", "error.rs"]);
    let shape = shape(&arrows);
    assert!(shape.circles.is_empty());
    assert_eq!(shape.floors, 3);
}

#[test]
fn a_file_that_is_named_by_its_path_is_one_file() {
    let (folder, arrows) = crate_of(&[
        ("tests/x/main.rs", "#[path = \"../rig/mod.rs\"] mod rig; use rig::R;"),
        ("tests/rig/mod.rs", "pub struct R;"),
    ]);
    assert!(arrows.contains_key(&folder.path().join("tests/rig/mod.rs")));
    assert_eq!(arrows.len(), 2);
}

#[test]
fn other_crates_texts_and_own_names_are_no_arrows() {
    let shape = shape_of(&[
        ("lib.rs", "mod a; mod b; use a::A;"),
        ("a.rs", "use crate::b::B; pub struct A(B);"),
        (
            "b.rs",
            "use std::fmt; use a::A; pub struct B; const T: &str = \"crate::a::A\"; fn f(a: B) { a.a(); B::new() } // crate::a::A",
        ),
    ]);
    assert!(shape.circles.is_empty());
}

#[test]
fn an_arrow_to_a_higher_folder_is_found() {
    let (folder, arrows) = crate_of(&[
        ("lib.rs", "mod low; mod high;"),
        ("low/mod.rs", "pub mod a;"),
        ("low/a.rs", "pub fn f() { crate::high::g() }"),
        ("high.rs", "pub fn g() {}"),
    ]);
    let rule = |folders| Folders {
        krate: "made-up",
        folders,
    };
    assert_eq!(
        between_folders(&rule(&["low", "high.rs"]), folder.path(), &arrows).len(),
        1
    );
    assert!(between_folders(&rule(&["high.rs", "low"]), folder.path(), &arrows).is_empty());
}
