//! A canary for a secret: it is in no output, no file, no argument and no child's environment.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Ended, Service, ended, over_both};
use fleetpurge_simulator::RecordedRequest;
use rig::{FOR_EVER_MS, Rig, kill};
use serde_json::json;

over_both!(
    no_secret_is_in_any_output_or_file_however_a_run_ends,
    a_reply_that_repeats_the_token_does_not_bring_it_into_the_ledger,
    no_secret_is_in_the_files_of_a_run_that_is_killed_nor_in_its_arguments,
);
#[cfg(debug_assertions)]
over_both!(a_process_that_aborts_prints_no_secret);

const SECRET: &str = "c4nary-s3cret-5a1d";
const TOKEN: &str = "c4nary-t0ken-77e2";

/// The secret (a client's, or an API key), the token, and the secret as HTTP Basic carries it: `id:c4nary-s3cret-5a1d`.
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
    let issued = issued(rig);
    for name in names {
        let bytes = fs::read(rig.bench.path(&name)).unwrap();
        is_clean(&name, &bytes);
        for token in &issued {
            let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!found, "{name} holds a token");
        }
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

/// The client's secret, or the API key, in the environment, and all that is logged on stderr.
fn with_secret(rig: &Rig) -> Command {
    let mut command = rig.command();
    loud(&mut command).env(
        match rig.service {
            Service::Nexthink => "NEXTHINK_CLIENT_SECRET",
            Service::Ubidots => "UBIDOTS_API_KEY",
        },
        SECRET,
    );
    command
}

/// A static token instead.
fn with_token(rig: &Rig) -> Command {
    let mut command = rig.command();
    rig.service.token(loud(&mut command), TOKEN);
    command
}

fn tenant(service: Service) -> Rig {
    let devices = 5 * service.batch() / 2;
    Rig::with(service, devices, "--concurrency 1 --timeout 1", |builder| {
        builder
            .client_credentials("id", SECRET)
            .api_key(SECRET)
            .static_token(TOKEN)
    })
}

/// The tokens that were issued for the secret are secrets too.
fn issued(rig: &Rig) -> Vec<String> {
    let token = |request: &RecordedRequest| {
        let text = request.header("authorization").or(request.header("x-auth-token"))?;
        Some(text.trim_start_matches("Bearer ").to_owned())
    };
    rig.simulator.requests().iter().filter_map(token).collect()
}

fn no_secret_is_in_any_output_or_file_however_a_run_ends(service: Service) {
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
            let rig = tenant(service);
            rig.faults(faults.clone());
            said_is_clean(&ended(&mut credentials(&rig)));
            files_are_clean(&rig);
            outputs_are_clean(&rig);
        }
    }
}

fn a_reply_that_repeats_the_token_does_not_bring_it_into_the_ledger(service: Service) {
    let page = format!("<h1>Bad gateway</h1> Authorization: Bearer {TOKEN} X-Auth-Token: {TOKEN}");
    // A reply that is understood has words of the service in it, and they are kept.
    let accepted = match service {
        Service::Nexthink => json!({"edit": [
            {"set_status": {"of": 0, "status": TOKEN}},
            {"set": {"of": 1, "fields": {"code": TOKEN, "message": TOKEN}}},
            {"rename": {"of": 2, "name": TOKEN}},
            {"add": {"uid": TOKEN, "name": TOKEN, "status": TOKEN}},
            {"overall_status": TOKEN}]}),
        Service::Ubidots => json!({"edit": [{"set_reply": {"task": {"id": format!("for {TOKEN}")}}}]}),
    };
    for first in [
        json!({"reply": {"status": 502, "html": page, "headers": {"x-trace-id": TOKEN}}}),
        accepted,
    ] {
        let rig = tenant(service);
        rig.faults(json!([
            {"when": {"request": 1}, "then": first},
            {"when": {"request": 2}, "then": {"reply": {"status": 400, "json": {"code": TOKEN, "message": TOKEN}}}},
        ]));
        said_is_clean(&ended(&mut with_token(&rig)));
        files_are_clean(&rig);
        outputs_are_clean(&rig);
    }
}

fn no_secret_is_in_the_files_of_a_run_that_is_killed_nor_in_its_arguments(service: Service) {
    for credentials in [with_secret, with_token] {
        let rig = tenant(service);
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
    let rig = tenant(Service::Nexthink);
    let script = rig.bench.file(
        "print-secret",
        // Not in one piece: its own text is among the arguments and the files.
        "env > environment; tr '\\0' ' ' < /proc/$PPID/cmdline > parent 2>/dev/null; printf 'c4na%s\\n' ry-s3cret-5a1d",
    );
    let mut command = rig.command();
    loud(&mut command)
        .env_remove("NEXTHINK_CLIENT_SECRET")
        .env("UBIDOTS_TOKEN", TOKEN)
        .env("UBIDOTS_API_KEY", SECRET)
        .arg("--client-secret-command")
        .arg(format!("sh {}", script.display()));
    said_is_clean(&ended(&mut command).exits(0));
    files_are_clean(&rig);
    let environment = fs::read_to_string(rig.bench.path("environment")).unwrap();
    assert!(environment.contains("PATH="), "it has an environment: {environment}");
    assert!(
        !environment.contains("NEXTHINK_") && !environment.contains("UBIDOTS_"),
        "{environment}"
    );

    // Credentials that are set although they are not used are not handed on either.
    let rig = tenant(Service::Nexthink);
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
fn a_process_that_aborts_prints_no_secret(service: Service) {
    for step in [1, 8, 20] {
        let rig = tenant(service);
        let mut command = with_secret(&rig);
        let died = ended(command.env("FLEETPURGE_TEST_DIE_AT_STEP", step.to_string()));
        assert_eq!(died.code, -1);
        is_clean("stderr", died.stderr.as_bytes());
        files_are_clean(&rig);
    }
}
