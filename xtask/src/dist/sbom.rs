//! The software bill of materials, in `CycloneDX` 1.6 (JSON).
//!
//! Written here, and not by cargo-cyclonedx, which reads `cargo metadata`: see `linked.rs`. The crate `cyclonedx-bom` would
//! bring XML, patterns and a second `base64` to write one object.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::linked::{Krate, Linked};

/// What is linked, with versions, licences, checksums and dependencies.
pub(super) fn document(
    linked: &Linked,
    checksums: &BTreeMap<Krate, String>,
    compiler: &str,
    time: Timestamp,
) -> anyhow::Result<Vec<u8>> {
    let component = |krate: &Krate, kind: &str| {
        let mut component = json!({
            "type": kind,
            "bom-ref": reference(krate),
            "name": krate.name,
            "version": krate.version,
            "purl": reference(krate),
        });
        if let Some(checksum) = checksums.get(krate) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
        }
        match linked.licences.get(krate) {
            Some(licence) if !licence.is_empty() => {
                component["licenses"] = json!([{ "expression": licence }]);
            }
            _ => {}
        }
        component
    };
    let mut components: Vec<Value> = linked.crates().map(|krate| component(krate, "library")).collect();
    // No crate of the graph: it comes with the compiler.
    let standard_library = format!("pkg:generic/rust-std@{compiler}");
    components.push(json!({
        "type": "library",
        "bom-ref": standard_library,
        "name": "rust-std",
        "version": compiler,
        "description": "The Rust standard library",
        "purl": standard_library,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
    }));
    let dependencies: Vec<Value> = linked
        .dependencies
        .iter()
        .map(|(krate, on)| {
            let on: Vec<String> = on.iter().map(reference).collect();
            json!({ "ref": reference(krate), "dependsOn": on })
        })
        .collect();
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": time.to_string(),
            "component": component(&linked.root, "application"),
        },
        "components": components,
        "dependencies": dependencies,
    });
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// A package URL. No name of a crate needs to be escaped; of a version, `+` does.
fn reference(krate: &Krate) -> String {
    format!("pkg:cargo/{}@{}", krate.name, krate.version.replace('+', "%2B"))
}

/// The checksums of the packages, from `Cargo.lock`. Crates of the workspace have none.
pub(super) fn checksums(root: &Path) -> anyhow::Result<BTreeMap<Krate, String>> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let file = root.join("Cargo.lock");
    let text = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let lock: Lock = toml::from_str(&text).with_context(|| format!("{} cannot be understood", file.display()))?;
    let mut checksums = BTreeMap::new();
    for Package {
        name,
        version,
        checksum,
    } in lock.package
    {
        checksums.extend(checksum.map(|checksum| (Krate { name, version }, checksum)));
    }
    Ok(checksums)
}
