//! A folder in which commands are run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::command::{ended, fleetpurge, with_credentials};
use super::ended::Ended;
use super::service::Service;
use super::simulate::Simulate;

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

    /// A simulated tenant with these faults.
    pub(crate) fn simulate_with(&self, script: &str) -> Simulate {
        let path = self.file("faults.json", script);
        Simulate::with(&format!("--faults {}", path.display()))
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

pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().unwrap()
}
