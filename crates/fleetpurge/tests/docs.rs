//! The page on reliability names tests that exist, and every test that kills, fails or leaks is on it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::fs;
use std::path::{Path, PathBuf};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The `file::function` of a page, as written.
fn named(page: &str) -> Vec<(String, String)> {
    page.split('`')
        .filter_map(|span| span.split_once("::"))
        .filter(|(file, _)| file.starts_with("crates/"))
        .map(|(file, function)| (file.to_owned(), function.to_owned()))
        .collect()
}

/// The tests of a file that are run with all others: those of `over_both!`, over both services; those of `trials!` where a
/// PostgreSQL server can be started.
fn tests(source: &str) -> Vec<String> {
    let mut is_test = false;
    let over_both = source
        .split("over_both!(")
        .skip(1)
        .filter_map(|rest| rest.split_once(");"));
    let trials = source
        .split("(trials![")
        .skip(1)
        .filter_map(|rest| rest.split_once(']'));
    let mut found: Vec<String> = over_both
        .chain(trials)
        .flat_map(|(names, _)| names.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    for line in source.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if line.starts_with("#[ignore") {
            is_test = false;
        } else if let Some((_, rest)) = line.split_once("fn ")
            && let Some((name, _)) = rest.split_once('(')
        {
            if is_test {
                found.push(name.to_owned());
            }
            is_test = false;
        }
    }
    found
}

#[test]
fn every_test_that_the_page_on_reliability_names_is_there() {
    let page = fs::read_to_string(workspace().join("docs/reliability.md")).unwrap();
    let named = named(&page);
    assert!(named.len() > 40, "{}", named.len());
    for (file, function) in named {
        let source = fs::read_to_string(workspace().join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(tests(&source).contains(&function), "{file} has no test {function}");
    }
}

#[test]
fn every_test_of_a_crash_a_failure_or_a_signal_is_on_the_page() {
    let page = fs::read_to_string(workspace().join("docs/reliability.md")).unwrap();
    let named = named(&page);
    for file in [
        "crashes",
        "survival",
        "signals",
        "failure_table/main",
        "failure_table/nexthink",
        "failure_table/ubidots",
    ] {
        let path = format!("crates/fleetpurge/tests/{file}.rs");
        let source = fs::read_to_string(workspace().join(&path)).unwrap();
        let tests = tests(&source);
        assert!(!tests.is_empty(), "{path}");
        for test in tests {
            assert!(
                named.contains(&(path.clone(), test.clone())),
                "{test} is not on the page"
            );
        }
    }
}
