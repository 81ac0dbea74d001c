//! A simulated Ubidots account within the test, and the real binary that reads it.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "it serves tests only")]

use fleetpurge_simulator::{FaultScript, Simulator, UbidotsDevice};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::common::{Bench, Ended, ended};

pub(crate) struct AccountBench {
    pub(crate) bench: Bench,
    pub(crate) simulator: Simulator,
    pub(crate) runtime: Runtime,
}

impl AccountBench {
    pub(crate) fn with(devices: Vec<UbidotsDevice>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let builder = Simulator::builder().ubidots_devices(devices);
        let simulator = runtime.block_on(builder.start()).unwrap();
        Self {
            bench: Bench::new(),
            simulator,
            runtime,
        }
    }

    /// With the account's API key in the environment.
    pub(crate) fn run(&self, line: &str) -> Ended {
        ended(self.bench.command(line).env("UBIDOTS_API_KEY", "key"))
    }

    pub(crate) fn select(&self, conditions: &str) -> Ended {
        self.run(&format!(
            "select --service ubidots --base-url {} --rate 10000 {conditions}",
            self.simulator.url()
        ))
    }

    /// Plans a list, to `devices.plan`, without credentials.
    pub(crate) fn plan(&self, list: &str) -> Ended {
        self.bench.run(&format!(
            "plan {list} --service ubidots --out devices.plan --base-url {}",
            self.simulator.url()
        ))
    }

    pub(crate) fn apply(&self, count: usize, flags: &str) -> Ended {
        let tenant = self.simulator.url().split_once("://").unwrap().1;
        self.run(&format!("apply devices.plan --confirm {tenant}/{count} {flags}"))
    }
}

pub(crate) fn faults(rules: Value) -> FaultScript {
    let mut script = json!({"seed": 7});
    script["rules"] = rules;
    FaultScript::from_value(script).unwrap()
}
