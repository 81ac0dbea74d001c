//! What a command says before it has read something large. The size decides and not the time, so that the same command
//! says the same every time.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::io::Write as _;
use std::process::Stdio;

use common::{Bench, Simulate, ended, with_credentials};

/// A list of some five megabytes, most of them names.
fn large() -> String {
    let rows = 1_300;
    let name = "x".repeat(4_000);
    let rows = (0..rows).map(|row| format!("00000000-0000-4000-8000-{row:012},PC-{row}-{name}\n"));
    format!("uid,name\n{}", rows.collect::<String>())
}

#[test]
fn whoever_reads_a_large_plan_says_so_first() {
    let simulator = Simulate::start();
    let bench = Bench::new();
    bench.file("large.csv", large());
    let planned = bench
        .run(&format!("plan large.csv --base-url {} --out large.plan", simulator.url))
        .exits(0);
    assert_eq!(planned.stderr.lines().next(), Some("Reading large.csv (5 MB)."));

    let confirm = format!("--confirm {}/1", simulator.address());
    let table = [
        ("status large.plan".to_owned(), 0),
        ("status large.plan --format json".to_owned(), 0),
        ("report large.plan".to_owned(), 0),
        ("report large.plan --format csv --out large.report".to_owned(), 0),
        ("show large.plan --outcome failed".to_owned(), 0),
        ("list".to_owned(), 0),
        ("apply large.plan --dry-run".to_owned(), 0),
        (format!("apply large.plan --limit 1 {confirm}"), 5),
        ("verify large.plan --inventory large.csv".to_owned(), 3),
        ("backup large.plan".to_owned(), 2),
    ];
    for (line, code) in table {
        let ended = ended(with_credentials(&mut bench.command(&line))).exits(code);
        let told = "Reading large.plan (5 MB).\n";
        assert!(ended.stderr.starts_with(told), "{line}: {}", ended.stderr);
        // Once, and not in the result.
        assert_eq!(ended.stderr.matches(told).count(), 1, "{line}");
        assert!(!ended.stdout.contains("Reading "), "{line}");
    }
    let verified = bench.run("verify large.plan --inventory large.csv").exits(3);
    assert!(
        verified.stderr.contains("Reading large.csv (5 MB)."),
        "{}",
        verified.stderr
    );
}

/// A pipe has no size: how much has come tells that it is long.
#[test]
fn a_long_list_from_a_pipe_is_told_of_while_it_is_read() {
    for (rows, is_told) in [(100, false), (25_000, true)] {
        let bench = Bench::new();
        let mut list = "uid,name\n".to_owned();
        for row in 0..rows {
            list.push_str(&format!("00000000-0000-4000-8000-{row:012},PC-{row}\n"));
        }
        let mut command = bench.command("plan - --base-url http://127.0.0.1:1 --max-devices 30000 --out long.plan");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(list.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{stderr}");
        assert_eq!(
            stderr.contains("Reading standard input.\n"),
            is_told,
            "{rows}: {stderr}"
        );
    }
}
