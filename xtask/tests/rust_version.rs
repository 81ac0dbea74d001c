//! The `rust-version` that we promise is enough for what we depend on.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::process::Command;

use serde_json::Value;

#[test]
fn no_dependency_needs_a_newer_compiler_than_the_workspace_promises() {
    let packages = dependencies();
    let (ours, theirs): (Vec<_>, Vec<_>) = packages.iter().partition(|package| package["source"].is_null());
    let promised = ours.iter().map(|package| version(package)).min().unwrap();
    assert!(promised > (1, 0, 0), "a crate of ours promises no rust-version");
    assert!(
        theirs.len() > 100,
        "{} dependencies are too few to be all",
        theirs.len()
    );
    let needed = theirs.iter().max_by_key(|package| version(package)).unwrap();
    assert!(
        version(needed) <= promised,
        "{} {} needs Rust {}: lower it with `cargo update --precise`, or raise rust-version in Cargo.toml, in the README \
         and in the CHANGELOG",
        needed["name"],
        needed["version"],
        needed["rust_version"]
    );
}

/// Of this system: the others' are not downloaded. CI runs on all three.
fn dependencies() -> Vec<Value> {
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--all-features",
            "--filter-platform",
            host().as_str(),
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        metadata.status.success(),
        "{}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let mut metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn host() -> String {
    let told = Command::new("rustc").arg("-vV").output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    told.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned()
}

/// `1.89` as (1, 89, 0); (0, 0, 0) where none is promised.
fn version(package: &Value) -> (u32, u32, u32) {
    let mut parts = package["rust_version"]
        .as_str()
        .unwrap_or_default()
        .split('.')
        .map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}
