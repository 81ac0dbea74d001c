//! Unusual replies, a process that was stopped while replies arrived, proxies that must not be used, and the service's
//! error messages, through the command.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::net::TcpListener;
use std::process::Command;

use base64::Engine as _;
use common::{Service, ended, over_both};
use fleetpurge_simulator::UbidotsDevice;
use rig::Rig;
use serde_json::{Value, json};

over_both!(
    a_reply_with_a_mark_or_packed_is_read,
    loopback_is_asked_directly_whatever_proxy_the_environment_names,
    the_message_of_a_refusal_is_in_the_report_and_on_stderr,
    the_message_of_the_token_endpoint_is_on_stderr,
);

fn base64(bytes: &[u8]) -> String {
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// What the service answers to one request for all devices.
fn accepted(rig: &Rig) -> String {
    match rig.service {
        Service::Nexthink => {
            let entries: Vec<Value> = rig
                .devices
                .iter()
                .map(|(uid, name)| json!({"uid": uid, "name": name, "status": "SCHEDULED"}))
                .collect();
            json!({"status": "ACCEPTED", "scheduledCount": entries.len(), "devices": entries}).to_string()
        }
        Service::Ubidots => json!({"task": {"id": "t1"}}).to_string(),
    }
}

fn a_reply_with_a_mark_or_packed_is_read(service: Service) {
    for is_packed in [false, true] {
        let rig = Rig::new(service, 40, "");
        let mut body = format!("\u{feff}{}", accepted(&rig)).into_bytes();
        let mut reply = json!({"status": 202});
        if is_packed {
            body = gzip(&body);
            reply["headers"] = json!({"content-encoding": "gzip"});
        }
        reply["base64"] = json!(base64(&body));
        rig.faults(json!([{"then": {"applied": true, "reply": reply}}]));
        rig.apply().exits(0);
        let counts = rig.holds_every_promise(&[], "packed");
        assert_eq!((counts["scheduled"], rig.request_count()), (40, 1));
        assert_eq!(rig.bench.status()["anomalies"], 0);
    }
}

#[test]
fn one_odd_value_of_nexthink_costs_its_own_device_and_no_other() {
    let table = [
        ("a count that is text", json!({"scheduled_count": "100"}), 0, 1),
        (
            "a count with a fraction",
            json!({"set_reply": {"scheduledCount": 100.0}}),
            0,
            1,
        ),
        (
            "a count beyond 32 bits",
            json!({"scheduled_count": 9_999_999_999_u64}),
            0,
            1,
        ),
        (
            "a name that is a number",
            json!({"set": {"of": 41, "fields": {"name": 41}}}),
            1,
            2,
        ),
        (
            "a status that is a number",
            json!({"set_status": {"of": 41, "status": 1}}),
            1,
            2,
        ),
        (
            "a uid that is a number",
            json!({"set": {"of": 41, "fields": {"uid": 41}}}),
            1,
            3,
        ),
        ("an entry that is null", json!({"add": null}), 0, 1),
    ];
    for (name, edit, unknown, anomalies) in table {
        let rig = Rig::new(Service::Nexthink, 100, "");
        rig.faults(json!([{"then": {"edit": [edit]}}]));
        let ended = rig.apply();
        assert_eq!(ended.code, if unknown == 0 { 0 } else { 4 }, "{name}: {}", ended.stderr);
        let counts = rig.holds_every_promise(&[], name);
        assert_eq!(
            (counts["scheduled"], counts["unknown"]),
            (100 - unknown, unknown),
            "{name}"
        );
        if unknown == 1 {
            assert_eq!(rig.report()[41]["outcome"], "unknown", "{name}");
        }
        let found = rig.bench.status()["anomalies"].as_u64().unwrap();
        assert!((1..=anomalies).contains(&found), "{name}: {found}");
        assert_eq!(rig.request_count(), 1, "{name}");
    }
}

#[test]
fn a_task_id_of_ubidots_that_is_a_number_is_kept_as_it_was_written() {
    let rig = Rig::new(Service::Ubidots, 3, "");
    let body = base64(br#"{"task":{"id":12345678901234567890123}}"#);
    rig.faults(json!([{"then": {"applied": true, "reply": {"status": 200, "base64": body}}}]));
    rig.apply().exits(0);
    assert_eq!(rig.report()[0]["detail"], "task 12345678901234567890123");
    assert_eq!(rig.bench.status()["anomalies"], 1);
}

/// A token whose life is told as text is a token.
#[test]
fn a_token_of_nexthink_whose_life_is_text_is_used() {
    let rig = Rig::with(Service::Nexthink, 3, "", |builder| builder.static_token("t0ken"));
    let body = json!({"access_token": "t0ken", "token_type": "bearer", "expires_in": "900"});
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"reply": {"status": 200, "json": body}}}]));
    rig.apply().exits(0);
    assert_eq!(rig.simulator.counts().token_requests, 1);
}

const VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
];

fn behind_proxies<'a>(command: &'a mut Command, proxy: &str) -> &'a mut Command {
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        command.env_remove(name);
    }
    command.envs(VARIABLES.map(|name| (name, proxy)))
}

fn loopback_is_asked_directly_whatever_proxy_the_environment_names(service: Service) {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://user:password@{}", proxy.local_addr().unwrap());
    let rig = Rig::new(service, 3, "");
    ended(behind_proxies(&mut rig.command(), &url)).exits(0);
    assert_eq!(rig.holds_every_promise(&[], "proxied")["scheduled"], 3);
    assert_eq!(
        rig.simulator.counts().token_requests,
        1,
        "the token was asked for directly, too"
    );
    assert!(proxy.accept().is_err(), "the proxy was asked");
}

#[test]
fn loopback_is_read_directly_whatever_proxy_the_environment_names() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let rig = listed("");
    let mut command = rig.bench.command(&select(&rig));
    ended(behind_proxies(Service::Ubidots.credentials(&mut command), &url)).exits(0);
    assert!(proxy.accept().is_err(), "the proxy was asked");
}

/// An account of Ubidots with three devices.
fn listed(flags: &str) -> Rig {
    Rig::unplanned(Service::Ubidots, flags, |builder| {
        builder.ubidots_devices((1..=3).map(|n| UbidotsDevice::new(Service::Ubidots.uid(n), format!("lab-{n}"))))
    })
}

fn select(rig: &Rig) -> String {
    format!(
        "select --service ubidots --base-url {} --label-prefix lab",
        rig.simulator.url()
    )
}

/// 200 characters and more, of which some must not reach a terminal as they are.
const MESSAGE: &str = "Feature \u{202e}off\u{1b}[2J\nfor this tenant.";
const SHOWN: &str = "Feature \\u{202e}off\\u{1b}[2J for this tenant.";

fn the_message_of_a_refusal_is_in_the_report_and_on_stderr(service: Service) {
    let batch = service.batch();
    for status in [403, 500, 400] {
        let rig = Rig::new(service, batch, "--concurrency 1");
        let body = json!({"code": "SOME_CODE", "message": format!("{MESSAGE} {}", "x".repeat(500))});
        rig.faults(json!([{"then": {"reply": {"status": status, "json": body}}}]));
        let ended = rig.apply();
        assert_eq!(
            ended.code,
            if status == 500 { 4 } else { 5 },
            "{status}: {}",
            ended.stderr
        );
        let row = &rig.report()[0];
        let detail = row["detail"].as_str().unwrap();
        assert!(detail.contains(&format!("it says \"{SHOWN} xxx")), "{status}: {detail}");
        assert!(detail.ends_with(&format!("{}\"", "x".repeat(50))), "{status}: {detail}");
        assert!(detail.chars().count() < 350, "{status}: {detail}");
        if status != 500 {
            assert!(ended.stderr.contains(SHOWN), "{status}: {}", ended.stderr);
        }
        for text in [detail, &ended.stderr] {
            assert!(!text.contains(['\u{202e}', '\u{1b}']), "{status}: {text}");
        }
    }
    // A page is no message.
    let rig = Rig::new(service, batch, "--concurrency 1");
    rig.faults(json!([{"then": {"reply": {"status": 403, "html": "<h1>message</h1>"}}}]));
    let ended = rig.apply();
    assert!(!ended.stderr.contains("message"), "{}", ended.stderr);
}

