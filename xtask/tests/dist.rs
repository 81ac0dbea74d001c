//! `cargo xtask dist` from the outside, with a program that takes the place of the command: what is packaged, twice the same.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::LazyLock;

use assert_cmd::Command;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Packages into `out`, as if the program said that it is of this version.
fn dist(out: &Path, version: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .env("CARGO_MANIFEST_DIR", root().join("xtask"))
        .env("SOURCE_DATE_EPOCH", "1700000000")
        .env("FLEETPURGE_TEST_VERSION", version)
        .args(["dist", "--binary"])
        .arg(root().join("xtask/tests/support/fleetpurge.sh"))
        .arg("--out")
        .arg(out);
    command
}

/// By their names.
type Files = BTreeMap<String, Vec<u8>>;

/// Packaged once, for all tests that look at it.
static PACKAGED: LazyLock<Files> = LazyLock::new(packaged);

fn packaged() -> Files {
    let out = tempfile::tempdir().unwrap();
    dist(out.path(), env!("CARGO_PKG_VERSION")).assert().success();
    files(out.path())
}

/// Every file of a folder, by its name.
fn files(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                fs::read(entry.path()).unwrap(),
            )
        })
        .collect()
}

fn ending(files: &Files, end: &str) -> Vec<u8> {
    let mut found = files.iter().filter(|(name, _)| name.ends_with(end));
    let (_, bytes) = found.next().unwrap_or_else(|| panic!("there is no {end}"));
    bytes.clone()
}

/// What the archive has, by the path within its one folder.
fn archived(files: &Files) -> Files {
    let bytes = ending(files, ".tar.gz");
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut found = BTreeMap::new();
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut contents = Vec::new();
        entry.read_to_end(&mut contents).unwrap();
        found.insert(path.split_once('/').unwrap().1.to_owned(), contents);
    }
    found
}

#[test]
fn the_same_commit_gives_the_same_bytes() {
    let (once, again) = (&*PACKAGED, packaged());
    assert_eq!(once.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (name, bytes) in once {
        assert!(bytes == &again[name], "{name} is another");
    }
}

#[test]
fn the_archive_has_what_the_readme_leads_to_and_what_the_program_writes() {
    let archived = archived(&PACKAGED);
    let root = root();
    for name in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        assert!(archived[name] == fs::read(root.join(name)).unwrap(), "{name}");
    }
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let links = readme
        .split("](docs/")
        .skip(1)
        .map(|rest| rest.split([')', '#']).next().unwrap());
    let links: BTreeSet<&str> = links.collect();
    assert!(links.contains("laptops.xlsx"), "{links:?}");
    for link in links {
        assert!(
            archived.contains_key(&format!("docs/{link}")),
            "docs/{link} is not packaged"
        );
    }
    for name in [
        "fleetpurge.sh",
        "man/fleetpurge-plan.1",
        "completions/_fleetpurge",
        "completions/fleetpurge.fish",
    ] {
        assert!(archived.contains_key(name), "{name} is not packaged");
    }
    let notices = String::from_utf8(archived["THIRD-PARTY-LICENSES.txt"].clone()).unwrap();
    assert!(
        notices.contains("\nprogenitor-client 0.15"),
        "a crate under the MPL must be named"
    );
    assert!(
        notices.contains("Permission is hereby granted, free of charge"),
        "no text of a licence"
    );
}

