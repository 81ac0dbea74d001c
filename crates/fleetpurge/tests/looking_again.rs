//! `verify --live` reads the account, again if it is told to wait, and keeps what it finds in the plan.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use common::{Running, Service, each};
use fleetpurge_simulator::{PageTraps, UbidotsDevice};
use rig::{Rig, until};
use serde_json::json;

/// Five devices that the service has promised to delete and has not.
fn promised() -> Rig {
    promised_among(5, 5)
}

/// So many devices that the service has promised to delete and has not, in an account of so many.
fn promised_among(count: usize, all: usize) -> Rig {
    let service = Service::Ubidots;
    let account = service.devices(all).into_iter();
    let account: Vec<_> = account.map(|(id, label)| UbidotsDevice::new(id, label)).collect();
    let rig = Rig::with(service, count, "", |builder| builder.ubidots_devices(account));
    rig.faults(json!([
        {"then": {"applied": false, "reply": {"status": 202, "json": {"task": {"id": "t"}}}}}
    ]));
    rig.apply().exits(0);
    rig.no_faults();
    rig
}

fn start(rig: &Rig, line: &str) -> Running {
    let mut command = rig.bench.command(line);
    rig.service.credentials(&mut command);
    Running::start(&mut command)
}

const LIVE: &str = "verify devices.plan --live --rate 10000";

fn verifications(rig: &Rig) -> Vec<String> {
    let text = rig.run("report devices.plan").exits(0).stdout;
    let told = text.lines().filter(|line| line.contains("looked for"));
    told.map(|line| line.rsplit_once(": ").unwrap().1.to_owned()).collect()
}

#[test]
fn the_account_is_kept_as_evidence_too_and_a_device_comes_back_in_it() {
    let rig = promised();
    rig.bench
        .file("fresh.csv", rig.service.csv(&rig.service.devices(6)[5..]));
    rig.run("verify devices.plan --inventory fresh.csv --allow-no-overlap")
        .exits(0);
    let live = rig
        .run(LIVE)
        .exits(3)
        .says(&["5 devices are still there. 5 devices came back"]);
    assert!(live.stdout.contains("came back           5"), "{}", live.stdout);
    assert!(live.stdout.contains("kept as     verification 2"), "{}", live.stdout);
    let rows = rig.run("report devices.plan --format ndjson").stdout;
    assert_eq!(each(&rows, "verified_in"), [0; 5].map(|_| json!(rig.tenant())));
    let text = rig.run("report devices.plan").stdout;
    assert!(
        text.contains(&format!("with the account {}: 5 looked for", rig.tenant())),
        "{text}"
    );
}

#[test]
fn it_looks_again_until_all_are_gone() {
    let rig = promised();
    let mut running = start(&rig, &format!("{LIVE} --wait 10m --every 5ms --format ndjson"));
    running.says("0 of 5 devices are gone, 5 still there. The next look is at ");
    for (id, _) in &rig.devices[..2] {
        assert!(rig.simulator.remove_ubidots_device(id));
    }
    running.says("2 of 5 devices are gone, 3 still there. The next look is at ");
    for (id, _) in &rig.devices[2..] {
        assert!(rig.simulator.remove_ubidots_device(id));
    }
    let (stdout, _) = running.exits(0);
    // Only the last look is the result.
    assert_eq!(each(&stdout, "found"), [0; 5].map(|_| json!("gone")));
    let kept = verifications(&rig);
    assert!(kept.len() >= 3, "{kept:?}");
    assert_eq!(kept.last().unwrap(), "5 looked for, 5 gone, 0 still there");
}

#[test]
fn when_the_time_is_up_the_result_is_that_of_the_last_look() {
    let rig = promised();
    let ended = rig.run(&format!("{LIVE} --wait 200ms --every 1ms")).exits(3);
    let ended = ended.says(&["The time to wait is up"]);
    assert_eq!(ended.stdout.matches("looked for").count(), 1, "{}", ended.stdout);
    assert_eq!(ended.next(), "fleetpurge report devices.plan");
    // However many looks there was time for, each is kept.
    let looks = ended.stderr.matches("The next look is at").count() + 1;
    let kept = format!("kept as     verification {looks} of this plan");
    assert!(ended.stdout.contains(&kept), "{kept}: {}", ended.stdout);
}

#[test]
fn a_look_that_fails_after_one_that_did_not_is_told_and_repeated() {
    let rig = promised();
    let mut running = start(&rig, &format!("{LIVE} --wait 10m --every 5ms"));
    running.says("The next look is at ");
    rig.faults(json!([{"when": {"endpoint": "reads"}, "then": {"reply": {"status": 500}}}]));
    running.says("error: ");
    rig.no_faults();
    for (id, _) in &rig.devices {
        assert!(rig.simulator.remove_ubidots_device(id));
    }
    let (stdout, _) = running.exits(0);
    assert!(stdout.contains("gone                5"), "{stdout}");
    // The first look must not fail.
    let rig = promised();
    rig.faults(json!([{"when": {"endpoint": "reads"}, "then": {"reply": {"status": 401}}}]));
    rig.run(&format!("{LIVE} --wait 10m --every 5ms")).exits(1);
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_at_once_and_what_was_found_is_kept() {
    let rig = promised();
    assert!(rig.simulator.remove_ubidots_device(&rig.devices[0].0));
    let mut running = start(&rig, &format!("{LIVE} --wait 24h --every 1h"));
    running.says("1 of 5 devices are gone, 4 still there. The next look is at ");
    running.signal("-INT");
    let (stdout, stderr) = running.exits(130);
    assert!(stdout.contains("still there         4"), "{stdout}");
    assert!(
        stderr
            .trim_end()
            .ends_with(&format!("next: fleetpurge {LIVE} --wait 24h --every 1h")),
        "{stderr}"
    );
    assert_eq!(verifications(&rig), ["5 looked for, 1 gone, 4 still there"]);
    assert_eq!(rig.bench.files(), ["devices.csv", "devices.plan"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_look_keeps_the_devices_that_it_reached() {
    let rig = promised_among(8, 40);
    // So many pages that each device is asked for by its id, four at a time. The sixth read begins when the answer for a
    // device was taken, and is never answered.
    let hangs = rig.simulator.counts().reads + 6;
    rig.simulator.set_page_traps(PageTraps::new().page_size_max(1));
    rig.faults(json!([
        {"when": {"endpoint": "reads", "request": format!("{hangs}-")}, "then": {"hang": true}}
    ]));
    let running = start(&rig, LIVE);
    until("the read that hangs", || rig.simulator.counts().reads >= hangs);
    running.signal("-INT");
    let (stdout, _) = running.exits(130);
    assert!(stdout.contains("interrupted before all devices"), "{stdout}");
    let kept = verifications(&rig);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0].starts_with("8 looked for, 0 gone, "), "{kept:?}");
    assert!(kept[0].ends_with(" not reached before it was interrupted"), "{kept:?}");
    // A first page, and what follows of it, is never reached: nothing was found, and nothing is kept.
    let rig = promised();
    let hangs = rig.simulator.counts().reads + 1;
    rig.faults(json!([
        {"when": {"endpoint": "reads", "request": format!("{hangs}-")}, "then": {"hang": true}}
    ]));
    let running = start(&rig, LIVE);
    until("the read that hangs", || rig.simulator.counts().reads >= hangs);
    running.signal("-INT");
    let (stdout, _) = running.exits(130);
    assert_eq!(stdout, "");
    assert_eq!(verifications(&rig), [""; 0]);
}
