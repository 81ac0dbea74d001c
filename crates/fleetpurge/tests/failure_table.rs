//! What each kind of failure comes to, through the command: the exit code, the outcome of every device, and what the
//! service was asked, request by request.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::collections::HashMap;

use common::{Ended, devices, uid};
use rig::Rig;
use serde_json::{Value, json};

/// A fault, and what it must come to. Batches go out one after the other.
struct Case<'a> {
    name: &'a str,
    devices: usize,
    faults: Value,
    exit: i32,
    /// All outcomes that occur, and how often.
    outcomes: &'a [(&'a str, u64)],
    /// How many devices each request named.
    requests: &'a [usize],
}

impl Case<'_> {
    fn holds(&self) -> (Rig, Ended) {
        let rig = Rig::new(devices(self.devices), "--concurrency 1 --timeout 1");
        rig.faults(self.faults.clone());
        let ended = rig.apply();
        let counts = rig.holds_every_promise(&[], self.name);
        let requests: Vec<usize> = rig.requests().iter().map(Vec::len).collect();
        let expected: HashMap<&str, u64> = self.outcomes.iter().copied().collect();
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

fn at(request: u64, then: Value) -> Value {
    let mut rule = json!({"when": {"request": request}});
    rule["then"] = then;
    Value::Array(vec![rule])
}

fn reply(status: u16) -> Value {
    json!({"reply": {"status": status}})
}

#[test]
fn what_was_surely_not_applied_is_sent_again() {
    let refused = [
        ("401", json!({"unauthorized": true})),
        ("408", json!({"reply": {"status": 408}})),
        ("429", json!({"reply": {"status": 429, "retry_after": 0}})),
        (
            "429 with a date in the past",
            json!({"reply": {"status": 429, "retry_after": {"date_in_seconds": -60}}}),
        ),
        ("429 that names no time", json!({"reply": {"status": 429}})),
        (
            "503 with Retry-After",
            json!({"reply": {"status": 503, "retry_after": 1}}),
        ),
    ];
    for (name, then) in refused {
        let (rig, _) = Case {
            name,
            devices: 250,
            faults: at(2, then),
            exit: 0,
            outcomes: &[("scheduled", 250)],
            requests: &[100, 100, 100, 50],
        }
        .holds();
        let requests = rig.requests();
        assert_eq!(requests[1], requests[2], "{name}: the same devices, and no others");
        let report = rig.report();
        assert_eq!(
            (&report[99]["attempts"], &report[100]["attempts"]),
            (&json!(1), &json!(2)),
            "{name}"
        );
    }
}

#[test]
fn a_token_that_is_refused_twice_stops_the_run_and_everything_stays_pending() {
    let (rig, _) = Case {
        name: "401 and again 401",
        devices: 150,
        faults: json!([{"then": {"unauthorized": true}}]),
        exit: 5,
        outcomes: &[("pending", 150)],
        requests: &[100, 100],
    }
    .holds();
    assert_eq!(rig.simulator.counts().token_requests, 2, "one refresh");
}

#[test]
fn a_wait_longer_than_max_wait_stops_the_run() {
    let (_, ended) = Case {
        name: "429 for 601 s",
        devices: 250,
        faults: at(2, json!({"reply": {"status": 429, "retry_after": 601}})),
        exit: 5,
        outcomes: &[("scheduled", 100), ("pending", 150)],
        requests: &[100, 100],
    }
    .holds();
    ended.says(&["601"]);
}

#[test]
fn a_batch_that_is_too_large_is_halved_and_the_lower_limit_remembered() {
    Case {
        name: "BATCH_SIZE_EXCEEDED above 30",
        devices: 150,
        faults: json!([{"then": {"batch_limit": 30}}]),
        exit: 0,
        outcomes: &[("scheduled", 150)],
        requests: &[100, 50, 25, 25, 25, 25, 25, 25],
    }
    .holds();
    Case {
        name: "413 whatever its size",
        devices: 1,
        faults: json!([{"then": {"reply": {"status": 413}}}]),
        exit: 3,
        outcomes: &[("rejected", 1)],
        requests: &[1],
    }
    .holds();
}

#[test]
fn a_poisoned_device_is_found_and_rejected_alone() {
    let (rig, _) = Case {
        name: "one poisoned among eight",
        devices: 8,
        faults: json!([{"then": {"poison": uid(3)}}]),
        exit: 3,
        outcomes: &[("scheduled", 7), ("rejected", 1)],
        requests: &[8, 4, 2, 2, 1, 1, 4],
    }
    .holds();
    let row = &rig.report()[2];
    assert_eq!(
        (&row["outcome"], &row["code"]),
        (&json!("rejected"), &json!("INVALID_REQUEST"))
    );

    // A person may try those that were rejected, and only those.
    rig.no_faults();
    rig.apply_with(1, "--retry rejected").exits(0);
    assert_eq!(rig.requests().last().unwrap(), &devices(3)[2..]);
}

#[test]
fn a_service_that_refuses_everything_stops_the_run_with_nothing_rejected() {
    let rig = Rig::new(devices(300), "--concurrency 1");
    rig.faults(json!([{"then": {"refuse_everything": true}}]));
    rig.apply().exits(5);
    let counts = rig.holds_every_promise(&[], "refuses everything");
    assert_eq!((counts["pending"], counts["rejected"]), (300, 0));
    let lone = rig.requests().iter().filter(|request| request.len() == 1).count();
    assert_eq!(lone, 5);
}

#[test]
fn any_other_refusal_and_any_redirect_stops_the_run_and_everything_stays_pending() {
    let mut table: Vec<(String, Value)> = [402, 403, 404, 409, 415, 422, 451, 301, 302, 307, 308]
        .iter()
        .map(|status| (status.to_string(), reply(*status)))
        .collect();
    for code in ["SOMETHING_NEW", "EMPTY_REQUEST", "EMPTY_TENANT"] {
        table.push((code.to_owned(), json!({"reply": {"status": 400, "error_code": code}})));
    }
    table.push((
        "no JSON".to_owned(),
        json!({"reply": {"status": 400, "html": "<h1>No</h1>"}}),
    ));
    for (name, then) in table {
        Case {
            name: &name,
            devices: 250,
            faults: at(2, then),
            exit: 5,
            outcomes: &[("scheduled", 100), ("pending", 150)],
            requests: &[100, 100],
        }
        .holds();
    }
}

#[test]
fn an_unheard_of_3xx_may_have_been_applied_and_stops_the_run() {
    for status in [300, 303, 304] {
        Case {
            name: &status.to_string(),
            devices: 250,
            faults: at(2, reply(status)),
            exit: 5,
            outcomes: &[("scheduled", 100), ("unknown", 100), ("pending", 50)],
            requests: &[100, 100],
        }
        .holds();
    }
}

#[test]
fn a_redirect_is_not_followed_and_no_second_host_sees_the_token() {
    for status in [301, 302, 303, 307, 308] {
        let second = Rig::new(devices(1), "");
        let before = second.simulator.counts().connections;
        let rig = Rig::new(devices(100), "");
        let location = format!("{}/api/v1/data-management/device/deletions", second.simulator.url());
        rig.faults(at(
            1,
            json!({"reply": {"status": status, "headers": {"Location": location}}}),
        ));
        rig.apply();
        assert_eq!(second.simulator.counts().connections, before, "{status}");
        assert_eq!(rig.request_count(), 1, "{status}");

        let rig = Rig::new(devices(100), "");
        let location = format!("{}/oauth2/default/v1/token", second.simulator.url());
        rig.faults(json!([{"when": {"endpoint": "token"}, "then":
            {"reply": {"status": status, "headers": {"Location": location}}}}]));
        rig.apply().exits(1);
        assert_eq!(second.simulator.counts().connections, before, "{status}");
        assert_eq!(rig.request_count(), 0, "{status}");
    }
}

/// The first batch is lost, one device is sent alone, then the rest.
fn lost(name: &str, then: Value) -> (Rig, Ended) {
    Case {
        name,
        devices: 250,
        faults: at(1, then),
        exit: 4,
        outcomes: &[("unknown", 100), ("scheduled", 150)],
        requests: &[100, 1, 100, 49],
    }
    .holds()
}

#[test]
fn what_may_have_been_applied_is_unknown_and_is_received_once() {
    let table = [
        ("500", reply(500)),
        ("502", reply(502)),
        ("503 without Retry-After", reply(503)),
        ("504", reply(504)),
        ("599", reply(599)),
        ("no reply within the timeout", json!({"hang": true})),
        ("closed after it was read", json!({"close_after_read": true})),
        (
            "closed after it was acted on",
            json!({"close_after_read": true, "applied": true}),
        ),
        ("reset after it was read", json!({"reset": "after_read"})),
        ("a 202 that is cut", json!({"cut_body_after": 30})),
        (
            "a 202 that is HTML",
            json!({"reply": {"status": 202, "html": "<h1>Accepted</h1>"}}),
        ),
        ("200", json!({"applied": true, "reply": {"status": 200, "json": {}}})),
        ("204", reply(204)),
    ];
    for (name, then) in table {
        let (rig, _) = lost(name, then);
        assert_eq!(rig.requests()[0], devices(100), "{name}");
    }
}

#[test]
fn what_is_unknown_is_sent_again_only_when_a_person_says_so_and_both_attempts_are_shown() {
    let (rig, _) = lost(
        "500, though it was acted on",
        json!({"applied": true, "reply": {"status": 500}}),
    );
    rig.no_faults();
    // The same command has nothing more to send.
    rig.apply().exits(4).says(&["There is nothing to send"]);
    assert_eq!(rig.requests().len(), 4);
    // Neither is it enough to ask for the others.
    rig.apply_with(100, "--retry failed,rejected").exits(4);
    assert_eq!(rig.requests().len(), 4);
    // COUNT is what this apply may send.
    rig.apply_with(250, "--resend-unknown").exits(6);
    rig.apply_with(100, "--resend-unknown").exits(0);
    assert_eq!(rig.requests().len(), 5);
    assert_eq!(rig.requests()[4], devices(100));
    for (at, row) in rig.report().iter().enumerate() {
        assert_eq!(row["outcome"], "scheduled");
        assert_eq!(row["attempts"], if at < 100 { 2 } else { 1 });
    }
    let ledger = rusqlite::Connection::open(rig.bench.path("devices.plan")).unwrap();
    let shown: Vec<(i64, String, Option<u16>)> = ledger
        .prepare(
            "SELECT a.run, a.applied, a.status FROM attempts a JOIN attempt_rows r USING (attempt)
             WHERE 1 BETWEEN r.first AND r.last ORDER BY a.attempt",
        )
        .unwrap()
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        shown,
        [(1, "maybe".to_owned(), Some(500)), (2, "yes".to_owned(), Some(202))]
    );
    let options: String = ledger
        .query_row("SELECT options FROM runs WHERE run = 2", (), |row| row.get(0))
        .unwrap();
    assert!(options.contains("\"resend_unknown\":true"), "{options}");
}

