//! What the tests of the facade have in common: ids, clients, the simulator with a fault script, and what it got.
#![allow(dead_code, unreachable_pub, reason = "every test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

pub mod lists;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::time::Duration;

use fleetpurge_simulator::{Builder, FaultScript, PageTraps, RecordedRequest, Simulator, UbidotsDevice};
use serde_json::{Value, json};
use ubidots_devices::{
    Account, Applied, Assumptions, BulkOptions, Client, ClientBuilder, Credentials, DeletionReport, DeviceId,
    DeviceKey, Error, ErrorKind, Policy, Rate,
};

/// A token that the simulator takes for ever.
pub const TOKEN: &str = "test-token";
/// The account's API key.
pub const KEY: &str = "test-api-key";
/// The one path that deletes.
pub const BULK_DELETE: &str = "/api/v2.0/devices/_/bulk/delete/";

pub fn id(n: usize) -> DeviceId {
    DeviceId::new(format!("6e309da44fc8455a{n:08x}")).unwrap()
}

pub fn ids(range: Range<usize>) -> Vec<DeviceId> {
    range.map(id).collect()
}

pub fn keys(range: Range<usize>) -> Vec<DeviceKey> {
    range.map(|n| id(n).into()).collect()
}

pub fn key(text: &str) -> DeviceKey {
    text.parse().unwrap()
}

/// The number that [`id`] was given.
pub fn position(id: &str) -> usize {
    usize::from_str_radix(id.strip_prefix("6e309da44fc8455a").unwrap(), 16).unwrap()
}

/// So many devices of an account, each created a second after the one before: `lab-0`, `lab-1` ...
pub fn fleet(count: usize) -> Vec<UbidotsDevice> {
    let created = |n: usize| 1_577_836_800_000 + 1_000 * i64::try_from(n).unwrap();
    let device = |n: usize| UbidotsDevice::new(id(n).as_str(), format!("lab-{n}")).created_at(created(n));
    (0..count).map(device).collect()
}

pub fn script(rules: Value) -> FaultScript {
    FaultScript::from_value(json!({"seed": 7, "rules": rules})).unwrap()
}

/// A rule for requests that only read.
pub fn reads(request: Value, then: Value) -> Value {
    json!({"when": {"endpoint": "reads", "request": request}, "then": then})
}

/// A rule for requests for a token.
pub fn tokens(request: Value, then: Value) -> Value {
    json!({"when": {"endpoint": "token", "request": request}, "then": then})
}

/// A simulator with these rules.
pub async fn faulty(rules: Value) -> Simulator {
    start(Simulator::builder().faults(script(rules))).await
}

/// A simulator with these devices, and lists that mislead like this.
pub async fn trapped(devices: Vec<UbidotsDevice>, traps: PageTraps) -> Simulator {
    start(Simulator::builder().ubidots_devices(devices).page_traps(traps)).await
}

/// A simulator that takes [`TOKEN`], and [`KEY`] for other tokens.
pub async fn start(builder: Builder) -> Simulator {
    builder.static_token(TOKEN).api_key(KEY).start().await.unwrap()
}

/// A client with a token of its own.
pub fn client(simulator: &Simulator) -> Client {
    with_token(simulator.url()).build().unwrap()
}

/// A client that has its tokens for the API key.
pub fn with_key(simulator: &Simulator) -> Client {
    let account = Account::at(simulator.url()).unwrap();
    let builder = Client::builder(account, Credentials::api_key(KEY));
    builder.read_rate(Rate::MOST).build().unwrap()
}

pub fn with_token(url: &str) -> ClientBuilder {
    Client::builder(Account::at(url).unwrap(), Credentials::token(TOKEN)).read_rate(Rate::MOST)
}

/// A client that believes this of the service.
pub fn believing(simulator: &Simulator, believe: impl FnOnce(&mut Assumptions)) -> Client {
    let mut assumptions = Assumptions::default();
    believe(&mut assumptions);
    with_token(simulator.url()).assumptions(assumptions).build().unwrap()
}

