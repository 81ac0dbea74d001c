//! The text of the help.

mod common;

use common::{Bench, ended, fleetpurge};

#[test]
fn the_help_of_every_command_is_as_it_was_reviewed() {
    let table: [(&str, &[&str]); 21] = [
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

/// Every variable of the environment that the sources read is in the help, or is one of the system's.
#[test]
fn every_variable_that_is_read_is_in_the_help() {
    let help = ended(fleetpurge().args(["help", "environment"])).exits(0).stdout;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    let mut found = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let words = text.split('"').skip(1).step_by(2);
            let is_name = |word: &&str| {
                ["FLEETPURGE_", "NEXTHINK_", "UBIDOTS_"]
                    .iter()
                    .any(|ours| word.starts_with(ours))
                    && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            };
            found.extend(words.filter(is_name).map(str::to_owned));
        }
    }
    assert!(found.len() >= 7, "{found:?}");
    for name in found.iter().filter(|name| !name.starts_with("FLEETPURGE_TEST_")) {
        assert!(help.contains(name.as_str()), "{name} is not in the help");
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
