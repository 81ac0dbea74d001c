//! What a release is made with, and what no test can try here: the workflow, and the file of the image.
#![allow(clippy::unwrap_used, reason = "a helper fails as a test does")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn workflow() -> Value {
    serde_saphyr::from_str(&read(".github/workflows/release.yml")).unwrap()
}

fn help(task: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([task, "--help"])
        .output()
        .unwrap();
    assert!(output.status.success(), "there is no `cargo xtask {task}`");
    String::from_utf8(output.stdout).unwrap()
}

fn has(help: &str, flag: &str) -> bool {
    help.split(|of: char| !of.is_ascii_alphanumeric() && of != '-')
        .any(|word| word == flag)
}

/// The tasks that a text names, each with its flags.
fn tasks(text: &str) -> Vec<(String, Vec<String>)> {
    // `.ci/run` has a function of that name.
    let called = text.lines().filter_map(|line| line.strip_prefix("xtask "));
    let lines = text
        .lines()
        .flat_map(|line| line.split("cargo xtask ").skip(1))
        .chain(called);
    lines
        .map(|line| {
            let line = line.split(['`', '#', '|', '>', ')', ';', ',']).next().unwrap();
            let mut words = line.split_whitespace().map(|word| word.trim_matches(['"', '.', ':']));
            let task = words.next().unwrap_or_default().to_owned();
            let flags = words.filter(|word| word.starts_with("--"));
            (task, flags.map(str::to_owned).collect())
        })
        .filter(|(task, _)| !task.is_empty())
        .collect()
}

#[test]
fn every_task_that_a_workflow_or_a_page_names_is_there_with_its_flags() {
    let mut found = BTreeSet::new();
    for file in [
        ".ci/run",
        ".github/workflows/ci.yml",
        ".github/workflows/drift.yml",
        ".github/workflows/release.yml",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
    ] {
        for (task, flags) in tasks(&read(file)) {
            let help = help(&task);
            for flag in flags {
                assert!(has(&help, &flag), "{file}: `cargo xtask {task}` has no {flag}");
            }
            found.insert(task);
        }
    }
    for task in ["dist", "release-notes", "regen", "bench"] {
        assert!(found.contains(task), "{task} is named nowhere");
    }
}

#[test]
fn the_matrix_builds_for_every_system_and_names_flags_that_exist() {
    let help = help("dist");
    let rows = workflow()["jobs"]["build"]["strategy"]["matrix"]["include"].clone();
    let rows = rows.as_array().unwrap();
    let targets: BTreeSet<&str> = rows.iter().map(|row| row["target"].as_str().unwrap()).collect();
    let wanted = [
        "aarch64-apple-darwin",
        "aarch64-unknown-linux-gnu",
        "aarch64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "x86_64-pc-windows-msvc",
        "x86_64-unknown-linux-gnu",
        "x86_64-unknown-linux-musl",
    ];
    assert_eq!(targets, BTreeSet::from(wanted));
    for row in rows {
        // A Debian package for Debian's own targets, and for no other.
        let deb = row["target"]
            .as_str()
            .unwrap()
            .ends_with("-linux-gnu")
            .then_some("--deb");
        assert_eq!(row["deb"].as_str(), deb, "{row}");
        assert!(deb.is_none_or(|flag| has(&help, flag)), "{row}");
    }
}

#[test]
fn each_job_of_the_release_may_do_what_it_does_and_nothing_else() {
    let workflow = workflow();
    assert_eq!(workflow["permissions"], json!({}));
    let table = [
        ("notes", json!({ "contents": "read" })),
        ("build", json!({ "contents": "read" })),
        ("attest", json!({ "attestations": "write", "id-token": "write" })),
        ("draft", json!({ "contents": "write" })),
    ];
    let jobs = workflow["jobs"].as_object().unwrap();
    assert_eq!(jobs.len(), table.len());
    for (job, permissions) in table {
        assert_eq!(jobs[job]["permissions"], permissions, "{job}");
    }
    // What may write runs nothing that was built from others' sources.
    for job in ["attest", "draft"] {
        let steps = jobs[job]["steps"].to_string();
        assert!(
            !steps.contains("cargo") && !steps.contains("checkout"),
            "{job}: {steps}"
        );
    }
    assert!(jobs["draft"]["steps"].to_string().contains("--draft"));
    assert_eq!(workflow["on"]["push"]["tags"], json!(["v*"]));
}

#[test]
fn a_tag_that_is_not_the_version_is_refused() {
    let ended = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .env("CARGO_MANIFEST_DIR", root().join("xtask"))
        .args(["release-notes", "v9.9.9"])
        .assert()
        .code(1);
    let says = String::from_utf8_lossy(&ended.get_output().stderr).into_owned();
    assert!(says.contains("the tag is v9.9.9"), "{says}");
}

/// An instruction and its words, continued lines joined.
fn instructions() -> Vec<Vec<String>> {
    let text = read("Containerfile").replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_image_copies_what_is_there_and_what_the_ignore_file_lets_through() {
    let ignored = read(".dockerignore");
    let mut rules = ignored.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rules.next(), Some("*"), "everything is left out first");
    let let_through: BTreeSet<&str> = rules.map(|rule| rule.strip_prefix('!').unwrap()).collect();
    let mut copied = BTreeSet::new();
    for words in instructions() {
        if words[0] == "COPY" && !words[1].starts_with("--from=") {
            copied.extend(words[1..words.len() - 1].to_vec());
        }
    }
    assert_eq!(let_through, copied.iter().map(String::as_str).collect());
    for source in &copied {
        assert!(root().join(source).exists(), "{source} is not there");
    }
    for needed in ["Cargo.toml", "Cargo.lock", "crates", "xtask"] {
        assert!(copied.contains(needed), "cargo needs {needed}");
    }
}

#[test]
fn the_image_is_built_by_the_oldest_compiler_and_runs_as_nobody_special() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let oldest = manifest["workspace"]["package"]["rust-version"].as_str().unwrap();
    let instructions = instructions();
    let last = |name: &str| {
        let found = instructions.iter().rev().find(|words| words[0] == name);
        found.unwrap_or_else(|| panic!("there is no {name}"))[1].clone()
    };
    assert!(
        instructions[0][1].starts_with(&format!("rust:{oldest}-")),
        "{:?} is not Rust {oldest}, which Cargo.toml promises",
        instructions[0]
    );
    assert_ne!(last("FROM"), instructions[0][1], "the compiler stays behind");
    assert!(!["root", "0", "0:0"].contains(&last("USER").as_str()));
    assert_eq!(last("ENTRYPOINT"), r#"["fleetpurge"]"#);
    assert_eq!(last("VOLUME"), last("WORKDIR"), "plans are written into the volume");
}