#[test]
fn the_checksums_are_those_of_all_files_and_in_the_form_of_sha256sum() {
    let files = &*PACKAGED;
    let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
    let mut listed = BTreeSet::from(["SHA256SUMS".to_owned()]);
    for line in sums.lines() {
        let (hash, name) = line.split_once("  ").unwrap();
        let is: String = Sha256::digest(&files[name])
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hash, is, "{name}");
        listed.insert(name.to_owned());
    }
    assert_eq!(listed, files.keys().cloned().collect());
    // The tool itself, where there is one.
    let out = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(out.path().join(name), bytes).unwrap();
    }
    let mut tool = Process::new("sha256sum");
    tool.current_dir(out.path()).args(["--check", "--strict", "SHA256SUMS"]);
    if let Ok(checked) = tool.output() {
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn the_bill_of_materials_has_what_is_linked_and_nothing_of_tests_or_of_build_time() {
    let files = &*PACKAGED;
    let sbom: Value = serde_json::from_slice(&ending(files, ".cdx.json")).unwrap();
    assert_eq!(
        (&sbom["bomFormat"], &sbom["specVersion"]),
        (&"CycloneDX".into(), &"1.6".into())
    );
    assert_eq!(sbom["metadata"]["component"]["name"], "fleetpurge");
    assert_eq!(sbom["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
    let components = sbom["components"].as_array().unwrap();
    let named: BTreeSet<&str> = components.iter().map(|one| one["name"].as_str().unwrap()).collect();

    let prefix = format!("fleetpurge-{}-", env!("CARGO_PKG_VERSION"));
    let mut targets = files
        .keys()
        .filter_map(|name| name.strip_suffix(".cdx.json")?.strip_prefix(&prefix));
    let (direct, reachable, dev) = dependencies(targets.next().unwrap());
    for name in &direct {
        assert!(named.contains(name.as_str()), "{name} is linked and is not named");
    }
    for name in ["libsqlite3-sys", "ring", "rustls", "hyper", "progenitor-client"] {
        assert!(named.contains(name), "{name} is linked and is not named");
    }
    for name in named.iter().filter(|name| **name != "rust-std") {
        assert!(reachable.contains(*name), "{name} is named and is not linked");
    }
    let only_dev: Vec<&String> = dev.iter().filter(|name| !reachable.contains(*name)).collect();
    assert!(only_dev.iter().any(|name| *name == "insta"), "{only_dev:?}");
    for name in only_dev
        .into_iter()
        .map(String::as_str)
        .chain(["serde_derive", "syn", "cc", "progenitor"])
    {
        assert!(!named.contains(name), "{name} is named and is not linked");
    }

    let references: BTreeSet<&str> = components.iter().map(|one| one["bom-ref"].as_str().unwrap()).collect();
    assert_eq!(references.len(), components.len(), "two components have one reference");
    for component in components {
        let is_published = component["purl"].as_str().unwrap().starts_with("pkg:cargo/")
            && !root().join("crates").join(component["name"].as_str().unwrap()).exists();
        assert_eq!(
            component["hashes"][0]["content"].is_string(),
            is_published,
            "{component}"
        );
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
    }
    for dependency in sbom["dependencies"].as_array().unwrap() {
        for on in dependency["dependsOn"].as_array().unwrap() {
            assert!(references.contains(on.as_str().unwrap()), "{on} is no component");
        }
    }
}

/// The names of the command's own dependencies, of all that it reaches without dev- and build-dependencies, and of its
/// dev-dependencies. Read in another way than `dist` reads them, which has the features of every crate in the workspace: so
/// it reaches more.
fn dependencies(target: &str) -> (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Process::new(cargo)
        .current_dir(root())
        .args([
            "metadata",
            "--locked",
            "--offline",
            "--format-version",
            "1",
            "--filter-platform",
            target,
        ])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let array = |value: &Value| value.as_array().unwrap().clone();
    let names: BTreeMap<String, String> = array(&metadata["packages"])
        .iter()
        .map(|one| {
            (
                one["id"].as_str().unwrap().to_owned(),
                one["name"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let nodes: BTreeMap<String, Vec<Value>> = array(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (node["id"].as_str().unwrap().to_owned(), array(&node["deps"])))
        .collect();
    let (command, _) = names.iter().find(|(_, name)| *name == "fleetpurge").unwrap();
    let normal = |id: &str| -> Vec<String> {
        let is_normal = |dep: &&Value| array(&dep["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        let deps = nodes[id].iter().filter(is_normal);
        deps.map(|dep| dep["pkg"].as_str().unwrap().to_owned()).collect()
    };
    let mut reachable = BTreeSet::new();
    let mut next = vec![command.clone()];
    while let Some(id) = next.pop() {
        if reachable.insert(names[&id].clone()) {
            next.extend(normal(&id));
        }
    }
    let manifest: toml::Table = fs::read_to_string(root().join("crates/fleetpurge/Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let keys = |table: &toml::Value, optional: bool| -> BTreeSet<String> {
        let table = table.as_table().unwrap().iter();
        table
            .filter(|(_, one)| optional || one.get("optional").is_none())
            .map(|(name, _)| name.clone())
            .collect()
    };
    (
        keys(&manifest["dependencies"], false),
        reachable,
        keys(&manifest["dev-dependencies"], true),
    )
}

#[test]
fn a_program_of_another_version_is_not_packaged() {
    let out = tempfile::tempdir().unwrap();
    let ended = dist(out.path(), "9.9.9").assert().code(1);
    let says = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
    assert!(says.contains("fleetpurge 9.9.9"), "{says}");
    assert!(files(out.path()).is_empty());
}

#[test]
fn every_asset_of_the_debian_package_is_there() {
    let archived = archived(&PACKAGED);
    let folder = root().join("crates/fleetpurge");
    let manifest: toml::Table = fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    let mut installed = BTreeSet::new();
    for asset in assets {
        let (source, place) = (asset[0].as_str().unwrap(), asset[1].as_str().unwrap());
        let mode = if source == "target/release/fleetpurge" {
            "755"
        } else {
            "644"
        };
        assert_eq!(asset[2].as_str(), Some(mode), "{source}");
        let there = match source.strip_prefix("target/release/") {
            Some("fleetpurge" | "package/changelog.Debian.gz") => true,
            Some("package/man/*.1.gz") => archived.keys().any(|path| path.starts_with("man/")),
            Some(gathered) => archived.contains_key(gathered.strip_prefix("package/").unwrap()),
            None => folder.join(source).is_file(),
        };
        assert!(there, "{source} is not there");
        installed.insert(place.trim_end_matches('/'));
    }
    for place in [
        "usr/bin",
        "usr/share/man/man1",
        "usr/share/bash-completion/completions/fleetpurge",
        "usr/share/zsh/vendor-completions",
        "usr/share/fish/vendor_completions.d",
        "usr/share/doc/fleetpurge/copyright",
        "usr/share/doc/fleetpurge/changelog",
    ] {
        assert!(installed.contains(place), "nothing is installed to {place}");
    }
}
