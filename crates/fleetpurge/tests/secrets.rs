//! A canary for a secret: it is in no output, no file, no argument and no child's environment.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Ended, devices, ended};
use rig::{FOR_EVER_MS, Rig, kill};
use serde_json::json;

const SECRET: &str = "c4nary-s3cret-5a1d";
const TOKEN: &str = "c4nary-t0ken-77e2";

/// The secret, the token, and the secret as HTTP Basic carries it: `id:c4nary-s3cret-5a1d`.
const CANARIES: [&[u8]; 4] = [
    SECRET.as_bytes(),
    TOKEN.as_bytes(),
    b"c4nary",
    b"aWQ6YzRuYXJ5LXMzY3JldC01YTFk",
];

#[track_caller]
fn is_clean(what: &str, bytes: &[u8]) {
    for canary in CANARIES {
        assert!(
            !bytes.windows(canary.len()).any(|window| window == canary),
            "{what} holds {}",
            String::from_utf8_lossy(canary)
        );
    }
}

/// Every file that a run left, whole or half-way.
#[track_caller]
fn files_are_clean(rig: &Rig) {
    let names = rig.bench.files();
    assert!(names.contains(&"devices.plan".to_owned()));
    for name in names {
        is_clean(&name, &fs::read(rig.bench.path(&name)).unwrap());
    }
}

fn outputs_are_clean(rig: &Rig) {
    for format in ["text", "ndjson", "json", "csv", "html"] {
        let report = rig.bench.run(&format!("report devices.plan --format {format}"));
        is_clean(&format!("report --format {format}"), report.stdout.as_bytes());
        is_clean(&format!("report --format {format}"), report.stderr.as_bytes());
    }
    for line in ["status devices.plan", "status devices.plan --format json"] {
        is_clean(line, rig.bench.run(line).stdout.as_bytes());
    }
}

fn said_is_clean(ended: &Ended) {
    assert!(ended.stderr.len() > 500, "nothing was logged: {}", ended.stderr);
    is_clean("stdout", ended.stdout.as_bytes());
    is_clean("stderr", ended.stderr.as_bytes());
}

fn loud(command: &mut Command) -> &mut Command {
    command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full")
}

/// The client's secret in the environment, and all that is logged on stderr.
fn with_secret(rig: &Rig) -> Command {
    let mut command = rig.command();
    loud(&mut command).env("NEXTHINK_CLIENT_SECRET", SECRET);
    command
}

/// A static token instead of client credentials.
fn with_token(rig: &Rig) -> Command {
    let mut command = rig.command();
    loud(&mut command)
        .env_remove("NEXTHINK_CLIENT_ID")
        .env_remove("NEXTHINK_CLIENT_SECRET")
        .env("NEXTHINK_TOKEN", TOKEN);
    command
}

fn tenant() -> Rig {
    Rig::with(devices(250), "--concurrency 1 --timeout 1", |builder| {
        builder.client_credentials("id", SECRET).static_token(TOKEN)
    })
}

