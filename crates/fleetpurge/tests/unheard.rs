//! A closed, full or broken stderr or stdout does not end a run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::fs::{self, OpenOptions};
use std::process::{Command, Output, Stdio};

use common::{Service, fleetpurge, over_both};
use rig::Rig;

over_both!(
    an_apply_that_nobody_listens_to_ends_as_any_other,
    a_command_whose_reader_has_gone_away_exits_0,
    a_plan_whose_review_could_not_be_shown_is_written,
);

/// How a stream can be when nobody listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Closed,
    Full,
    Broken,
}

const STREAMS: [Stream; 3] = [Stream::Closed, Stream::Full, Stream::Broken];

impl Stream {
    fn broken() -> Stdio {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        writer.into()
    }
}

/// The same command, with these streams as they are told.
fn run(real: &Command, stdout: Option<Stream>, stderr: Option<Stream>) -> Output {
    let closing = [(stdout, "1"), (stderr, "2")]
        .into_iter()
        .filter(|(stream, _)| *stream == Some(Stream::Closed))
        .map(|(_, number)| format!(" {number}>&-"))
        .collect::<String>();
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec \"$@\"{closing}"), "sh"])
        .arg(real.get_program())
        .args(real.get_args())
        .stdin(Stdio::null());
    for (name, value) in real.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = real.get_current_dir() {
        command.current_dir(folder);
    }
    let of = |stream| match stream {
        Some(Stream::Full) => OpenOptions::new().write(true).open("/dev/full").unwrap().into(),
        Some(Stream::Broken) => Stream::broken(),
        _ => Stdio::piped(),
    };
    command.stdout(of(stdout)).stderr(of(stderr)).output().unwrap()
}

#[track_caller]
fn exits(output: &Output, code: i32, what: &str) {
    assert_eq!(
        output.status.code(),
        Some(code),
        "{what}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn an_apply_that_nobody_listens_to_ends_as_any_other(service: Service) {
    for stream in STREAMS {
        for (stdout, stderr) in [(None, Some(stream)), (Some(stream), None), (Some(stream), Some(stream))] {
            for flags in ["", "-vv"] {
                let what = format!("{stdout:?} {stderr:?} {flags}");
                let rig = Rig::new(service, 3 * service.batch(), "--concurrency 2");
                let mut command = rig.command();
                command.args(flags.split_whitespace());
                exits(&run(&command, stdout, stderr), 0, &what);
                let counts = rig.holds_every_promise(&[], &what);
                assert_eq!(counts["scheduled"], rig.devices.len() as u64, "{what}");
                // Not a line of the log in the plan, which may have got the number of a stream that was closed.
                let plan = fs::read(rig.bench.path("devices.plan")).unwrap();
                assert!(plan.starts_with(b"SQLite format 3\0"), "{what}");
                assert!(
                    !plan.windows(5).any(|bytes| bytes == b"DEBUG" || bytes == b" INFO"),
                    "{what}"
                );
            }
        }
    }
}

fn a_command_whose_reader_has_gone_away_exits_0(service: Service) {
    let rig = Rig::new(service, 3 * service.batch(), "");
    rig.apply().exits(0);
    rig.bench.file(
        "fresh.csv",
        service.csv(&[("5f1d7f4e4763e75a0000ffff".to_owned(), "other".to_owned())]),
    );
    let mut lines: Vec<String> = ["text", "ndjson", "json", "csv"]
        .map(|format| format!("report devices.plan --format {format}"))
        .to_vec();
    lines.extend(
        [
            "status devices.plan",
            "status devices.plan --format json",
            "schema",
            "schema report",
            "completions bash",
            "--help",
            "--version",
            "apply --help",
        ]
        .map(str::to_owned),
    );
    if service == Service::Ubidots {
        lines.push(format!(
            "select --service ubidots --all --base-url {}",
            rig.simulator.url()
        ));
        lines.push("demo --service ubidots".to_owned());
    } else {
        lines.push("demo".to_owned());
    }
    for line in lines {
        let mut command = rig.bench.command(&format!("{line} -vv"));
        service.credentials(&mut command);
        exits(&run(&command, Some(Stream::Broken), None), 0, &line);
        exits(&run(&command, None, Some(Stream::Broken)), 0, &line);
        if !line.starts_with("demo") {
            exits(&run(&command, Some(Stream::Closed), Some(Stream::Closed)), 0, &line);
        }
    }
}

fn a_plan_whose_review_could_not_be_shown_is_written(service: Service) {
    let rig = Rig::new(service, 3, "");
    for (stream, code) in [(Stream::Full, 1), (Stream::Broken, 0), (Stream::Closed, 0)] {
        let plan = rig.bench.path("devices.plan");
        fs::remove_file(&plan).unwrap();
        let output = run(&rig.bench.command(&rig.plan_line("-vv")), Some(stream), None);
        exits(&output, code, &format!("{stream:?}"));
        rig.bench.status();
        if code != 0 {
            let told = String::from_utf8(output.stderr).unwrap();
            assert!(
                told.contains("is written") && told.contains("next: fleetpurge status devices.plan"),
                "{told}"
            );
        }
    }
    assert_eq!(rig.request_count(), 0);
}

#[test]
fn a_tenant_whose_address_nobody_reads_is_served() {
    use std::io::{BufRead as _, BufReader};
    let mut child = fleetpurge()
        .args(["simulate", "-v"])
        .stdout(Stream::broken())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(told.any(|line| line.unwrap().contains("until Ctrl-C")));
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
}
