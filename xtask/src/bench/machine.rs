//! Where it was measured.

use std::fs;
use std::process::Command;

use jiff::Timestamp;
use serde::Serialize;

use super::ground::Ground;

/// The machine, and the versions of what ran on it.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    pub(super) date: String,
    pub(super) commit: String,
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory: String,
    pub(super) system: String,
    pub(super) rust: String,
    pub(super) oha: String,
    pub(super) python: String,
}

impl Machine {
    pub(super) fn here(ground: &Ground) -> Self {
        let version = |program: &Result<std::path::PathBuf, String>| match program {
            Ok(program) => said(Command::new(program).arg("--version")),
            Err(_) => "missing".to_owned(),
        };
        Self {
            date: Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
            commit: said(
                Command::new("git")
                    .args(["describe", "--always", "--dirty"])
                    .current_dir(&ground.root),
            ),
            processor: of_proc("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(0, Into::into),
            memory: of_proc("/proc/meminfo", "MemTotal"),
            system: said(Command::new("uname").args(["-s", "-r", "-m"])),
            rust: said(Command::new("rustc").arg("--version")),
            oha: version(&ground.oha),
            python: version(&ground.python),
        }
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().ok().filter(|output| output.status.success());
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|| "unknown".to_owned())
}

/// What follows a name in a file that Linux has.
fn of_proc(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
    line.map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
}
