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
        assert_eq!(log.matches("the plan is written").count(), lines + 1, "{log}");
    }
}

/// Of every command: that it begins, what it opens and checks, that it ends, and how long it took. Without `-v`, nothing.
#[test]
fn every_command_says_what_it_does_with_v_and_not_without() {
    let simulator = Simulate::with("--ubidots-devices 10");
    let bench = Bench::new();
    let (url, tenant) = (&simulator.url, simulator.address());
    let devices = Service::Nexthink.devices(3);
    bench.file("devices.csv", Service::Nexthink.csv(&devices));
    bench.file("ids.csv", "id\n000000000000000000000001\n");
    let plan = format!("plan devices.csv --base-url {url} --out");
    let ubidots = format!("--service ubidots --base-url {url}");
    let opened = "the plan is open, complete and unaltered";
    let table: [(&str, String, i32, &[&str]); 18] = [
        (
            "plan",
            format!("{plan} N.plan"),
            0,
            &["the list is read", "rows=3", "the plan is written"],
        ),
        (
            "plan",
            format!("plan ids.csv {ubidots} --out ids-N.plan"),
            0,
            &["rows=1"],
        ),
        ("apply", "apply 0.plan --dry-run".to_owned(), 0, &[opened]),
        (
            "apply",
            format!("apply N.plan --confirm {tenant}/3"),
            0,
            &[opened, "the run begins", "the run ends"],
        ),
        (
            "status",
            "status 0.plan".to_owned(),
            0,
            &[opened, "plan=0.plan", "rows=3"],
        ),
        ("status", "status 0.plan --format json".to_owned(), 0, &[opened]),
        (
            "report",
            "report 0.plan --format csv".to_owned(),
            0,
            &[opened, "the report is written"],
        ),
        (
            "report",
            "report 0.plan --out N.txt".to_owned(),
            0,
            &[opened, "out=N.txt"],
        ),
        ("show", "show 0.plan".to_owned(), 0, &[opened, "the rows are written"]),
        (
            "list",
            "list".to_owned(),
            0,
            &["the folder is read", "plan=./0.plan", opened],
        ),
        (
            "verify",
            "verify 0.plan --inventory devices.csv".to_owned(),
            3,
            &[opened, "the list is read", "rows=3", "the result is kept in the plan"],
        ),
        ("verify", "verify ids-0.plan --live".to_owned(), 1, &[opened]),
        (
            "doctor",
            format!("doctor --base-url {url}"),
            0,
            &["checked", "check=dns", "verdict=Ok", "check=token"],
        ),
        (
            "schema",
            "schema status".to_owned(),
            0,
            &["a schema is printed", "name=status"],
        ),
        ("schema", "schema".to_owned(), 0, &["the schemas are listed"]),
        (
            "select",
            format!("select {ubidots} --all"),
            0,
            &["a page of the account is read", "the list is complete", "devices=10"],
        ),
        ("backup", "backup ids-0.plan --out N.backup".to_owned(), 0, &[opened]),
        ("completions", "completions bash".to_owned(), 0, &[]),
    ];
    for (number, verbose) in ["", "-v"].into_iter().enumerate() {
        for (name, line, code, parts) in &table {
            let line = line.replace('N', &number.to_string());
            let mut command = bench.command(&format!("{line} {verbose}"));
            command
                .env("NEXTHINK_CLIENT_ID", "an-id")
                .env("NEXTHINK_CLIENT_SECRET", "c4nary-s3cret")
                .env("UBIDOTS_API_KEY", "c4nary-k3y");
            let ended = common::ended(&mut command).exits(*code);
            let log = ended.stderr;
            assert!(!log.contains("c4nary"), "{line}: {log}");
            let named = format!("command={name}");
            let begun = log
                .lines()
                .any(|line| line.contains("the command begins") && line.contains(&named));
            let is_end = |line: &str| {
                ["the command ends", &named, "took_ms="]
                    .iter()
                    .all(|part| line.contains(part))
            };
            let done = log.lines().any(is_end);
            assert_eq!([begun, done], [!verbose.is_empty(); 2], "{line} {verbose}: {log}");
            if !verbose.is_empty() {
                for part in *parts {
                    let part = part.replace('N', &number.to_string());
                    assert!(log.contains(&part), "{line}: {part:?} is not in {log}");
                }
            }
        }
    }
}

/// The address of the page holds a token: whoever has it can read the plan.
#[cfg(unix)]
#[test]
fn serve_says_what_it_opens_and_where_without_the_token_of_its_address() {
    use std::io::{BufRead as _, BufReader};

    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(3)));
    bench
        .run("plan devices.csv --base-url http://127.0.0.1:1 --out devices.plan")
        .exits(0);
    let mut running = common::Running::start(&mut bench.command("serve devices.plan -v"));
    let mut address = String::new();
    BufReader::new(running.child.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    let token = address
        .trim_end()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    running.says("Open the address");
    running.signal("-TERM");
    let (_, said) = running.exits(0);
    for part in [
        "the command begins",
        "the plan is open, complete and unaltered",
        "the page is served",
        "port=",
        "the command ends",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(token.len() > 10 && !said.contains(&token), "{token}: {said}");
}
