//! The text of the help.

mod common;

use common::{Bench, ended, fleetpurge};

#[test]
fn the_help_of_every_command_is_as_it_was_reviewed() {
    let table: [(&str, &[&str]); 17] = [
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
    ];
    for (name, arguments) in table {
        let ended = ended(fleetpurge().args(arguments)).exits(0);
        assert_eq!(ended.stderr, "", "{name}");
        insta::assert_snapshot!(format!("help-{name}"), ended.stdout);
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
