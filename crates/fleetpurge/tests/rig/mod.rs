//! A simulated tenant within the test, a plan for it, and the real binary that applies the plan and is killed.
//!
//! The simulator knows what was really received and really scheduled; [`Rig::holds_every_promise`] holds the plan's
//! report and its ledger against that.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "it serves tests only")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::process::{Child, Command, Stdio};
use std::thread::yield_now;
use std::time::{Duration, Instant};

use fleetpurge_simulator::{Builder, FaultScript, RecordedRequest, Simulator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::common::{Bench, Ended, Service, ended};

/// When a test gives up waiting for what must happen. Nothing is judged by how long it takes.
const GIVE_UP: Duration = Duration::from_secs(120);

/// Longer than any test waits: the service does not answer before the process is dead.
pub(crate) const FOR_EVER_MS: u64 = 3_600_000;

const OUTCOMES: [&str; 7] = [
    "skipped",
    "scheduled",
    "invalid",
    "failed",
    "rejected",
    "unknown",
    "pending",
];

/// A tenant of one of the services, a plan of its devices in `devices.plan`, and the command that applies it.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) bench: Bench,
    pub(crate) simulator: Simulator,
    pub(crate) devices: Vec<(String, String)>,
    runtime: Runtime,
    flags: String,
}

impl Rig {
    /// A plan of so many devices.
    pub(crate) fn new(service: Service, count: usize, flags: &str) -> Self {
        Self::with(service, count, flags, |builder| builder)
    }

    pub(crate) fn with(service: Service, count: usize, flags: &str, build: impl FnOnce(Builder) -> Builder) -> Self {
        let mut rig = Self::unplanned(service, flags, build);
        rig.devices = service.devices(count);
        rig.bench.file("devices.csv", service.csv(&rig.devices));
        // Without credentials: who names devices as they are sent needs none.
        rig.bench.run(&rig.plan_line("--max-devices 1000000")).exits(0);
        rig
    }

