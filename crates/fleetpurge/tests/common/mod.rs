//! Drives the real binary, and a simulated tenant in a process of its own.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "it serves tests only")]

mod schemas;
mod service;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

#[allow(unused_imports, reason = "each test binary uses its part")]
pub(crate) use service::{Service, over_both};

/// The binary, with none of the developer's own credentials or settings.
pub(crate) fn fleetpurge() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetpurge"));
    for name in [
        "NEXTHINK_CLIENT_ID",
        "NEXTHINK_CLIENT_SECRET",
        "NEXTHINK_TOKEN",
        "UBIDOTS_TOKEN",
        "UBIDOTS_API_KEY",
        "RUST_LOG",
        "COLUMNS",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The next command to type: the last line of stderr.
    pub(crate) fn next(&self) -> &str {
        let last = self.stderr.lines().last().unwrap_or_default();
        last.strip_prefix("next: ")
            .unwrap_or_else(|| panic!("no next command: {}", self.stderr))
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        if code != 0 {
            assert!(!self.next().is_empty());
        }
        self
    }

    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in: {}", self.stderr);
        }
        self
    }
}

/// A folder of its own, in which commands are run.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = fleetpurge();
        command
            .current_dir(self.folder.path())
            .args(line.split_whitespace())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Ended {
        ended(&mut self.command(line))
    }

    /// With client credentials in the environment: the simulator takes any.
    pub(crate) fn run_with_credentials(&self, line: &str) -> Ended {
        ended(with_credentials(&mut self.command(line)))
    }

    /// With credentials of this service in the environment.
    pub(crate) fn run_for(&self, service: Service, line: &str) -> Ended {
        ended(service.credentials(&mut self.command(line)))
    }

    /// Plans devices for a simulator, to `devices.plan`.
    pub(crate) fn plan(&self, simulator: &Simulate, devices: &[(String, String)]) -> Ended {
        self.plan_for(Service::Nexthink, simulator, devices)
    }

    /// Likewise, devices of this service.
    pub(crate) fn plan_for(&self, service: Service, simulator: &Simulate, devices: &[(String, String)]) -> Ended {
        self.file("devices.csv", service.csv(devices));
        self.run(&format!(
            "plan devices.csv --out devices.plan --service {} --base-url {}",
            service.word(),
            simulator.url
        ))
    }

    pub(crate) fn status(&self) -> Value {
        let ended = self.run("status devices.plan --format json").exits(0);
        serde_json::from_str(&ended.stdout).unwrap()
    }

    pub(crate) fn report(&self) -> Vec<Value> {
        let ended = self.run("report devices.plan --format ndjson").exits(0);
        ended
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

pub(crate) fn with_credentials(command: &mut Command) -> &mut Command {
    Service::Nexthink.credentials(command)
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let ended = Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    schemas::hold(command, &ended);
    ended
}

/// A simulated tenant in a process of its own: `fleetpurge simulate`.
pub(crate) struct Simulate {
    child: Child,
    pub(crate) url: String,
}

impl Simulate {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    pub(crate) fn with(arguments: &str) -> Self {
        let mut child = fleetpurge()
            .arg("simulate")
            .args(arguments.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let url = first.trim_end().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "first line: {first:?}");
        Self { child, url }
    }

    pub(crate) fn with_faults(bench: &Bench, script: &str) -> Self {
        let path = bench.file("faults.json", script);
        Self::with(&format!("--faults {}", path.display()))
    }

    /// `host:port`, which is also the tenant of its plans.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        // HTTP/1.0, so that the end of the stream is the end of the reply.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{head}");
        body.to_owned()
    }

    /// The devices of each deletion request that it received, in order.
    pub(crate) fn requests(&self) -> Vec<Vec<(String, String)>> {
        self.get("/_simulator/requests")
            .lines()
            .map(|line| {
                let request: Value = serde_json::from_str(line).unwrap();
                serde_json::from_value(request["devices"].clone()).unwrap()
            })
            .collect()
    }

    pub(crate) fn counts(&self) -> Value {
        serde_json::from_str(&self.get("/_simulator/counts")).unwrap()
    }

    /// Asserts that it was asked to delete nothing.
    #[track_caller]
    pub(crate) fn received_nothing(&self) {
        assert_eq!(self.requests(), Vec::<Vec<_>>::new());
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn uid(number: usize) -> String {
    Service::Nexthink.uid(number)
}

/// Plain devices of Nexthink.
pub(crate) fn devices(count: usize) -> Vec<(String, String)> {
    Service::Nexthink.devices(count)
}

pub(crate) fn csv(devices: &[(String, String)]) -> Vec<u8> {
    Service::Nexthink.csv(devices)
}

/// What differs from run to run, replaced: the port, digests, times.
pub(crate) fn stable(text: &str) -> String {
    let text = replaced(text, "127.0.0.1:", digits, "127.0.0.1:PORT");
    let text = replaced(&text, "sha256 ", hex, "sha256 SHA256");
    let text = replaced(&text, "digest      ", hex, "digest      DIGEST");
    text.lines().map(|line| without_time(line) + "\n").collect()
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn hex(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

fn replaced(text: &str, before: &str, length: impl Fn(&str) -> usize, with: &str) -> String {
    let mut parts = text.split(before);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(with);
        out.push_str(&part[length(part)..]);
    }
    out
}

/// `made 0 seconds ago (2026-…Z)` becomes `made AGE`.
fn without_time(line: &str) -> String {
    match (line.find(" made "), line.ends_with("Z)")) {
        (Some(at), true) => format!("{} made AGE", &line[..at]),
        _ => line.to_owned(),
    }
}

pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().unwrap()
}
