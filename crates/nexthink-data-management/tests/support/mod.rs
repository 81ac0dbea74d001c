//! What the tests of the facade have in common: devices, clients, the simulator with a fault script, and what it got.
#![allow(dead_code, unreachable_pub, reason = "every test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::time::Duration;

use fleetpurge_simulator::{Builder, FaultScript, RecordedRequest, Simulator};
use nexthink_data_management::{
    BulkOptions, Client, ClientBuilder, Credentials, DeletionReport, Device, Endpoints, OutcomeKind, Policy,
};
use serde_json::{Value, json};

/// A token that the simulator takes for ever.
pub const TOKEN: &str = "test-token";

/// So many devices, all in order.
pub fn devices(count: usize) -> Vec<Device> {
    (0..count).map(device).collect()
}

pub fn device(n: usize) -> Device {
    Device::new(format!("a36f0a3c-9e2b-4b6f-8a57-{n:012x}"), format!("PC-{n}"))
}

/// The position that [`device`] was given.
pub fn position(uid: &str) -> usize {
    usize::from_str_radix(uid.rsplit('-').next().unwrap(), 16).unwrap()
}

pub fn script(rules: Value) -> FaultScript {
    FaultScript::from_value(json!({"seed": 7, "rules": rules})).unwrap()
}

/// A simulator with these rules.
pub async fn faulty(rules: Value) -> Simulator {
    start(Simulator::builder().faults(script(rules))).await
}

/// A simulator that takes [`TOKEN`].
pub async fn start(builder: Builder) -> Simulator {
    builder.static_token(TOKEN).start().await.unwrap()
}

pub fn endpoints(simulator: &Simulator) -> Endpoints {
    Endpoints::at(simulator.url(), None).unwrap()
}

/// A client with a token of its own.
pub fn client(simulator: &Simulator) -> Client {
    with_token(endpoints(simulator)).build().unwrap()
}

pub fn with_token(endpoints: Endpoints) -> ClientBuilder {
    Client::builder(endpoints, Credentials::token(TOKEN))
}

/// A client that logs in.
pub fn with_login(simulator: &Simulator) -> ClientBuilder {
    Client::builder(endpoints(simulator), Credentials::client("id", "secret"))
}

/// The contract's numbers of tries, in milliseconds instead of seconds.
pub fn quick() -> Policy {
    Policy::default()
        .unreached_for(Duration::from_millis(300))
        .backoff_base(Duration::from_millis(1))
        .pause_base(Duration::from_millis(1))
        .backoff_cap(Duration::from_millis(5))
}

/// One request at a time unless told otherwise, and short waits.
pub fn options(concurrency: usize) -> BulkOptions {
    let mut options = BulkOptions::default();
    options.concurrency = NonZeroUsize::new(concurrency);
    options.policy = quick();
    options
}

/// A run over so many devices, one request at a time.
pub async fn run(client: &Client, count: usize) -> DeletionReport {
    run_at(client, count, 1).await
}

/// A run over so many devices.
pub async fn run_at(client: &Client, count: usize, concurrency: usize) -> DeletionReport {
    let report = client.delete_all(devices(count), &options(concurrency)).await;
    let order: Vec<usize> = report.devices.iter().map(|of| position(&of.device.uid)).collect();
    assert_eq!(
        order,
        (0..count).collect::<Vec<_>>(),
        "one outcome a device, in the order of the input"
    );
    report
}

/// The outcome of each device, as stretches: `"0..100 scheduled, 100..250 pending"`.
pub fn outcomes(report: &DeletionReport) -> String {
    stretches(report.devices.iter().map(|of| of.outcome.kind.as_str()))
}

pub fn stretches<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut all: Vec<(Range<usize>, &str)> = Vec::new();
    for (n, word) in words.into_iter().enumerate() {
        match all.last_mut() {
            Some((range, last)) if *last == word => range.end = n + 1,
            _ => all.push((n..n + 1, word)),
        }
    }
    let words: Vec<String> = all.iter().map(|(range, word)| format!("{range:?} {word}")).collect();
    words.join(", ")
}

/// Which devices each request named, in the order of arrival: `"0..100, 100..200"`.
pub fn named(simulator: &Simulator) -> String {
    let requests: Vec<String> = simulator.requests().iter().map(named_by).collect();
    requests.join(", ")
}

pub fn named_by(request: &RecordedRequest) -> String {
    let numbers: Vec<usize> = request.devices.iter().map(|(uid, _)| position(uid)).collect();
    match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) if numbers.iter().copied().eq(*first..=*last) => format!("{first}..{}", last + 1),
        _ => format!("{numbers:?}"),
    }
}

/// What must hold of every run, whatever went wrong: nothing was received that was not asked for, character for
/// character; `scheduled` is claimed for nothing that was not scheduled; each device's attempts and ids are those of
/// the requests that named it, and a request that may have been applied was the last to name its devices.
pub fn check_run(simulator: &Simulator, report: &DeletionReport) {
    let requests = simulator.requests();
    let mut naming: HashMap<&str, Vec<&RecordedRequest>> = HashMap::new();
    for request in &requests {
        for (uid, name) in &request.devices {
            assert_eq!(device(position(uid)), Device::new(uid, name));
            naming.entry(uid).or_default().push(request);
        }
    }
    let scheduled: HashMap<String, String> = simulator.scheduled_devices().into_iter().collect();
    let count = simulator.scheduled_devices().len();
    assert_eq!(scheduled.len(), count, "a device was scheduled twice");
    for of in &report.devices {
        let uid = &*of.device.uid;
        let named = naming.remove(uid).unwrap_or_default();
        let kind = of.outcome.kind;
        if kind == OutcomeKind::Scheduled {
            assert!(scheduled.contains_key(uid), "{uid} is said to be scheduled");
        } else if kind != OutcomeKind::Unknown {
            assert!(!scheduled.contains_key(uid), "{uid} is scheduled and said to be {kind}");
        }
        // A request whose body never arrived names nothing in the simulator's log.
        assert!(of.attempts as usize >= named.len(), "{uid}");
        if of.attempts as usize == named.len() {
            let last = named.last().map(|request| request.request_id.as_str());
            assert_eq!(of.request_id.as_deref(), last, "{uid}: {:?}", of.outcome);
        }
    }
    assert_eq!(naming.into_keys().next(), None, "received and not asked for");
}