    /// A tenant without a plan. Whoever plans says which devices the plan has.
    pub(crate) fn unplanned(service: Service, flags: &str, build: impl FnOnce(Builder) -> Builder) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let simulator = runtime.block_on(build(Simulator::builder()).start()).unwrap();
        Self {
            service,
            bench: Bench::new(),
            simulator,
            devices: Vec::new(),
            runtime,
            flags: flags.to_owned(),
        }
    }

    /// The command that makes `devices.csv` the plan.
    pub(crate) fn plan_line(&self, flags: &str) -> String {
        format!(
            "plan devices.csv --out devices.plan --service {} --base-url {} {flags}",
            self.service.word(),
            self.simulator.url()
        )
    }

    /// With credentials in the environment.
    pub(crate) fn run(&self, line: &str) -> Ended {
        self.bench.run_for(self.service, line)
    }

    /// `host:port`, the tenant of the plan.
    pub(crate) fn tenant(&self) -> &str {
        self.simulator.url().split_once("://").unwrap().1
    }

    pub(crate) fn faults(&self, rules: Value) {
        let mut script = json!({"seed": 7});
        script["rules"] = rules;
        let script = FaultScript::from_value(script).unwrap();
        self.simulator.set_faults(script);
    }

    pub(crate) fn no_faults(&self) {
        self.simulator.set_faults(FaultScript::default());
    }

    /// The one command that begins and resumes.
    pub(crate) fn command(&self) -> Command {
        let line = format!(
            "apply devices.plan --confirm {}/{} {}",
            self.tenant(),
            self.devices.len(),
            self.flags
        );
        let mut command = self.bench.command(&line);
        self.service.credentials(&mut command);
        command
    }

    pub(crate) fn apply(&self) -> Ended {
        ended(&mut self.command())
    }

    /// With these flags, for so many devices.
    pub(crate) fn apply_with(&self, count: usize, flags: &str) -> Ended {
        let line = format!(
            "apply devices.plan --confirm {}/{count} {} {flags}",
            self.tenant(),
            self.flags
        );
        self.run(&line)
    }

    /// In the background, to be killed.
    pub(crate) fn start(&self) -> Child {
        self.command()
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Returns once so many deletion requests have been fully read.
    pub(crate) fn received(&self, count: u64) {
        self.runtime
            .block_on(async { tokio::time::timeout(GIVE_UP, self.simulator.wait_for_requests(count)).await })
            .unwrap_or_else(|_| panic!("request {count} never came"));
    }

    pub(crate) fn request_count(&self) -> u64 {
        self.simulator.counts().deletion_requests
    }

    /// Until the account has no device with this id any more.
    pub(crate) fn removed(&self, id: &str) {
        self.runtime
            .block_on(async { tokio::time::timeout(GIVE_UP, self.simulator.wait_until_ubidots_removed(id)).await })
            .unwrap_or_else(|_| panic!("{id} never went"));
    }

    /// What was received, with the names of the plan: of Ubidots only the id is sent.
    fn recorded(&self) -> Vec<RecordedRequest> {
        let mut requests = self.simulator.requests();
        if self.service == Service::Ubidots {
            let labels: HashMap<&str, &str> = self.devices.iter().map(|(id, label)| (&**id, &**label)).collect();
            for (key, label) in requests.iter_mut().flat_map(|request| &mut request.devices) {
                *label = (*labels.get(&**key).unwrap_or(&"not in the plan")).to_owned();
            }
        }
        requests
    }

    /// The devices of each request that was fully read, in order.
    pub(crate) fn requests(&self) -> Vec<Vec<(String, String)>> {
        self.recorded()
            .into_iter()
            .filter(|request| request.fully_read)
            .map(|request| request.devices)
            .collect()
    }

    /// The outcome of each row, in the order of the report.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        self.report().iter().map(outcome).collect()
    }

    /// The report, read and nothing more: it is read hundreds of times.
    #[track_caller]
    pub(crate) fn report(&self) -> Vec<Value> {
        let output = self
            .bench
            .command("report devices.plan --format ndjson")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the report cannot be read: {stderr}");
        output
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// How many rows have this outcome.
    pub(crate) fn count(&self, outcome: &str) -> usize {
        self.outcomes().iter().filter(|each| *each == outcome).count()
    }

    /// Applies until everything that may be sent was sent.
    pub(crate) fn resume(&self, what: &str) -> Ended {
        self.no_faults();
        let ended = self.apply();
        assert!(
            matches!(ended.code, 0 | 3 | 4),
            "{what}: resumed, it exits {}\n{}",
            ended.code,
            ended.stderr
        );
        ended
    }

    /// What the plan's report knows after a process died, and how many requests had come by then.
    pub(crate) fn remember(&self) -> Memory {
        let requests = self.simulator.requests().len();
        let report = self.report();
        let pending = report.iter().filter(|row| row["outcome"] == "pending").count();
        let known = report
            .iter()
            .filter(|row| row["outcome"] == "scheduled" || row["outcome"] == "invalid")
            .map(|row| (text(&row["uid"]), outcome(row)))
            .collect();
        Memory {
            requests,
            pending,
            known,
        }
    }

    /// The promises that hold whatever happened. Returns how many rows have each outcome.
    #[track_caller]
    pub(crate) fn holds_every_promise(&self, memories: &[Memory], what: &str) -> HashMap<&'static str, u64> {
        let report = self.report();
        let counts = self.every_row_has_one_outcome_in_input_order(&report, what);
        let requests = self.recorded();
        requests
            .iter()
            .for_each(|request| self.service.documents(request, what));
        assert_eq!(self.simulator.counts().empty_deletions, 0, "{what}");
        self.only_the_plan_was_received(&requests, what);
        self.what_may_be_applied_was_received_once(&requests, what);
        self.nothing_is_claimed_that_did_not_happen(&report, what);
        for memory in memories {
            memory.stands(&report, &requests, what);
        }
        assert!(
            !self.bench.files().iter().any(|name| name.ends_with("-wal")),
            "{what}: {:?}",
            self.bench.files()
        );
        self.every_request_was_written_down_before(&requests, what);
        counts
    }

    fn every_row_has_one_outcome_in_input_order(&self, report: &[Value], what: &str) -> HashMap<&'static str, u64> {
        assert_eq!(report.len(), self.devices.len(), "{what}");
        let mut counts: HashMap<String, u64> = HashMap::new();
        for (at, (row, (uid, name))) in report.iter().zip(&self.devices).enumerate() {
            assert_eq!(row["row"], at + 1, "{what}");
            assert_eq!(
                (row["uid"].as_str(), row["name"].as_str()),
                (Some(uid.as_str()), Some(name.as_str())),
                "{what}"
            );
            *counts.entry(outcome(row)).or_default() += 1;
        }
        let status = self.bench.status();
        let counts = OUTCOMES.map(|word| (word, counts.remove(word).unwrap_or(0)));
        for (word, count) in counts {
            assert_eq!(status[word], count, "{what}: {word}");
        }
        let sum: u64 = counts.iter().map(|(_, count)| count).sum();
        assert_eq!(sum, self.devices.len() as u64, "{what}: the outcomes do not add up");
        assert_eq!(status["planned"], sum, "{what}");
        HashMap::from(counts)
    }

    fn only_the_plan_was_received(&self, requests: &[RecordedRequest], what: &str) {
        let planned: HashSet<&(String, String)> = self.devices.iter().collect();
        for device in requests.iter().flat_map(|request| &request.devices) {
            assert!(
                planned.contains(device),
                "{what}: {device:?} was asked for and is not in the plan"
            );
        }
    }

    fn nothing_is_claimed_that_did_not_happen(&self, report: &[Value], what: &str) {
        let scheduled: HashSet<String> = self
            .simulator
            .scheduled_devices()
            .into_iter()
            .map(|(uid, _)| uid)
            .collect();
        for row in report {
            let (uid, outcome) = (text(&row["uid"]), outcome(row));
            if outcome == "scheduled" {
                assert!(scheduled.contains(&uid), "{what}: {uid} was never scheduled");
            }
            if scheduled.contains(&uid) {
                assert!(
                    outcome == "scheduled" || outcome == "unknown",
                    "{what}: {uid} was scheduled and is {outcome}"
                );
            }
        }
    }

    /// An attempt is in the ledger, with exactly its devices, before its first byte is sent.
    fn every_request_was_written_down_before(&self, requests: &[RecordedRequest], what: &str) {
        let attempts = self.attempts();
        assert!(requests.len() <= attempts.len(), "{what}: more requests than attempts");
        let devices = |request: &RecordedRequest| request.devices.iter().cloned().collect::<Devices>();
        match self.service {
            Service::Nexthink => {
                for request in requests {
                    let id = request.header("x-request-id").unwrap();
                    let attempt = attempts
                        .get(id)
                        .unwrap_or_else(|| panic!("{what}: request {} is not in the ledger", request.number));
                    if request.fully_read {
                        assert_eq!(*attempt, devices(request), "{what}: request {}", request.number);
                    }
                }
            }
            // Its requests carry no id: of the same devices there are no more requests than attempts.
            Service::Ubidots => {
                let mut left: HashMap<&Devices, usize> = HashMap::new();
                for attempt in attempts.values() {
                    *left.entry(attempt).or_default() += 1;
                }
                for request in requests.iter().filter(|request| request.fully_read) {
                    let left = left.get_mut(&devices(request)).filter(|left| **left > 0);
                    let left =
                        left.unwrap_or_else(|| panic!("{what}: request {} is not in the ledger", request.number));
                    *left -= 1;
                }
            }
        }
    }

    /// The devices of each attempt in the ledger, by its request id.
    fn attempts(&self) -> HashMap<String, Devices> {
        let ledger = rusqlite::Connection::open_with_flags(
            self.bench.path("devices.plan"),
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
        )
        .unwrap();
        let mut statement = ledger
            .prepare(
                "SELECT a.request_id, r.uid, r.name FROM attempts a
                 JOIN attempt_rows s USING (attempt) JOIN rows r ON r.row BETWEEN s.first AND s.last",
            )
            .unwrap();
        let mut attempts: HashMap<String, Devices> = HashMap::new();
        let mut rows = statement.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            attempts
                .entry(row.get(0).unwrap())
                .or_default()
                .insert((row.get(1).unwrap(), row.get(2).unwrap()));
        }
        attempts
    }

    /// A device is received again only after replies that say that the service did not act.
    fn what_may_be_applied_was_received_once(&self, requests: &[RecordedRequest], what: &str) {
        let mut maybe: HashMap<&str, u64> = HashMap::new();
        for request in requests.iter().filter(|request| request.fully_read) {
            let surely_not = request.status.is_some_and(|status| self.service.surely_not(status));
            for (uid, _) in &request.devices {
                if let Some(earlier) = maybe.get(uid.as_str()) {
                    panic!(
                        "{what}: {uid} was received in request {} and again in {}",
                        earlier, request.number
                    );
                }
                if !surely_not {
                    maybe.insert(uid, request.number);
                }
            }
        }
    }
}

type Devices = BTreeSet<(String, String)>;

/// What was known when a process had died.
pub(crate) struct Memory {
    requests: usize,
    pending: usize,
    known: HashMap<String, String>,
}

impl Memory {
    /// Nothing was left to send.
    pub(crate) fn is_complete(&self) -> bool {
        self.pending == 0
    }

    /// A device whose reply had been recorded is not sent again, and its outcome stays.
    fn stands(&self, report: &[Value], requests: &[RecordedRequest], what: &str) {
        for row in report {
            if let Some(known) = self.known.get(row["uid"].as_str().unwrap()) {
                assert_eq!(row["outcome"], **known, "{what}: an outcome was lost");
            }
        }
        for request in requests.iter().skip(self.requests) {
            for (uid, _) in &request.devices {
                assert!(
                    !self.known.contains_key(uid),
                    "{what}: {uid} had its outcome and was sent again in request {}",
                    request.number
                );
            }
        }
    }
}

pub(crate) fn outcome(row: &Value) -> String {
    text(&row["outcome"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Kills it as nothing can be prepared for, and waits until it is gone.
pub(crate) fn kill(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Returns once it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < GIVE_UP, "it never came to pass: {what}");
        yield_now();
    }
}
