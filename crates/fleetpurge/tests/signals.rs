//! Ctrl-C, SIGTERM and SIGHUP: acknowledged at once, and requests in flight are recorded; a second one ends the
//! process.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

#[cfg(target_os = "linux")]
use std::process::Command;
use std::time::Duration;

use common::{Running, Service, over_both};
use rig::{FOR_EVER_MS, Rig, until};
use serde_json::json;

over_both!(
    an_interrupt_is_said_at_once_and_what_is_in_flight_is_finished_and_recorded,
    a_second_signal_ends_at_once_and_the_ledger_is_whole,
    an_interrupt_does_not_wait_for_what_the_service_asked_to_wait_for,
    an_interrupt_before_the_first_request_sends_nothing,
    a_hangup_that_comes_twice_ends_nothing_at_once,
);
#[cfg(target_os = "linux")]
over_both!(a_signal_that_was_ignored_at_the_start_stays_ignored);

fn start(rig: &Rig) -> Running {
    Running::start(&mut rig.command())
}

/// It ends as an interrupted apply does. What it has said.
#[track_caller]
fn interrupted(running: Running) -> String {
    let (_, said) = running.exits(130);
    assert!(said.ends_with("next: fleetpurge apply devices.plan\n"), "{said}");
    said
}

const SIGNALS: [&str; 3] = ["-INT", "-TERM", "-HUP"];

fn an_interrupt_is_said_at_once_and_what_is_in_flight_is_finished_and_recorded(service: Service) {
    let batch = service.batch();
    let two = 2 * batch as u64;
    for signal in SIGNALS {
        let rig = Rig::with(service, 10 * batch, "--concurrency 2", |builder| {
            builder.latency(Duration::from_secs(2))
        });
        let mut running = start(&rig);
        rig.received(2);
        running.signal(signal);
        running.says("Interrupted: nothing more is sent");
        assert_eq!(rig.simulator.counts().in_flight, 2, "it was said while both were open");
        interrupted(running);
        let counts = rig.holds_every_promise(&[], signal);
        assert_eq!((counts["scheduled"], counts["pending"]), (two, 4 * two), "{signal}");
        assert_eq!(rig.request_count(), 2);

        rig.simulator.set_latency(Duration::ZERO);
        rig.resume(signal).exits(0);
        assert_eq!(rig.holds_every_promise(&[], signal)["scheduled"], 5 * two);
    }
}

fn a_second_signal_ends_at_once_and_the_ledger_is_whole(service: Service) {
    let batch = service.batch();
    let two = 2 * batch as u64;
    for (first, second) in [
        ("-INT", "-INT"),
        ("-TERM", "-INT"),
        ("-INT", "-TERM"),
        ("-HUP", "-INT"),
        ("-HUP", "-TERM"),
    ] {
        let rig = Rig::new(service, 10 * batch, "--concurrency 2 --timeout 3600");
        rig.faults(json!([{"when": {"request": "3-"}, "then": {"delay_reply_ms": FOR_EVER_MS}}]));
        let mut running = start(&rig);
        rig.received(4);
        running.signal(first);
        running.says("Press Ctrl-C again to stop immediately");
        running.signal(second);
        running.says("Stopped immediately");
        interrupted(running);
        let memory = rig.remember();
        assert_eq!((rig.count("scheduled"), rig.count("unknown")), (2 * batch, 2 * batch));
        rig.resume(second).exits(4);
        let counts = rig.holds_every_promise(&[memory], second);
        assert_eq!((counts["scheduled"], counts["unknown"]), (4 * two, two));
    }
}

fn an_interrupt_does_not_wait_for_what_the_service_asked_to_wait_for(service: Service) {
    let batch = service.batch();
    for signal in SIGNALS {
        let rig = Rig::new(service, 3 * batch, "");
        rig.faults(json!([{"then": {"reply": {"status": 429, "retry_after": 500}}}]));
        let running = start(&rig);
        until("a 429 is recorded", || {
            let status = rig.bench.status();
            status["attempts"].as_u64() >= Some(1) && status["pending"] == 3 * batch
        });
        running.signal(signal);
        interrupted(running);
        assert_eq!(rig.holds_every_promise(&[], signal)["pending"], 3 * batch as u64);
        rig.resume(signal).exits(0);
    }
}

fn an_interrupt_before_the_first_request_sends_nothing(service: Service) {
    let batch = service.batch();
    for signal in SIGNALS {
        let rig = Rig::new(service, 3 * batch, "");
        rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"hang": true}}]));
        let running = start(&rig);
        until("a token is asked for", || rig.simulator.counts().token_requests == 1);
        running.signal(signal);
        let said = interrupted(running);
        assert!(said.contains("This run sent nothing and deleted nothing"), "{said}");
        assert_eq!(rig.request_count(), 0);
        assert_eq!(rig.bench.files(), ["devices.csv", "devices.plan"]);
        rig.resume(signal).exits(0);
    }
}

/// A terminal that is closed: the shell says so, and then the system.
fn a_hangup_that_comes_twice_ends_nothing_at_once(service: Service) {
    let batch = service.batch() as u64;
    for first in ["-HUP", "-INT"] {
        let rig = Rig::with(service, 10 * service.batch(), "--concurrency 2", |builder| {
            builder.latency(Duration::from_secs(2))
        });
        let mut running = start(&rig);
        rig.received(2);
        running.signal(first);
        running.says("Interrupted: nothing more is sent");
        running.signal("-HUP");
        running.signal("-HUP");
        interrupted(running);
        let counts = rig.holds_every_promise(&[], first);
        assert_eq!(
            (counts["scheduled"], counts["pending"]),
            (2 * batch, 8 * batch),
            "{first}"
        );
        assert_eq!(rig.request_count(), 2);
    }
}

#[cfg(target_os = "linux")]
fn a_signal_that_was_ignored_at_the_start_stays_ignored(service: Service) {
    let batch = service.batch();
    for (ignored, sent) in [("HUP", "-HUP"), ("INT", "-INT"), ("TERM", "-TERM")] {
        let rig = Rig::with(service, 3 * batch, "--concurrency 1", |builder| {
            builder.latency(Duration::from_millis(500))
        });
        let real = rig.command();
        let mut command = Command::new("sh");
        command
            .args(["-c", &format!("trap '' {ignored}; exec \"$@\""), "sh"])
            .arg(real.get_program())
            .args(real.get_args())
            .current_dir(real.get_current_dir().unwrap());
        for (name, value) in real.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let running = Running::start(&mut command);
        rig.received(1);
        running.signal(sent);
        running.signal(sent);
        let (_, said) = running.exits(0);
        assert!(!said.contains("Interrupted"), "{ignored}: {said}");
        assert_eq!(rig.holds_every_promise(&[], ignored)["scheduled"], 3 * batch as u64);
    }
}
