//! What `-v`, `--log-format` and `--log-file` write, and where.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{Bench, Service, Simulate};
use serde_json::Value;

#[test]
fn a_healthy_run_says_what_it_does_where_it_is_asked_and_nothing_otherwise() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(3)));
    let plan = format!("plan devices.csv --base-url {} --out", simulator.url);
    let quiet = bench.run(&format!("{plan} quiet.plan")).exits(0);
    assert_eq!(quiet.stderr, "");
    let told = bench
        .run(&format!(
            "{plan} told.plan --exclude-name none* --allow-unmatched-name -v"
        ))
        .exits(0);
    assert!(told.stderr.contains("the plan is written"), "{}", told.stderr);

    // Every line of the log is an object, and what is no log is not among them.
    let apply = format!("apply told.plan --confirm {}/3", simulator.address());
    let applied = bench
        .run_with_credentials(&format!("{apply} -v --log-format json --log-file run.log"))
        .exits(0);
    assert!(!applied.stderr.contains("the run begins"), "{}", applied.stderr);
    let log = std::fs::read_to_string(bench.path("run.log")).unwrap();
    let messages: Vec<String> = log
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            line["message"].as_str().unwrap().to_owned()
        })
        .collect();
    for expected in ["the run begins", "the run ends"] {
        assert!(messages.iter().any(|message| message == expected), "{messages:?}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(bench.path("run.log")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // What is there stays, and the next command logs after it.
    bench.run("status told.plan --log-file run.log -v").exits(0);
    assert!(
        std::fs::read_to_string(bench.path("run.log"))
            .unwrap()
            .starts_with(&log)
    );
}

#[test]
fn a_log_that_cannot_be_written_is_told_before_anything_is_sent() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    let devices = Service::Nexthink.devices(3);
    bench.plan(&simulator, &devices).exits(0);
    for log in ["missing/run.log", "."] {
        let ended = bench
            .run_with_credentials(&format!(
                "apply devices.plan --confirm {}/3 --log-file {log}",
                simulator.address()
            ))
            .exits(1);
        assert!(
            ended.stderr.contains(&format!("--log-file {log} cannot be written")),
            "{}",
            ended.stderr
        );
    }
    simulator.received_nothing();
}

#[test]
fn a_log_holds_no_secret_at_any_level() {
    let simulator = Simulate::start();
    for format in ["text", "json"] {
        let bench = Bench::new();
        bench.plan(&simulator, &Service::Nexthink.devices(3)).exits(0);
        let mut command = bench.command(&format!(
            "apply devices.plan --confirm {}/3 -vvv --log-format {format} --log-file run.log",
            simulator.address()
        ));
        command
            .env("NEXTHINK_CLIENT_ID", "an-id")
            .env("NEXTHINK_CLIENT_SECRET", "c4nary-s3cret");
        common::ended(&mut command).exits(0);
        let log = std::fs::read_to_string(bench.path("run.log")).unwrap();
        assert!(log.len() > 1_000, "{log}");
        // As HTTP Basic carries it, too; and every token that was issued is 64 digits or a JWT.
        for canary in ["c4nary", "YW4taWQ6", "Bearer ", "eyJ"] {
            assert!(!log.contains(canary), "{canary}: {log}");
        }
    }
}

/// Neither a plan nor a list gets lines of a log: that would break the one and change the other.
#[test]
fn a_log_grows_no_file_that_is_something_else() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    let devices = Service::Nexthink.devices(3);
    bench.plan(&simulator, &devices).exits(0);
    bench.file("list.csv", Service::Nexthink.csv(&devices));
    bench.file("profile.toml", "max-devices = 3\n");
    bench.file("rows.ndjson", "{\"level\":\"INFO\"}\n");
    bench.file("no-line.bin", "\u{0}".repeat(100));
    let confirm = format!("--confirm {}/3", simulator.address());
    let others = [
        "devices.plan",
        "devices.plan-wal",
        "devices.plan.lock",
        "devices.plan.backup.json",
        "list.csv",
        "profile.toml",
        "rows.ndjson",
        "no-line.bin",
    ];
    let before = others.map(|name| std::fs::read(bench.path(name)).ok());
    for (name, before) in others.iter().zip(before) {
        for command in [
            format!("apply devices.plan {confirm} -vv --log-file {name}"),
            format!(
                "plan list.csv --base-url {} --out new.plan -v --log-file {name}",
                simulator.url
            ),
            format!("status devices.plan -v --log-format json --log-file {name}"),
            format!("simulate --deletion-log {name}"),
        ] {
            let ended = bench.run_with_credentials(&command).exits(1);
            assert!(ended.stderr.contains(name), "{command}: {}", ended.stderr);
            assert!(
                ended.stderr.contains("Choose another name"),
                "{command}: {}",
                ended.stderr
            );
            assert_eq!(std::fs::read(bench.path(name)).ok(), before, "{command}");
        }
    }
    assert!(!bench.path("new.plan").exists());
    simulator.received_nothing();
}

/// A log of the one form takes lines of the other: a person may change the form.
#[test]
fn a_log_grows_after_lines_of_either_form() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(3)));
    bench.file("run.log", String::new());
    for (lines, format) in ["text", "json", "text"].into_iter().enumerate() {
        bench
            .run(&format!(
                "plan devices.csv --base-url {} --out {lines}.plan --log-format {format} --log-file run.log",
                simulator.url
            ))
            .exits(0);
        let log = std::fs::read_to_string(bench.path("run.log")).unwrap();
        assert_eq!(log.lines().count(), lines + 1, "{log}");
    }
}
