//! What a published package has, whichever workspace it is in.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Checks every published package of the workspace at `root`, and says how many there are.
pub(crate) fn check(root: &Path) -> usize {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let metadata = cargo
        .current_dir(root)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let published: Vec<&Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package["publish"].is_null())
        .collect();
    for package in &published {
        let name = package["name"].as_str().unwrap();
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let own = fs::read(folder.join(licence)).unwrap_or_default();
            assert!(
                own == fs::read(root.join(licence)).unwrap(),
                "{name}: {licence} is not that of the workspace"
            );
        }
        let readme = package["readme"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} names no README"));
        let readme = fs::read_to_string(folder.join(readme)).unwrap();
        assert!(
            readme.starts_with(&format!("# {name}")),
            "{name}: its README has another title"
        );
        assert!(
            !package["keywords"].as_array().unwrap().is_empty(),
            "{name} has no keywords"
        );
        assert!(
            !package["categories"].as_array().unwrap().is_empty(),
            "{name} has no categories"
        );
        let is_library = package["targets"][0]["kind"][0] == "lib";
        let docs = &package["metadata"]["docs"]["rs"]["all-features"];
        assert!(
            !is_library || docs == &Value::Bool(true),
            "{name}: docs.rs would not show its features"
        );
    }
    published.len()
}