/// The error of a deletion that leaves it open whether the service has acted.
pub fn assert_open(error: &Error, kind: ErrorKind, said: &str) {
    assert_eq!(
        (error.kind(), error.applied()),
        (kind, Applied::Maybe),
        "{said}: {error:?}"
    );
}

/// The error of a deletion on which the service has certainly not acted.
pub fn assert_sure(error: &Error, kind: ErrorKind, said: &str) {
    assert_eq!(
        (error.kind(), error.applied()),
        (kind, Applied::No),
        "{said}: {error:?}"
    );
}

/// One request at a time unless told otherwise, and the contract's waits in milliseconds instead of seconds.
pub fn options(concurrency: usize) -> BulkOptions {
    let mut options = BulkOptions::default();
    options.concurrency = NonZeroUsize::new(concurrency);
    options.policy = Policy::default()
        .unreached_for(Duration::from_millis(300))
        .backoff_base(Duration::from_millis(1))
        .pause_base(Duration::from_millis(1))
        .backoff_cap(Duration::from_millis(5));
    options
}

/// A run over so many devices, one request at a time.
pub async fn run(client: &Client, count: usize) -> DeletionReport {
    let report = client.delete_all(ids(0..count), &options(1)).await;
    let order: Vec<usize> = report.devices.iter().map(|of| position(of.device.as_str())).collect();
    let asked: Vec<usize> = (0..count).collect();
    assert_eq!(order, asked, "one outcome a device, in the order of the input");
    report
}

/// The outcome of each device, as stretches: `"0..300 scheduled, 300..500 pending"`.
pub fn outcomes(report: &DeletionReport) -> String {
    let mut all: Vec<(Range<usize>, &str)> = Vec::new();
    for (n, of) in report.devices.iter().enumerate() {
        let word = of.outcome.kind.as_str();
        match all.last_mut() {
            Some((range, last)) if *last == word => range.end = n + 1,
            _ => all.push((n..n + 1, word)),
        }
    }
    let words: Vec<String> = all.iter().map(|(range, word)| format!("{range:?} {word}")).collect();
    words.join(", ")
}

/// Which devices each deletion named, in the order of arrival: `"0..300, 300..500"`.
pub fn named(simulator: &Simulator) -> String {
    let requests: Vec<String> = simulator.requests().iter().map(named_by).collect();
    requests.join(", ")
}

fn named_by(request: &RecordedRequest) -> String {
    let ids: Vec<String> = serde_json::from_slice(&request.body).unwrap();
    let numbers: Vec<usize> = ids.iter().map(|id| position(id)).collect();
    match (numbers.first(), numbers.last()) {
        (Some(first), Some(last)) if numbers.iter().copied().eq(*first..=*last) => format!("{first}..{}", last + 1),
        _ => format!("{numbers:?}"),
    }
}

/// The path and query of each request that read, in the order of arrival.
pub fn read(simulator: &Simulator) -> Vec<String> {
    let target = |request: &RecordedRequest| {
        assert_eq!(request.method, "GET");
        request.uri.to_string()
    };
    simulator.reads().iter().map(target).collect()
}

/// The value of a parameter in each request that read.
pub fn asked(simulator: &Simulator, parameter: &str) -> Vec<Option<String>> {
    let value = |target: &String| {
        let query = target.split_once('?')?.1;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(name, _)| *name == parameter)
            .map(|(_, value)| value.to_owned())
    };
    read(simulator).iter().map(value).collect()
}

/// The pages that were asked for, in the order of arrival.
pub fn pages(simulator: &Simulator) -> String {
    let pages: Vec<String> = asked(simulator, "page")
        .into_iter()
        .map(Option::unwrap_or_default)
        .collect();
    pages.join(" ")
}