fn the_message_of_the_token_endpoint_is_on_stderr(service: Service) {
    let rig = Rig::new(service, 3, "");
    let (id_and_secret, secret) = match service {
        Service::Nexthink => ("aWQ6c2VjcmV0", "secret"),
        Service::Ubidots => ("key", "key"),
    };
    let told = format!("No such app. Got {secret} in {id_and_secret}.");
    let body = match service {
        Service::Nexthink => json!({"error": "invalid_client", "error_description": told}),
        Service::Ubidots => json!({"code": 401_001, "message": told}),
    };
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"reply": {"status": 401, "json": body}}}]));
    let ended = rig.apply();
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let expected = "it says \"No such app. Got [secret] in [secret].\"";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

/// A process that is stopped for longer than its requests may take, while their replies come.
#[cfg(unix)]
mod stopped {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;
    use crate::rig::until;

    over_both!(
        replies_that_came_meanwhile_are_read_and_nothing_is_sent_twice,
        a_token_that_came_meanwhile_is_used,
    );

    /// Longer than the one second of `--timeout 1`.
    const STOPPED: Duration = Duration::from_millis(2_500);

    /// Stops the process, lets the service answer and more time pass than a request may take, and wakes it.
    fn stop(rig: &Rig, child: &Child) {
        common::signal(child.id(), "-STOP");
        let began = Instant::now();
        until("the service has answered", || rig.simulator.counts().in_flight == 0);
        std::thread::sleep(STOPPED.saturating_sub(began.elapsed()));
        common::signal(child.id(), "-CONT");
    }

    fn exit(child: Child) -> (Option<i32>, String) {
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    }

    fn start(command: &mut Command) -> Child {
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn replies_that_came_meanwhile_are_read_and_nothing_is_sent_twice(service: Service) {
        let batch = service.batch();
        let rig = Rig::new(service, 4 * batch, "--concurrency 4 --timeout 1");
        rig.faults(json!([{"then": {"delay_reply_ms": 500}}]));
        let child = start(&mut rig.command());
        rig.received(4);
        stop(&rig, &child);
        let (code, stderr) = exit(child);
        assert_eq!(code, Some(0), "{stderr}");
        let counts = rig.holds_every_promise(&[], "stopped");
        assert_eq!((counts["scheduled"], counts["unknown"]), (4 * batch as u64, 0));
        assert_eq!(rig.request_count(), 4);
    }

    fn a_token_that_came_meanwhile_is_used(service: Service) {
        let rig = Rig::new(service, 3, "--timeout 1");
        rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"delay_reply_ms": 500}}]));
        let child = start(&mut rig.command());
        until("a token is asked for", || rig.simulator.counts().token_requests == 1);
        stop(&rig, &child);
        let (code, stderr) = exit(child);
        assert_eq!(code, Some(0), "{stderr}");
        assert_eq!((rig.simulator.counts().token_requests, rig.request_count()), (1, 1));
    }

    #[test]
    fn a_list_that_came_meanwhile_is_read() {
        let rig = listed("");
        rig.faults(json!([{"when": {"endpoint": "reads"}, "then": {"delay_reply_ms": 500}}]));
        let mut command = rig.bench.command(&format!("{} --timeout 1", select(&rig)));
        let child = start(Service::Ubidots.credentials(&mut command));
        until("a list is asked for", || rig.simulator.reads().len() == 1);
        stop(&rig, &child);
        let (code, stderr) = exit(child);
        assert_eq!((code, rig.simulator.reads().len()), (Some(0), 1), "{stderr}");
    }
}