#[test]
fn a_no_to_the_second_attempt_says_nothing_of_the_first() {
    let (rig, _) = lost("500", reply(500));
    rig.faults(json!([{"then": {"reply": {"status": 403}}}]));
    rig.apply_with(100, "--resend-unknown").exits(4);
    assert_eq!(rig.count("unknown"), 100);
}

#[test]
fn a_service_that_is_broken_does_not_turn_a_fleet_into_unknown() {
    let rig = Rig::new(devices(2_000), "--concurrency 4");
    rig.faults(json!([{"then": {"reply": {"status": 500}}}]));
    rig.apply().exits(5);
    let counts = rig.holds_every_promise(&[], "every answer a 500");
    assert!(counts["unknown"] <= 4 * 100 + 4, "{counts:?}");
    assert_eq!(counts["unknown"] + counts["pending"], 2_000);
}

#[test]
fn failed_devices_are_sent_again_on_their_own_three_times() {
    let rig = Rig::new(devices(100), "--concurrency 1");
    rig.faults(json!([
        {"when": {"request": 2}, "then": {"failed": {"devices": [uid(7), uid(8)]}}},
        {"then": {"failed": {"devices": [uid(7), uid(8), uid(9)]}}},
    ]));
    rig.apply().exits(3);
    let ended = (rig.count("scheduled"), rig.count("failed"));
    assert_eq!(ended, (98, 2));
    let (seven_to_nine, seven_and_eight) = (devices(9)[6..].to_vec(), devices(8)[6..].to_vec());
    let sent = [
        devices(100),
        seven_to_nine,
        seven_and_eight.clone(),
        seven_and_eight.clone(),
    ];
    assert_eq!(rig.requests(), sent);
    assert_eq!(rig.report()[6]["attempts"], 4);

    rig.no_faults();
    rig.apply_with(2, "--retry failed,rejected").exits(0);
    assert_eq!(rig.requests().last().unwrap(), &seven_and_eight);
    assert_eq!(rig.count("scheduled"), 100);
}

