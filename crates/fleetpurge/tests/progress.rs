//! Progress without a terminal: a line from time to time, in words.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod account;
mod common;

use account::AccountBench;
use common::{Service, ended};
use fleetpurge_simulator::UbidotsDevice;

/// Enough that each of these takes longer than the pause between two lines, which is a millisecond here.
const DEVICES: usize = 700;

fn bench() -> AccountBench {
    let service = Service::Ubidots;
    let devices = service.devices(DEVICES);
    let bench = AccountBench::with(
        devices
            .iter()
            .map(|(id, label)| UbidotsDevice::new(id, label))
            .collect(),
    );
    bench.bench.file("list.csv", service.csv(&devices));
    bench.bench.file("long.csv", service.csv(&service.devices(9_000)));
    bench.plan("list.csv").exits(0);
    bench
}

#[test]
fn every_long_command_writes_its_progress_to_a_log() {
    let bench = bench();
    let url = bench.simulator.url();
    let apply = format!(
        "apply devices.plan --rate 20 --limit 600 --confirm {}/600",
        url.split_once("://").map_or("", |(_, tenant)| tenant)
    );
    let plan = format!("plan long.csv --out long.plan --service ubidots --base-url {url}");
    let select = format!("select --service ubidots --all --base-url {url} --rate 20 --out all.csv");
    let labels = format!("plan labels.csv --out labels.plan --service ubidots --base-url {url}");
    bench.bench.file("labels.csv", "label\npump-1\npump-2\n");
    let table: [(&str, &str); 7] = [
        (&plan, " rows read in 0 s"),
        (&select, " devices listed in 0 s"),
        (&labels, " devices listed in 0 s"),
        ("backup devices.plan --rate 10000", " of 700 devices ("),
        (&apply, " of 600 devices ("),
        ("verify devices.plan --live --rate 10000", " devices"),
        ("verify devices.plan --inventory long.csv", " rows read"),
    ];
    for (line, part) in table {
        let mut command = bench.bench.command(line);
        Service::Ubidots
            .credentials(&mut command)
            .env("FLEETPURGE_TEST_TELL_EVERY_MS", "1");
        let ended = ended(&mut command);
        let told: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|line| line.starts_with("progress: "))
            .collect();
        assert!(told.iter().any(|told| told.contains(part)), "{line}: {}", ended.stderr);
        assert!(!ended.stderr.contains(['\u{1b}', '\r']), "{line}: {:?}", ended.stderr);
        assert!(!ended.stdout.contains("progress: "), "{line}: {}", ended.stdout);
        // Whether `verify` finds devices depends on how far the service has come.
        assert!(matches!(ended.code, 0 | 3 | 5), "{line}: {}", ended.stderr);
    }
}