#[test]
fn no_secret_is_in_any_output_or_file_however_a_run_ends() {
    // An echo of what was sent is the reply's worst: its head is kept in the ledger.
    let echo = json!({"reply": {"status": 500, "html": "<h1>Oops</h1>", "headers": {"x-token": "x"}}});
    let table = [
        json!([]),
        json!([{"then": {"reply": {"status": 403, "error_code": "FEATURE_NOT_ENABLED"}}}]),
        json!([{"when": {"request": 1}, "then": echo}]),
        json!([{"when": {"request": 1}, "then": {"hang": true}}]),
        json!([{"when": {"request": 1}, "then": {"reset": "after_read"}}]),
        json!([{"then": {"unauthorized": true}}]),
        json!([{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]),
        json!([{"when": {"endpoint": "token"}, "then": {"reply": {"status": 200, "text": "no token"}}}]),
    ];
    for faults in table {
        for credentials in [with_secret, with_token] {
            let rig = tenant();
            rig.faults(faults.clone());
            said_is_clean(&ended(&mut credentials(&rig)));
            files_are_clean(&rig);
            outputs_are_clean(&rig);
        }
    }
}

#[test]
fn a_reply_that_repeats_the_token_does_not_bring_it_into_the_ledger() {
    let rig = tenant();
    let page = format!("<h1>Bad gateway</h1> Authorization: Bearer {TOKEN}");
    rig.faults(json!([
        {"when": {"request": 1}, "then": {"reply": {"status": 502, "html": page, "headers": {"x-trace-id": TOKEN}}}},
        {"when": {"request": 2}, "then": {"reply": {"status": 400, "json": {"code": TOKEN, "message": TOKEN}}}},
    ]));
    said_is_clean(&ended(&mut with_token(&rig)));
    files_are_clean(&rig);
    outputs_are_clean(&rig);
}

#[test]
fn no_secret_is_in_the_files_of_a_run_that_is_killed_nor_in_its_arguments() {
    for credentials in [with_secret, with_token] {
        let rig = tenant();
        rig.faults(json!([{"when": {"request": 2}, "then": {"delay_ms": FOR_EVER_MS}}]));
        let mut child = credentials(&rig)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        rig.received(2);
        assert!(rig.bench.files().contains(&"devices.plan-wal".to_owned()));
        arguments_are_clean(&child.id().to_string());
        files_are_clean(&rig);
        kill(&mut child);
        files_are_clean(&rig);
    }
}

/// What `ps` shows to everybody.
fn arguments_are_clean(process: &str) {
    if !Path::new("/proc/self/cmdline").exists() {
        let output = Command::new("ps").args(["-o", "args=", "-p", process]).output();
        is_clean("its arguments", &output.map(|output| output.stdout).unwrap_or_default());
        return;
    }
    let arguments = fs::read(format!("/proc/{process}/cmdline")).unwrap();
    assert!(!arguments.is_empty());
    is_clean("its arguments", &arguments);
}

#[cfg(unix)]
#[test]
fn a_command_that_prints_the_secret_inherits_none() {
    let rig = tenant();
    let script = rig.bench.file(
        "print-secret",
        // Not in one piece: its own text is among the arguments and the files.
        "env > environment; tr '\\0' ' ' < /proc/$PPID/cmdline > parent 2>/dev/null; printf 'c4na%s\\n' ry-s3cret-5a1d",
    );
    let mut command = rig.command();
    loud(&mut command)
        .env_remove("NEXTHINK_CLIENT_SECRET")
        .arg("--client-secret-command")
        .arg(format!("sh {}", script.display()));
    said_is_clean(&ended(&mut command).exits(0));
    files_are_clean(&rig);
    let environment = fs::read_to_string(rig.bench.path("environment")).unwrap();
    assert!(environment.contains("PATH="), "it has an environment: {environment}");
    assert!(!environment.contains("NEXTHINK_"), "{environment}");

    // Credentials that are set although they are not used are not handed on either.
    let rig = tenant();
    let script = rig
        .bench
        .file("print-secret", "env > environment; printf 'c4na%s\\n' ry-s3cret-5a1d");
    let mut command = with_secret(&rig);
    command
        .arg("--client-secret-command")
        .arg(format!("sh {}", script.display()));
    said_is_clean(&ended(&mut command));
    files_are_clean(&rig);
}

/// A panic prints what it was given: nothing that holds a secret may be given to one.
#[cfg(debug_assertions)]
#[test]
fn a_process_that_aborts_prints_no_secret() {
    for step in [1, 8, 20] {
        let rig = tenant();
        let mut command = with_secret(&rig);
        let died = ended(command.env("FLEETPURGE_TEST_DIE_AT_STEP", step.to_string()));
        assert_eq!(died.code, -1);
        is_clean("stderr", died.stderr.as_bytes());
        files_are_clean(&rig);
    }
}
