//! Ten thousand requests over connections that the service closes at random.
//!
//! Where the end of a connection comes together with a reply, it is known before the next request: such a request is
//! made anew, and nothing is left open. A service that closes while a request is under way leaves the request open,
//! whether it has read it or not: no client of HTTP/1.1 can know.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::raw::Request;
use nexthink_data_management::{BulkOptions, Client, Endpoints, OutcomeKind};
use serde_json::json;
use support::*;

/// How often each device's request was read, whole.
type Reads = Arc<Mutex<HashMap<usize, u32>>>;

/// Serves one connection as long as luck has it.
fn serve(mut stream: TcpStream, read: &Reads) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let body = loop {
            if let Some(body) = whole(&bytes) {
                break body;
            }
            match stream.read(&mut chunk).ok()? {
                0 => return None,
                n => bytes.extend_from_slice(&chunk[..n]),
            }
        };
        bytes.clear();
        let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let n = position(asked["devices"][0]["uid"].as_str().unwrap());
        let times = {
            let mut read = read.lock().unwrap();
            let times = read.entry(n).or_default();
            *times += 1;
            *times
        };
        let luck = luck_of(n, times);
        // Read, and not answered.
        if luck < 1 {
            return None;
        }
        // The reply and the end of the connection in one packet.
        let last = luck < 30;
        if last {
            rustix::net::sockopt::set_tcp_cork(&stream, true).ok()?;
        }
        let head = String::new();
        stream.write_all(Request { head, body }.accepted().as_bytes()).ok()?;
        if last {
            stream.shutdown(Shutdown::Both).ok()?;
            return None;
        }
    }
}

/// From 0 to 99, the same in every run.
fn luck_of(n: usize, times: u32) -> u64 {
    let mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(times) << 7;
    (mixed >> 33) % 100
}

/// The body of a request that has come to its last byte.
fn whole(bytes: &[u8]) -> Option<Vec<u8>> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length: usize = Request { head, body: Vec::new() }.headers("content-length")[0]
        .parse()
        .unwrap();
    (bytes.len() >= end + length).then(|| bytes[end..end + length].to_vec())
}

fn one_by_one(url: &str) -> Client {
    let builder = with_token(Endpoints::at(url, None).unwrap());
    builder.batch_limit(1.try_into().unwrap()).build().unwrap()
}

/// As many ambiguous answers as there may be.
fn patient(concurrency: usize) -> BulkOptions {
    let mut options = options(concurrency);
    options.policy.ambiguous_in_a_row = u32::MAX;
    options
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_repeat_nothing_and_leave_open_only_what_the_service_has_read() {
    for concurrency in [1, 16] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let read = Reads::default();
        let all = Arc::clone(&read);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, read) = (stream.unwrap(), Arc::clone(&all));
                std::thread::spawn(move || serve(stream, &read));
            }
        });
        let report = one_by_one(&url).delete_all(devices(5_000), &patient(concurrency)).await;
        assert!(report.stopped.is_none(), "{:?}", report.stopped);
        let read = read.lock().unwrap();
        for of in &report.devices {
            let n = position(&of.device.uid);
            let times = read.get(&n).copied().unwrap_or_default();
            assert_eq!(times, 1, "device {n} was read so often, and is {}", of.outcome.kind);
            let expected = if luck_of(n, 1) < 1 {
                OutcomeKind::Unknown
            } else {
                OutcomeKind::Scheduled
            };
            assert_eq!(of.outcome.kind, expected, "device {n}: {:?}", of.outcome);
        }
        assert!(report.count(OutcomeKind::Unknown) > 10);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_closes_just_after_its_replies_repeats_nothing() {
    // Between reply and close there is time for a request: it may be left open, and is not sent again.
    let rules = json!([{"when": {"probability": 0.3}, "then": {"close_idle": true}}]);
    let simulator = start(Simulator::builder().faults(script(rules))).await;
    let report = one_by_one(simulator.url())
        .delete_all(devices(5_000), &patient(16))
        .await;
    assert!(report.stopped.is_none(), "{:?}", report.stopped);
    check_run(&simulator, &report);
    assert_eq!(simulator.counts().duplicates, 0);
    let settled = report.count(OutcomeKind::Scheduled) + report.count(OutcomeKind::Unknown);
    assert_eq!(settled, 5_000);
    assert_eq!(
        report.count(OutcomeKind::Scheduled),
        simulator.scheduled_devices().len()
    );
}
