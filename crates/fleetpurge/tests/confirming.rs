//! Every combination of confirmation flags and terminals: nothing is deleted without a plan and a matching confirmation.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use common::{Bench, Service, over_both};
use rig::Rig;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

over_both!(nothing_is_deleted_without_a_matching_confirmation);

/// Which of the three streams are a terminal.
#[derive(Clone, Copy, Debug)]
struct Streams {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

impl Streams {
    fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            stdin: bits & 1 != 0,
            stdout: bits & 2 != 0,
            stderr: bits & 4 != 0,
        })
    }

    /// A question needs a person at both of its ends.
    const fn can_ask(self) -> bool {
        self.stdin && self.stderr
    }
}

/// Runs a command with these streams, and this on its standard input. Returns its exit code.
fn run(command: &mut Command, streams: Streams, input: &str) -> i32 {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();
    let of = |is_terminal: bool, other: Stdio| {
        if is_terminal {
            Stdio::from(terminal.try_clone().unwrap())
        } else {
            other
        }
    };
    let mut child = command
        .stdin(of(streams.stdin, Stdio::piped()))
        .stdout(of(streams.stdout, Stdio::null()))
        .stderr(of(streams.stderr, Stdio::null()))
        .spawn()
        .unwrap();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    drop(terminal);
    let mut master = File::from(master);
    if let Some(mut pipe) = child.stdin.take() {
        // Who does not ask does not read it.
        let _ = pipe.write_all(input.as_bytes());
    } else {
        master.write_all(input.as_bytes()).unwrap();
    }
    // What is shown has to be read, or the command waits.
    let reading = std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(1..) = master.read(&mut bytes) {}
    });
    let code = child.wait().unwrap().code().unwrap_or(-1);
    reading.join().unwrap();
    code
}

/// The count of this apply, with and without a limit.
const COUNTS: [(&str, usize); 2] = [("", 3), ("--limit 1", 1)];

fn nothing_is_deleted_without_a_matching_confirmation(service: Service) {
    let mut rig = Rig::new(service, 3, "");
    for (limit, count) in COUNTS {
        let tenant = rig.tenant().to_owned();
        let other = if count == 3 { 1 } else { 3 };
        let wrong = [
            String::new(),
            format!("{tenant}/{other}"),
            format!("{tenant}/{count}0"),
            format!("{tenant}/"),
            tenant.clone(),
            format!("acme/{count}"),
            count.to_string(),
            "yes".to_owned(),
        ];
        for streams in Streams::all() {
            for answer in &wrong {
                // By the flag, with the right answer on standard input; and typed.
                for (flag, input) in [
                    (Some(answer.clone()), format!("{tenant}/{count}\n")),
                    (None, format!("{answer}\n")),
                ] {
                    let what = format!("{streams:?} {limit} {flag:?} {input:?}");
                    assert_eq!(
                        run(&mut apply(&rig, limit, flag.as_deref()), streams, &input),
                        6,
                        "{what}"
                    );
                    assert_eq!(rig.request_count(), 0, "{what}");
                }
            }
            let right = format!("{tenant}/{count}");
            if !streams.can_ask() {
                // A pipe is no person.
                let code = run(&mut apply(&rig, limit, None), streams, &format!("{right}\n"));
                assert_eq!(code, 6, "{streams:?} {limit}");
                assert_eq!(rig.request_count(), 0, "{streams:?} {limit}");
            }
            // A rehearsal sends nothing, whatever is confirmed.
            for flag in [None, Some(right.as_str())] {
                let mut command = apply(&rig, limit, flag);
                command.arg("--dry-run");
                assert_eq!(
                    run(&mut command, streams, &format!("{right}\n")),
                    0,
                    "{streams:?} {limit}"
                );
                assert_eq!(rig.request_count(), 0, "{streams:?} {limit}");
            }
        }
        assert_eq!(rig.bench.status()["attempts"], 0);
        assert_eq!(rig.simulator.counts().token_requests, 0);
    }
    // What does match is sent: the refusals above are not those of a command that sends nothing at all.
    for (limit, count) in COUNTS {
        for streams in Streams::all() {
            for is_typed in [false, true] {
                if is_typed && !streams.can_ask() {
                    continue;
                }
                let right = format!("{}/{count}", rig.tenant());
                let flag = (!is_typed).then_some(right.as_str());
                let code = run(&mut apply(&rig, limit, flag), streams, &format!("{right}\n"));
                assert_eq!(code, if count == 3 { 0 } else { 5 }, "{streams:?} {limit}");
                let sent: usize = rig.requests().iter().map(Vec::len).sum();
                assert_eq!(sent, count, "{streams:?} {limit}");
                rig = Rig::new(service, 3, "");
            }
        }
    }
}

fn apply(rig: &Rig, limit: &str, confirm: Option<&str>) -> Command {
    let mut command = rig.bench.command(&format!("apply devices.plan {limit}"));
    if let Some(confirm) = confirm {
        command.args(["--confirm", confirm]);
    }
    rig.service.credentials(&mut command);
    command
}

/// Without a plan there is no way: no command but `apply` deletes, and it takes nothing but a plan.
#[test]
fn without_a_plan_nothing_can_be_applied() {
    let bench = Bench::new();
    bench.file("devices.csv", common::csv(&common::devices(3)));
    bench.file("empty.plan", "");
    for (line, code) in [
        ("apply", 2),
        ("apply --confirm acme/3", 2),
        ("apply - --confirm acme/3", 2),
        ("apply missing.plan --confirm acme/3", 1),
        ("apply devices.csv --confirm acme/3", 1),
        ("apply empty.plan --confirm acme/3", 1),
        ("apply . --confirm acme/3", 1),
        ("apply missing.plan --dry-run", 1),
    ] {
        let ended = bench.run_with_credentials(line);
        assert_eq!(ended.code, code, "{line}: {}", ended.stderr);
    }
    assert_eq!(bench.files(), ["devices.csv", "empty.plan"]);
}
