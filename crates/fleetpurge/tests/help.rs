//! The text of the help.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::{Bench, ended, fleetpurge};

#[test]
fn the_help_of_every_command_is_as_it_was_reviewed() {
    let table: [(&str, &[&str]); 22] = [
        ("short", &["-h"]),
        ("long", &["--help"]),
        ("select", &["select", "--help"]),
        ("plan", &["plan", "--help"]),
        ("apply", &["apply", "--help"]),
        ("backup", &["backup", "--help"]),
        ("status", &["status", "--help"]),
        ("report", &["report", "--help"]),
        ("show", &["show", "--help"]),
        ("serve", &["serve", "--help"]),
        ("list", &["list", "--help"]),
        ("copy", &["copy", "--help"]),
        ("verify", &["verify", "--help"]),
        ("doctor", &["doctor", "--help"]),
        ("schema", &["schema", "--help"]),
        ("simulate", &["simulate", "--help"]),
        ("demo", &["demo", "--help"]),
        ("completions", &["completions", "--help"]),
        ("help", &["help", "--help"]),
        ("exit-codes", &["help", "exit-codes"]),
        ("environment", &["help", "environment"]),
        ("formats", &["help", "formats"]),
    ];
    for (name, arguments) in table {
        let ended = ended(fleetpurge().args(arguments)).exits(0);
        assert_eq!(ended.stderr, "", "{name}");
        insta::assert_snapshot!(format!("help-{name}"), ended.stdout);
    }
}

#[test]
fn a_command_is_a_topic_too_and_what_is_none_names_those_that_are() {
    for command in ["plan", "apply", "verify", "simulate"] {
        let asked = ended(fleetpurge().args(["help", command])).exits(0);
        let own = ended(fleetpurge().args([command, "--help"])).exits(0);
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        assert_eq!(first(&asked.stdout), first(&own.stdout), "{command}");
        assert!(asked.stdout.contains("Examples:") || command == "simulate", "{command}");
    }
    assert!(ended(fleetpurge().arg("help")).exits(0).stdout.contains("Exit codes:"));
    let wrong = ended(fleetpurge().args(["help", "exit"])).exits(2);
    assert!(
        wrong.stderr.contains("exit-codes, environment, formats, select"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn manual_pages_and_completions_are_written_for_every_command() {
    let bench = Bench::new();
    bench.run("man package").exits(0);
    let page = std::fs::read_to_string(bench.path("package/man/fleetpurge-plan.1")).unwrap_or_default();
    assert!(page.contains(".TH") && page.contains("query"), "{page}");
    for file in [
        "man/fleetpurge.1",
        "man/fleetpurge-apply.1",
        "completions/fleetpurge.bash",
        "completions/_fleetpurge",
        "completions/fleetpurge.fish",
    ] {
        assert!(common::exists(&bench.path(&format!("package/{file}"))), "{file}");
    }
    assert!(!common::exists(&bench.path("package/man/fleetpurge-man.1")));
}

/// A variable that any of our crates reads cannot be left out of the help: the sources say which they are.
#[test]
fn every_variable_that_is_read_is_in_the_help() {
    let help = ended(fleetpurge().args(["help", "environment"])).exits(0).stdout;
    let named: BTreeSet<&str> = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let found = variables_of_the_sources();
    // Those that a person asked for by name, one for each way in which a source may read one.
    for name in [
        "NEXTHINK_TOKEN",
        "PAGER",
        "USERNAME",
        "all_proxy",
        "COLUMNS",
        "APPDATA",
        "TMPDIR",
    ] {
        assert!(found.contains_key(name), "{name} is read, and was not found: {found:?}");
    }
    // What the libraries read, found by watching `getenv`.
    let of_libraries = ["SSL_CERT_FILE", "SSL_CERT_DIR", "CLICOLOR", "CLICOLOR_FORCE"];
    let read = found.keys().map(String::as_str).chain(of_libraries);
    let missing: Vec<&str> = read.filter(|name| !named.contains(name)).collect();
    assert!(missing.is_empty(), "not in the help: {missing:?} ({found:?})");
}

/// Every variable that a file of `crates/*/src` reads, and that file.
fn variables_of_the_sources() -> BTreeMap<String, PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<PathBuf> = fs::read_dir(crates)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("src"))
        // A part of no program.
        .filter(|folder| folder.is_dir() && !folder.ends_with("fleetpurge-testing/src"))
        .collect();
    let mut found = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).unwrap();
                for name in variables(&source) {
                    found.entry(name).or_insert_with(|| path.clone());
                }
            }
        }
    }
    // They have an effect in tests only.
    found.retain(|name, _| !name.starts_with("FLEETPURGE_TEST_"));
    found
}

/// The variables that a file reads. Their names may be anywhere in it, in a constant or a list, so each of its words that
/// could be one counts. The names that begin like ours count in every file: it may have another file read them.
fn variables(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let reads = [
        "env::var(",
        "env::var_os(",
        "env::vars",
        "environment::secret(",
        "env = \"",
    ]
    .iter()
    .any(|call| source.contains(call));
    // What clap calls a value in the help, and the options of less.
    let source: String = source
        .replace("\"FRX\"", "")
        .split("value_name = \"")
        .enumerate()
        .map(|(at, part)| {
            if at == 0 {
                part
            } else {
                part.split_once('"').map_or("", |(_, rest)| rest)
            }
        })
        .collect();
    let is_name = |word: &str| {
        let is_proxy = word.ends_with("_proxy");
        let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit();
        let is_ours = ["FLEETPURGE_", "NEXTHINK_", "UBIDOTS_"]
            .iter()
            .any(|ours| word.starts_with(ours));
        (reads || is_ours)
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && (is_proxy || word.bytes().all(is_capital))
    };
    let mut found: BTreeSet<String> = source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|word| is_name(word))
        .map(str::to_owned)
        .collect();
    // What the standard library and others read for us.
    for (call, names) in [
        (
            "choose_base_strategy(",
            ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA"].as_slice(),
        ),
        ("env::temp_dir(", &["TMPDIR", "TEMP", "TMP"]),
        ("tempfile::tempfile(", &["TMPDIR", "TEMP", "TMP"]),
    ] {
        if source.contains(call) {
            found.extend(names.iter().map(|&name| name.to_owned()));
        }
    }
    found
}