#[test]
fn a_service_that_fails_everything_stops_the_run() {
    let rig = Rig::new(devices(900), "--concurrency 1");
    rig.faults(json!([{"then": {"failed": {"devices": "all"}}}]));
    rig.apply().exits(5);
    assert_eq!((rig.count("scheduled"), rig.count("unknown")), (0, 0));
    assert!(rig.count("pending") >= 400);
    assert!(rig.requests().len() <= 10, "{}", rig.requests().len());
}

#[test]
fn entries_of_a_202_are_taken_at_their_word_and_no_further() {
    let edit = |steps: Value| at(1, json!({"edit": steps}));
    let one = |word| -> [(&'static str, u64); 2] { [("scheduled", 9), (word, 1)] };
    type Row<'a> = (&'a str, Value, i32, &'a [(&'a str, u64)], u64);
    let table: [Row<'_>; 11] = [
        (
            "an unheard-of status",
            edit(json!([{"set_status": {"of": 4, "status": "QUEUED"}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "no status",
            edit(json!([{"remove_status": {"of": 4}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "INVALID",
            edit(json!([{"set_status": {"of": 4, "status": "INVALID"}}])),
            3,
            &[("scheduled", 9), ("invalid", 1)],
            0,
        ),
        ("no entry", edit(json!([{"omit": {"of": 4}}])), 4, &one("unknown"), 1),
        (
            "two that disagree",
            edit(json!([{"duplicate": {"of": 4, "status": "FAILED"}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "quite another name",
            edit(json!([{"rename": {"of": 4, "name": "SERVER-1"}}])),
            4,
            &one("unknown"),
            1,
        ),
        (
            "one nobody asked for",
            edit(json!([{"add": {"uid": uid(99), "name": "PC-99", "status": "SCHEDULED"}}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "a count that does not add up",
            edit(json!([{"scheduled_count": 1000}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "not ACCEPTED",
            edit(json!([{"overall_status": "PARTIAL"}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "another case",
            edit(json!([{"upper_case_uid": {"of": "all"}}])),
            0,
            &[("scheduled", 10)],
            1,
        ),
        (
            "another order",
            edit(json!([{"reorder": "reverse"}])),
            0,
            &[("scheduled", 10)],
            0,
        ),
    ];
    for (name, faults, exit, outcomes, anomalies) in table {
        let rig = Rig::new(devices(10), "");
        rig.faults(faults);
        let ended = rig.apply();
        assert_eq!(ended.code, exit, "{name}: {}", ended.stderr);
        let found: HashMap<String, u64> = rig.outcomes().into_iter().fold(HashMap::new(), |mut found, outcome| {
            *found.entry(outcome).or_default() += 1;
            found
        });
        let expected: HashMap<String, u64> = outcomes
            .iter()
            .map(|(word, count)| ((*word).to_owned(), *count))
            .collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(rig.request_count(), 1, "{name}");
        let is_odd = rig.bench.status()["anomalies"].as_u64().unwrap() > 0;
        assert_eq!(is_odd, anomalies > 0, "{name}");
        if name == "an unheard-of status" {
            assert!(rig.report()[4]["detail"].as_str().unwrap().contains("QUEUED"));
        }
    }
}

#[test]
fn the_limit_is_the_most_that_is_sent() {
    let rig = Rig::new(devices(250), "");
    rig.apply_with(120, "--limit 120").exits(5);
    assert_eq!(rig.requests().concat().len(), 120);
    assert_eq!((rig.count("scheduled"), rig.count("pending")), (120, 130));
}

#[test]
fn a_service_that_is_not_there_is_an_error_before_the_first_attempt() {
    let rig = Rig::new(devices(3), "");
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"reply": {"status": 500}}}]));
    rig.apply().exits(1).says(&["no token", "sent nothing"]);
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]));
    rig.apply().exits(1).says(&["no token", "NEXTHINK_CLIENT_ID"]);
    assert_eq!(rig.request_count(), 0);
    assert_eq!(rig.bench.status()["attempts"], 0);
}
