//! A simulated account whose devices are planned, and the real binary that backs them up.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "it serves tests only")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flate2::read::MultiGzDecoder;
use fleetpurge_simulator::{
    Builder, FaultScript, PageTraps, RecordedRequest, Simulator, UbidotsDevice, UbidotsValue, UbidotsVariable,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::common::{Bench, Ended, ended};
use crate::rig::until;

pub(crate) const TOKEN: &str = "BBUS-s3cret-t0ken";
/// No more on a page, whatever is asked for.
pub(crate) const PAGE: u64 = 3;
pub(crate) const FAST: &str = "--rate 100000 --timeout 3600";

pub(crate) fn id(number: usize) -> String {
    format!("{number:024x}")
}

pub(crate) fn variable_id(device: usize, number: usize) -> String {
    format!("ffff{device:010x}{number:010x}")
}

/// A device with so many variables; of these the first has no values, the second one, the third two, and so on.
pub(crate) fn device(number: usize, variables: usize) -> UbidotsDevice {
    let device = UbidotsDevice::new(id(number), format!("pump-{number}"))
        .name(format!("Pumpe {number} \"é\" 💻"))
        .tag("old");
    (0..variables).fold(device, |device, at| {
        let variable = UbidotsVariable::new(variable_id(number, at), format!("v{at}"));
        let values = (0..at).map(|value| {
            let time = 1_600_000_000_000 + i64::try_from(value).unwrap();
            UbidotsValue::new(time, 0.1 + f64::from(u32::try_from(value).unwrap()) / 3.0)
                .context("who", json!({"é": [1, null]}))
        });
        device.variable(variable.values(values))
    })
}

/// A simulated account whose devices are planned in `devices.plan`.
pub(crate) struct Account {
    pub(crate) bench: Bench,
    pub(crate) simulator: Simulator,
    pub(crate) runtime: Runtime,
}

impl Account {
    pub(crate) fn new(devices: Vec<UbidotsDevice>) -> Self {
        Self::with(devices, |builder| builder)
    }

    pub(crate) fn with(devices: Vec<UbidotsDevice>, build: impl FnOnce(Builder) -> Builder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let ids: Vec<String> = devices.iter().map(|device| device.id.clone()).collect();
        let builder = Simulator::builder()
            .static_token(TOKEN)
            .ubidots_devices(devices)
            .removal_delay(std::time::Duration::ZERO)
            .page_traps(PageTraps::new().page_size_max(PAGE));
        let simulator = runtime.block_on(build(builder).start()).unwrap();
        let account = Self {
            bench: Bench::new(),
            simulator,
            runtime,
        };
        account.plan("devices.plan", &ids).exits(0);
        account
    }

    pub(crate) fn plan(&self, name: &str, ids: &[String]) -> Ended {
        self.bench
            .file("devices.csv", format!("id,label\n{},\n", ids.join(",\n")));
        self.bench.run(&format!(
            "plan devices.csv --force --service ubidots --out {name} --base-url {}",
            self.simulator.url()
        ))
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = self.bench.command(line);
        command.env("UBIDOTS_TOKEN", TOKEN).env_remove("UBIDOTS_API_KEY");
        command
    }

    pub(crate) fn run(&self, line: &str) -> Ended {
        ended(&mut self.command(line))
    }

    pub(crate) fn backup(&self) -> Ended {
        self.run(&format!("backup devices.plan {FAST}"))
    }

    /// What an end named as the next command.
    pub(crate) fn run_next(&self, ended: &Ended) -> Ended {
        let line = ended.next().strip_prefix("fleetpurge ").unwrap().to_owned();
        self.run(&format!("{line} {}", if line.contains("--rate") { "" } else { FAST }))
    }

    pub(crate) fn apply(&self, flags: &str) -> Ended {
        let tenant = self.simulator.url().strip_prefix("http://").unwrap();
        let count = self.bench.status()["pending"].as_u64().unwrap();
        self.run(&format!("apply devices.plan --confirm {tenant}/{count} {flags}"))
    }

    /// A backup whose request of this number, from 1, is never answered.
    pub(crate) fn hanging(&self, request: u64) -> Child {
        self.faults(json!([{"when": {"endpoint": "reads", "request": request}, "then": {"hang": true}}]));
        let child = self
            .command(&format!("backup devices.plan {FAST} --concurrency 1"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until("the request comes", || self.simulator.counts().reads >= request);
        child
    }

    pub(crate) fn faults(&self, rules: Value) {
        let mut script = json!({"seed": 7});
        script["rules"] = rules;
        self.simulator.set_faults(FaultScript::from_value(script).unwrap());
    }

    pub(crate) fn no_faults(&self) {
        self.simulator.set_faults(FaultScript::default());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.bench.path("devices.plan.backup").join(name)
    }

    pub(crate) fn manifest(&self) -> Value {
        read_json(&self.path("backup.json"))
    }

    pub(crate) fn file(&self, number: usize) -> PathBuf {
        self.path(&format!("devices/{}.ndjson.gz", id(number)))
    }

    /// The names in the folder of devices.
    pub(crate) fn saved(&self) -> BTreeSet<String> {
        let folder = self.path("devices");
        if !folder.exists() {
            return BTreeSet::new();
        }
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect()
    }

    /// What the account answers, asked without our client.
    pub(crate) fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.get_text(path)).unwrap()
    }

    /// The same, byte for byte.
    pub(crate) fn get_text(&self, path: &str) -> String {
        let address = self.simulator.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nHost: {address}\r\nX-Auth-Token: {TOKEN}\r\n\r\n"
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Holds a device's file against what the account says of the device.
    #[track_caller]
    pub(crate) fn holds(&self, number: usize) {
        self.simulator.set_page_traps(PageTraps::new().page_size_max(1_000_000));
        let lines = lines(&self.file(number));
        let id = id(number);
        let (first, rest) = lines.split_first().unwrap();
        let (last, rest) = rest.split_last().unwrap();
        assert_eq!(first["id"], *id);
        assert_eq!(first["device"], self.get(&format!("/api/v2.0/devices/{id}/")));
        let listed = self.get(&format!("/api/v2.0/devices/{id}/variables/?page_size=100000"));
        let listed = listed["results"].as_array().unwrap();
        let (variables, values) = rest.split_at(listed.len());
        let mut expected = Vec::new();
        for (line, variable) in variables.iter().zip(listed) {
            assert_eq!(line["type"], "variable");
            assert_eq!((&line["id"], &line["variable"]), (&variable["id"], variable));
            let id = variable["id"].as_str().unwrap();
            let page = self.get(&format!("/api/v1.6/variables/{id}/values?start=0&page_size=100000"));
            for value in page["results"].as_array().unwrap() {
                expected.push(json!({"type": "value", "variable": id, "value": value}));
            }
        }
        assert_eq!(values, expected);
        assert_eq!(
            (&last["type"], &last["id"], &last["variables"], &last["values"]),
            (&json!("end"), &json!(id), &json!(listed.len()), &json!(expected.len()))
        );
        self.simulator.set_page_traps(PageTraps::new().page_size_max(PAGE));
    }

    /// Nothing was received that changes anything, and no file of the folder has the token.
    #[track_caller]
    pub(crate) fn only_read(&self) {
        let counts = self.simulator.counts();
        assert_eq!((counts.deletion_requests, counts.writes), (0, 0));
        let reads: Vec<RecordedRequest> = self.simulator.reads();
        assert!(reads.iter().all(|read| read.method == "GET" && read.body.is_empty()));
        assert!(reads.iter().all(|read| read.header("x-auth-token") == Some(TOKEN)));
        assert!(reads.iter().all(|read| !read.uri.to_string().contains(TOKEN)));
    }
}

pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What a file holds, unpacked.
pub(crate) fn text(path: &Path) -> String {
    io::read_to_string(MultiGzDecoder::new(fs::File::open(path).unwrap())).unwrap()
}

/// The lines of a whole file, each held to the published schema.
#[track_caller]
pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let text = text(path);
    assert!(text.ends_with('\n'));
    let schema = schema("backup-line");
    text.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!(schema.is_valid(&line), "{line}");
            line
        })
        .collect()
}

pub(crate) fn schema(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../schemas/{name}.json"));
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&read_json(&path))
        .unwrap()
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
