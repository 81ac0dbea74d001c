//! Commands that contact nobody open no socket: the kernel ends a process that tries.
//!
//! A seccomp filter is inherited by what a thread starts, and needs no privilege and no tool.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output};
use std::thread;

use common::{Service, over_both};
use rig::Rig;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

over_both!(only_apply_and_a_plan_with_labels_open_a_socket);

/// `socket` in the kernel's table of system calls. Every connection begins with it.
const SOCKET: i64 = if cfg!(target_arch = "x86_64") { 41 } else { 198 };

/// The signal by which the kernel ends a process that does what its filter forbids.
const SIGSYS: i32 = 31;

/// Runs a command that must not open a socket. `None` where the kernel takes no filter.
fn without_sockets(mut command: Command) -> Option<Output> {
    let running = thread::spawn(move || {
        let filter = SeccompFilter::new(
            BTreeMap::from([(SOCKET, Vec::new())]),
            SeccompAction::Allow,
            SeccompAction::KillProcess,
            std::env::consts::ARCH.try_into().unwrap(),
        );
        let program: BpfProgram = filter.unwrap().try_into().unwrap();
        seccompiler::apply_filter(&program).ok()?;
        Some(command.output().unwrap())
    });
    running.join().unwrap()
}

/// Says so past the capture of the test's output: a test that was not run looks like one that passed.
fn left_out(why: &str) {
    let line = format!("LEFT OUT: {}: {why}\n", file!());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

fn only_apply_and_a_plan_with_labels_open_a_socket(service: Service) {
    if !matches!(std::env::consts::ARCH, "x86_64" | "aarch64") {
        left_out("the number of the system call is not known on this processor");
        return;
    }
    let rig = Rig::new(service, 3, "");
    rig.bench.file("labels.csv", "label\npump-1\n");
    let command = |line: &str| {
        let mut command = rig.bench.command(line);
        service.credentials(&mut command);
        command
    };
    // The filter bites.
    let apply = format!("apply devices.plan --confirm {}/3", rig.tenant());
    let Some(ended) = without_sockets(command(&apply)) else {
        left_out("this kernel takes no seccomp filter");
        return;
    };
    assert_eq!(ended.status.signal(), Some(SIGSYS), "{ended:?}");
    assert_eq!(rig.request_count(), 0);
    if service == Service::Ubidots {
        let labels = rig
            .plan_line("")
            .replace("devices.csv", "labels.csv")
            .replace("devices.plan", "labels.plan");
        let ended = without_sockets(command(&labels)).unwrap();
        assert_eq!(ended.status.signal(), Some(SIGSYS), "{ended:?}");
    }

    rig.apply_with(1, "--limit 1").exits(5);
    rig.bench.file("keep.txt", format!("{}\n", rig.devices[2].0));
    let plan = rig
        .plan_line("--protect keep.txt --exclude-name *-2")
        .replace("devices.plan", "other.plan");
    for line in [
        plan.as_str(),
        "apply devices.plan --dry-run",
        "apply devices.plan",
        "show devices.plan",
        "show devices.plan --format json",
        "status devices.plan",
        "status devices.plan --format json",
        "list",
        "report devices.plan",
        "report devices.plan --format ndjson",
        "report devices.plan --format csv",
        "report devices.plan --format html",
        "verify devices.plan --inventory devices.csv",
        "schema",
        "completions bash",
        "--help",
    ] {
        let ended = without_sockets(command(line)).unwrap();
        let code = ended.status.code();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        let expected = match line {
            // Nobody confirms it.
            "apply devices.plan" => 6,
            // The device that was sent is in the list.
            line if line.starts_with("verify") => 3,
            _ => 0,
        };
        assert_eq!(code, Some(expected), "{line}: {stderr}");
    }
    assert_eq!(rig.request_count(), 1);
}