#[test]
fn variables_are_found_however_a_source_names_them() {
    for (source, expected) in [
        ("let a = std::env::var(\"PAGER\");", vec!["PAGER"]),
        ("const A: &str = \"A_B2\";\nfn f() { env::var_os(A) }", vec!["A_B2"]),
        (
            "[\"USER\", \"no_proxy\"].find(|name| std::env::var(name))",
            vec!["USER", "no_proxy"],
        ),
        ("#[arg(long, env = \"MY_FLAG\")]", vec!["MY_FLAG"]),
        ("const A: &str = \"UBIDOTS_X\";", vec!["UBIDOTS_X"]),
        ("const A: &str = \"POST\";", vec![]),
        ("std::env::temp_dir()", vec!["TEMP", "TMP", "TMPDIR"]),
        ("#[cfg(test)] mod t { std::env::var(\"PAGER\") }", vec![]),
    ] {
        let found: Vec<String> = variables(source).into_iter().collect();
        assert_eq!(found, expected, "{source}");
    }
}

#[test]
fn the_version_is_printed() {
    let ended = ended(fleetpurge().arg("--version")).exits(0);
    assert_eq!(ended.stdout, format!("fleetpurge {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_exits_2_and_names_the_help() {
    let bench = Bench::new();
    let table = [
        ("", "fleetpurge --help"),
        ("delete", "fleetpurge --help"),
        ("plan", "fleetpurge plan --help"),
        ("plan a.csv --out a.plan", "fleetpurge plan --help"),
        ("plan a.csv --out a.plan --instance acme", "fleetpurge plan --help"),
        (
            "plan a.csv --out a.plan --instance acme --region mars",
            "fleetpurge plan --help",
        ),
        (
            "plan a.csv --out a.plan --instance a/b --region eu",
            "fleetpurge plan --help",
        ),
        (
            "plan a.csv --out a.plan --base-url http://example.com",
            "fleetpurge plan --help",
        ),
        (
            "plan - - --out a.plan --base-url http://127.0.0.1:1",
            "fleetpurge plan --help",
        ),
        ("apply", "fleetpurge apply --help"),
        ("apply a.plan --concurrency 0", "fleetpurge apply --help"),
        ("apply a.plan --limit 0", "fleetpurge apply --help"),
        ("apply a.plan --rate 0", "fleetpurge apply --help"),
        ("apply a.plan --rate nan", "fleetpurge apply --help"),
        ("apply a.plan --rate -1", "fleetpurge apply --help"),
        ("apply a.plan --rate=-1", "fleetpurge apply --help"),
        ("apply a.plan --rate inf", "fleetpurge apply --help"),
        ("apply a.plan --rate 1e-9", "fleetpurge apply --help"),
        ("apply a.plan --timeout 0", "fleetpurge apply --help"),
        ("apply a.plan --timeout -1", "fleetpurge apply --help"),
        ("apply a.plan --timeout 99999999999999999999", "fleetpurge apply --help"),
        ("apply a.plan --max-wait -1", "fleetpurge apply --help"),
        (
            "apply a.plan --max-wait 99999999999999999999",
            "fleetpurge apply --help",
        ),
        ("apply a.plan --retry unknown", "fleetpurge apply --help"),
        ("apply a.plan --client-secret s3cret", "fleetpurge apply --help"),
        ("backup", "fleetpurge backup --help"),
        ("backup a.plan --rate 0", "fleetpurge backup --help"),
        ("backup a.plan --rate nan", "fleetpurge backup --help"),
        ("backup a.plan --concurrency 0", "fleetpurge backup --help"),
        ("verify a.plan --live --rate 0", "fleetpurge verify --help"),
        ("select --service ubidots --all --rate inf", "fleetpurge select --help"),
        ("simulate --rate 0", "fleetpurge simulate --help"),
        ("backup a.plan --token s3cret", "fleetpurge backup --help"),
        ("report a.plan --format pdf", "fleetpurge report --help"),
        ("report a.plan --only gone", "fleetpurge report --help"),
        ("report a.plan --force", "fleetpurge report --help"),
        ("report a.plan --raw", "fleetpurge report a.plan --help"),
        ("show", "fleetpurge show --help"),
        ("show a.plan --name PC-[7", "fleetpurge show --help"),
        ("show a.plan --raw", "fleetpurge show a.plan --help"),
        ("list --format csv", "fleetpurge list --help"),
        ("doctor --region mars", "fleetpurge doctor --help"),
        ("doctor --token s3cret", "fleetpurge doctor --help"),
        ("serve", "fleetpurge serve --help"),
        ("serve a.plan --port 65536", "fleetpurge serve --help"),
        ("serve a.plan --host 0.0.0.0", "fleetpurge serve --help"),
    ];
    for (line, next) in table {
        let ended = bench.run(line).exits(2);
        assert_eq!(ended.next(), next, "{line}");
        assert_eq!(ended.stdout, "", "{line}");
    }
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = ended(fleetpurge().args(["completions", shell])).exits(0);
        assert!(ended.stdout.contains("fleetpurge"), "{shell}");
    }
}
