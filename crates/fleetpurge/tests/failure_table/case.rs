//! A row of the table: a fault, and what it must come to.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::common::{Ended, Service};
use crate::rig::Rig;

/// A fault, and what it must come to. Batches go out one after the other.
pub(crate) struct Case<'a> {
    pub(crate) service: Service,
    pub(crate) name: &'a str,
    pub(crate) devices: usize,
    pub(crate) faults: Value,
    pub(crate) exit: i32,
    /// All outcomes that occur, and how often.
    pub(crate) outcomes: &'a [(&'a str, usize)],
    /// How many devices each request named.
    pub(crate) requests: &'a [usize],
}

impl Case<'_> {
    pub(crate) fn holds(&self) -> (Rig, Ended) {
        let rig = Rig::new(self.service, self.devices, "--concurrency 1 --timeout 1");
        rig.faults(self.faults.clone());
        let ended = rig.apply();
        let counts = rig.holds_every_promise(&[], self.name);
        let requests: Vec<usize> = rig.requests().iter().map(Vec::len).collect();
        let expected: HashMap<&str, u64> = self
            .outcomes
            .iter()
            .map(|&(word, count)| (word, count as u64))
            .collect();
        let found: HashMap<&str, u64> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(
            (ended.code, &found, &*requests),
            (self.exit, &expected, self.requests),
            "{}: {}",
            self.name,
            ended.stderr
        );
        if ended.code != 0 {
            assert!(!ended.next().is_empty(), "{}", self.name);
        }
        (rig, ended)
    }
}

pub(crate) fn at(request: u64, then: Value) -> Value {
    let mut rule = json!({"when": {"request": request}});
    rule["then"] = then;
    Value::Array(vec![rule])
}

pub(crate) fn reply(status: u16) -> Value {
    json!({"reply": {"status": status}})
}

/// The first batch is lost, one device is sent alone, then the rest.
pub(crate) fn lost(service: Service, name: &str, then: Value) -> (Rig, Ended) {
    let batch = service.batch();
    Case {
        service,
        name,
        devices: 5 * batch / 2,
        faults: at(1, then),
        exit: 4,
        outcomes: &[("unknown", batch), ("scheduled", 3 * batch / 2)],
        requests: &[batch, 1, batch, batch / 2 - 1],
    }
    .holds()
}
