//! Paths that are not what a command needs, and what is said about them.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use std::fs;

use common::{Bench, Service};

fn bench() -> Bench {
    let bench = Bench::new();
    bench.file("devices.csv", Service::Nexthink.csv(&Service::Nexthink.devices(3)));
    bench
        .run("plan devices.csv --base-url http://127.0.0.1:1 --out devices.plan")
        .exits(0);
    fs::create_dir(bench.path("folder")).unwrap();
    bench
}

#[test]
fn a_folder_in_the_place_of_a_plan_leads_to_the_list_of_its_plans() {
    let bench = bench();
    for line in [
        "status folder",
        "report folder",
        "show folder",
        "serve folder",
        "apply folder --dry-run",
        "apply folder --confirm a/1",
        "verify folder --inventory devices.csv",
        "backup folder",
    ] {
        let ended = bench.run(line).exits(1);
        assert_eq!(ended.next(), "fleetpurge list folder", "{line}: {}", ended.stderr);
    }
    bench.run("list folder").exits(0);
}

#[test]
fn a_plan_in_the_place_of_a_folder_leads_to_its_status() {
    let bench = bench();
    let ended = bench
        .run("list devices.plan")
        .exits(1)
        .says(&["devices.plan is a plan, and no folder"]);
    assert_eq!(ended.next(), "fleetpurge status devices.plan");
    let ended = bench.run("list devices.csv").exits(1);
    assert_eq!(ended.next(), "fleetpurge list --help");
}

#[test]
fn an_output_that_cannot_be_made_says_why_and_no_name_of_ours() {
    let bench = bench();
    for (line, part) in [
        ("report devices.plan --out folder", "--out folder is no regular file"),
        (
            "report devices.plan --out folder --force",
            "--out folder is no regular file",
        ),
        (
            "report devices.plan --out none/report.txt",
            "none/report.txt: the folder none does not exist",
        ),
    ] {
        let ended = bench.run(line).exits(1).says(&[part]);
        assert!(!ended.stderr.contains(".fleetpurge-"), "{line}: {}", ended.stderr);
    }
    let ended = bench
        .run_for(
            Service::Ubidots,
            "select --service ubidots --all --base-url http://127.0.0.1:1 --out none/list.csv",
        )
        .exits(1)
        .says(&["none/list.csv: the folder none does not exist"]);
    assert!(!ended.stderr.contains(".fleetpurge-"), "{}", ended.stderr);
}

/// As bash, zsh and ksh read it: no other shell can be given such a name.
#[cfg(target_os = "linux")]
#[test]
fn the_next_command_over_a_name_that_is_no_text_can_be_pasted() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let bench = bench();
    let name = OsStr::from_bytes(b"it's \xff1.plan");
    fs::copy(bench.path("devices.plan"), bench.path(".").join(name)).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = bench.command(arguments[0]);
        common::ended(command.arg(name).args(&arguments[1..]))
    };
    let pasted = r"$'it\'s \xff1.plan'";
    let refused = run(&["apply"]).exits(6);
    assert_eq!(refused.next(), format!("fleetpurge apply {pasted}"));
    let nothing = run(&["verify", "--inventory", "devices.csv"]).exits(1);
    assert_eq!(nothing.next(), format!("fleetpurge status {pasted}"));
    let unwritten = run(&["report", "--out", "none/a"]).exits(1);
    assert_eq!(unwritten.next(), format!("fleetpurge status {pasted}"));
}

/// A pipe that somebody reads would be replaced by a file, and its reader would wait for ever. Nor does one take the place
/// of a link to a folder.
#[cfg(unix)]
#[test]
fn no_output_takes_the_place_of_a_pipe_or_of_a_link_to_a_folder() {
    let bench = bench();
    let made = std::process::Command::new("mkfifo").arg(bench.path("pipe")).status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink(".", bench.path("link")).unwrap();
    for out in ["pipe", "link"] {
        for line in [
            "report devices.plan",
            "select --service ubidots --all --base-url http://127.0.0.1:1",
        ] {
            bench
                .run_for(Service::Ubidots, &format!("{line} --out {out} --force"))
                .exits(1)
                .says(&[&format!("--out {out} is no regular file")]);
        }
    }
    assert!(bench.path("link").is_symlink());
}
