//! The rows of a plan are listed and filtered, page by page at a terminal.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Bench, csv, devices, uid};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

/// A plan with devices that are sent, and one of each kind that is not.
fn planned() -> Bench {
    let bench = Bench::new();
    let mut rows = devices(4);
    rows.push((uid(5), "SRV-DC01".to_owned()));
    rows.push((uid(2), "PC-2".to_owned()));
    rows.push((String::new(), "PC-7".to_owned()));
    rows.push((uid(8), "Bu\u{308}ro \u{202e}".to_owned()));
    bench.file("devices.csv", csv(&rows));
    bench.file("keep.txt", "srv-*\n");
    bench
        .run("plan devices.csv --out devices.plan --protect keep.txt --instance acme --region eu")
        .exits(0);
    bench
}

#[test]
fn rows_are_listed_in_input_order() {
    let bench = planned();
    insta::assert_snapshot!("rows", bench.run("show devices.plan").exits(0).stdout);
    insta::assert_snapshot!("skipped-rows", bench.run("show devices.plan --skipped").exits(0).stdout);
}

#[test]
fn rows_are_chosen_by_outcome_and_by_name() {
    let bench = planned();
    let table = [
        ("", vec![1, 2, 3, 4, 5, 6, 7, 8]),
        ("--outcome pending", vec![1, 2, 3, 4, 8]),
        ("--outcome skipped", vec![5, 6, 7]),
        ("--skipped", vec![5, 6, 7]),
        ("--outcome pending --skipped", vec![1, 2, 3, 4, 5, 6, 7, 8]),
        ("--outcome scheduled,unknown", vec![]),
        ("--name pc-*", vec![1, 2, 3, 4, 6, 7]),
        ("--name *[2-3]", vec![2, 3, 6]),
        ("--name PC-? --skipped", vec![6, 7]),
        // However the accent is encoded.
        ("--name b\u{fc}ro*", vec![8]),
        ("--name pc-3", vec![3]),
    ];
    for (flags, expected) in table {
        let ndjson = bench
            .run(&format!("show devices.plan --format ndjson {flags}"))
            .exits(0)
            .stdout;
        let rows = common::records(&ndjson);
        let numbers: Vec<u64> = rows.iter().map(|row| row["row"].as_u64().unwrap()).collect();
        assert_eq!(numbers, expected, "{flags}");
        let json = bench
            .run(&format!("show devices.plan --format json {flags}"))
            .exits(0)
            .stdout;
        assert_eq!(
            serde_json::from_str::<Value>(&json).unwrap(),
            Value::Array(rows),
            "{flags}"
        );
        let csv = bench
            .run(&format!("show devices.plan --format csv {flags}"))
            .exits(0)
            .stdout;
        assert_eq!(csv.lines().count(), expected.len() + 1, "{flags}");
        let text = bench.run(&format!("show devices.plan {flags}")).exits(0).stdout;
        if expected.is_empty() {
            assert_eq!(text, "No row of the plan matches.\n");
        } else {
            assert_eq!(text.lines().count(), expected.len() + 1, "{flags}");
        }
    }
    bench.run("show devices.plan --name PC-[7").exits(2).says(&["PC-[7"]);
    bench.run("show none.plan").exits(1).says(&["none.plan"]);
}

/// What a terminal gets.
fn at_a_terminal(command: &mut Command) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let mut child = command.stdout(Stdio::from(slave)).spawn().unwrap();
    command.stdout(Stdio::null());
    let mut shown = Vec::new();
    let mut master = File::from(master);
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = master.read(&mut bytes) {
        shown.extend_from_slice(&bytes[..read]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(shown).unwrap()
}

#[test]
fn rows_are_shown_by_the_pager_at_a_terminal_only() {
    let bench = planned();
    let show = |flags: &str, pager: &str| {
        let mut command = bench.command(&format!("show devices.plan {flags}"));
        command.env("PAGER", pager);
        command
    };
    // The shell reads it: it may have flags and quotes.
    let marks = "sed -e 's/^/paged: /'";
    let paged = at_a_terminal(&mut show("", marks));
    assert_eq!(paged.lines().count(), 9, "{paged}");
    assert!(paged.lines().all(|line| line.starts_with("paged: ")), "{paged}");
    for (flags, pager) in [("--no-pager", marks), ("", ""), ("", "cat")] {
        let plain = at_a_terminal(&mut show(flags, pager));
        assert!(plain.starts_with("row ") && plain.lines().count() == 9, "{plain}");
    }
    let piped = common::ended(&mut show("", marks)).exits(0).stdout;
    assert!(piped.starts_with("row "), "{piped}");
    // One that ends before it has read everything, and one that is not there.
    assert_eq!(at_a_terminal(&mut show("", "head -n 1")).lines().count(), 1);
    at_a_terminal(&mut show("", "true"));
}

/// The bytes of every file of a folder.
fn bytes(bench: &Bench) -> BTreeMap<String, Vec<u8>> {
    let read = |name: String| (name.clone(), std::fs::read(bench.path(&name)).unwrap());
    bench.files().into_iter().map(read).collect()
}

#[test]
fn reading_a_plan_opens_no_socket_and_changes_no_file() {
    let bench = planned();
    let before = bytes(&bench);
    let commands = [
        "show devices.plan",
        "list",
        "report devices.plan --format html",
        "report devices.plan --format csv",
        "status devices.plan",
    ];
    for line in commands {
        bench.run(line).exits(0);
        assert_eq!(bytes(&bench), before, "{line}");
    }
    if !Path::new("/usr/bin/strace").exists() {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "LEFT OUT: sockets: /usr/bin/strace is not there");
        return;
    }
    for line in commands {
        let mut command = Command::new("/usr/bin/strace");
        command
            .args(["-f", "-e", "trace=%network", "-e", "signal=none", "-qq"])
            .arg(env!("CARGO_BIN_EXE_fleetpurge"))
            .args(line.split(' '))
            .current_dir(bench.path(""));
        let traced = command.output().unwrap();
        let trace = String::from_utf8_lossy(&traced.stderr);
        assert!(traced.status.success(), "{line}: {trace}");
        assert!(!trace.contains("socket("), "{line}: {trace}");
    }
}
