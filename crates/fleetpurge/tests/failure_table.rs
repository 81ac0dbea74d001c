//! What each kind of failure comes to, through the command: the exit code, the outcome of every device, and what the
//! service was asked, request by request. One table, over both services; what is true of one alone says so in its name.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use std::collections::HashMap;

use common::{Ended, Service, ended, over_both};
use fleetpurge_simulator::UbidotsDevice;
use rig::Rig;
use serde_json::{Value, json};

over_both!(
    what_was_surely_not_applied_is_sent_again,
    a_token_that_is_refused_twice_stops_the_run_and_everything_stays_pending,
    a_token_that_was_given_and_is_refused_stops_the_run_at_once,
    a_wait_longer_than_max_wait_stops_the_run,
    a_batch_that_is_too_large_is_halved_and_the_lower_limit_remembered,
    a_poisoned_device_is_found_and_rejected_alone,
    a_service_that_refuses_everything_stops_the_run_with_nothing_rejected,
    any_other_refusal_and_any_redirect_stops_the_run_and_everything_stays_pending,
    an_unheard_of_3xx_may_have_been_applied_and_stops_the_run,
    a_redirect_is_not_followed_and_no_second_host_sees_the_token,
    what_may_have_been_applied_is_unknown_and_is_received_once,
    what_is_unknown_is_sent_again_only_when_a_person_says_so_and_both_attempts_are_shown,
    a_no_to_the_second_attempt_says_nothing_of_the_first,
    a_service_that_is_broken_does_not_turn_a_fleet_into_unknown,
    the_limit_is_the_most_that_is_sent,
    a_service_that_is_not_there_is_an_error_before_the_first_attempt,
);

/// A fault, and what it must come to. Batches go out one after the other.
struct Case<'a> {
    service: Service,
    name: &'a str,
    devices: usize,
    faults: Value,
    exit: i32,
    /// All outcomes that occur, and how often.
    outcomes: &'a [(&'a str, usize)],
    /// How many devices each request named.
    requests: &'a [usize],
}

impl Case<'_> {
    fn holds(&self) -> (Rig, Ended) {
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

fn at(request: u64, then: Value) -> Value {
    let mut rule = json!({"when": {"request": request}});
    rule["then"] = then;
    Value::Array(vec![rule])
}

fn reply(status: u16) -> Value {
    json!({"reply": {"status": status}})
}

fn what_was_surely_not_applied_is_sent_again(service: Service) {
    let batch = service.batch();
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
            service,
            name,
            devices: 5 * batch / 2,
            faults: at(2, then),
            exit: 0,
            outcomes: &[("scheduled", 5 * batch / 2)],
            requests: &[batch, batch, batch, batch / 2],
        }
        .holds();
        let requests = rig.requests();
        assert_eq!(requests[1], requests[2], "{name}: the same devices, and no others");
        let report = rig.report();
        assert_eq!(
            (&report[batch - 1]["attempts"], &report[batch]["attempts"]),
            (&json!(1), &json!(2)),
            "{name}"
        );
    }
}

fn a_token_that_is_refused_twice_stops_the_run_and_everything_stays_pending(service: Service) {
    let batch = service.batch();
    let (rig, _) = Case {
        service,
        name: "401 and again 401",
        devices: 3 * batch / 2,
        faults: json!([{"then": {"unauthorized": true}}]),
        exit: 5,
        outcomes: &[("pending", 3 * batch / 2)],
        requests: &[batch, batch],
    }
    .holds();
    assert_eq!(rig.simulator.counts().token_requests, 2, "one refresh");
}

fn a_token_that_was_given_and_is_refused_stops_the_run_at_once(service: Service) {
    let batch = service.batch();
    for status in [401, 403] {
        let rig = Rig::new(service, 3 * batch / 2, "--concurrency 1");
        rig.faults(json!([{"then": reply(status)}]));
        let ended = ended(service.token(&mut rig.command(), "t0ken")).exits(5);
        let counts = rig.holds_every_promise(&[], "a token that is refused");
        assert_eq!(counts["pending"], 3 * batch as u64 / 2);
        assert_eq!((rig.requests().len(), rig.simulator.counts().token_requests), (1, 0));
        // Each is told what to look at, and not what the other would have to.
        let [own, other] = match service {
            Service::Nexthink => ["Data management", "may delete devices"],
            Service::Ubidots => ["may delete devices", "Data management"],
        };
        assert!(!ended.stderr.contains(other), "{}", ended.stderr);
        ended.says(&[own]);
    }
}

fn a_wait_longer_than_max_wait_stops_the_run(service: Service) {
    let batch = service.batch();
    let (_, ended) = Case {
        service,
        name: "429 for 601 s",
        devices: 5 * batch / 2,
        faults: at(2, json!({"reply": {"status": 429, "retry_after": 601}})),
        exit: 5,
        outcomes: &[("scheduled", batch), ("pending", 3 * batch / 2)],
        requests: &[batch, batch],
    }
    .holds();
    ended.says(&["601"]);
}

fn a_batch_that_is_too_large_is_halved_and_the_lower_limit_remembered(service: Service) {
    let batch = service.batch();
    let quarter = batch / 4;
    Case {
        service,
        name: "more than 30 of 100 are too many",
        devices: 3 * batch / 2,
        faults: json!([{"then": {"batch_limit": 30 * batch / 100}}]),
        exit: 0,
        outcomes: &[("scheduled", 3 * batch / 2)],
        requests: &[batch, batch / 2, quarter, quarter, quarter, quarter, quarter, quarter],
    }
    .holds();
    Case {
        service,
        name: "413 whatever its size",
        devices: 1,
        faults: json!([{"then": {"reply": {"status": 413}}}]),
        exit: 3,
        outcomes: &[("rejected", 1)],
        requests: &[1],
    }
    .holds();
}

fn a_poisoned_device_is_found_and_rejected_alone(service: Service) {
    let (rig, _) = Case {
        service,
        name: "one poisoned among eight",
        devices: 8,
        faults: json!([{"then": {"poison": service.uid(3)}}]),
        exit: 3,
        outcomes: &[("scheduled", 7), ("rejected", 1)],
        requests: &[8, 4, 2, 2, 1, 1, 4],
    }
    .holds();
    let row = &rig.report()[2];
    assert_eq!(
        (&row["outcome"], &row["code"]),
        (&json!("rejected"), &json!(service.invalid()))
    );

    // A person may try those that were rejected, and only those.
    rig.no_faults();
    rig.apply_with(1, "--retry rejected").exits(0);
    assert_eq!(rig.requests().last().unwrap(), &service.devices(3)[2..]);
}

fn a_service_that_refuses_everything_stops_the_run_with_nothing_rejected(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 3 * batch, "--concurrency 1");
    rig.faults(json!([{"then": {"refuse_everything": true}}]));
    rig.apply().exits(5);
    let counts = rig.holds_every_promise(&[], "refuses everything");
    assert_eq!((counts["pending"], counts["rejected"]), (3 * batch as u64, 0));
    let lone = rig.requests().iter().filter(|request| request.len() == 1).count();
    assert_eq!(lone, 5);
}

fn any_other_refusal_and_any_redirect_stops_the_run_and_everything_stays_pending(service: Service) {
    let batch = service.batch();
    let mut table: Vec<(String, Value)> = [402, 403, 404, 409, 415, 422, 451, 301, 302, 307, 308]
        .iter()
        .map(|status| (status.to_string(), reply(*status)))
        .collect();
    // What the other service's words mean, they do not mean here.
    let codes = match service {
        Service::Nexthink => json!(["SOMETHING_NEW", "EMPTY_REQUEST", "EMPTY_TENANT", 400_001]),
        Service::Ubidots => json!([
            "SOMETHING_NEW",
            400_000,
            400_002,
            "INVALID_REQUEST",
            "BATCH_SIZE_EXCEEDED"
        ]),
    };
    for code in codes.as_array().unwrap() {
        table.push((code.to_string(), json!({"reply": {"status": 400, "error_code": code}})));
    }
    table.push((
        "no JSON".to_owned(),
        json!({"reply": {"status": 400, "html": "<h1>No</h1>"}}),
    ));
    match service {
        Service::Nexthink => table.push(("420".to_owned(), reply(420))),
        Service::Ubidots => table.push((
            "a header is missing".to_owned(),
            json!({"reply": {"status": 400, "json":
                {"detail": "Header `X-BULK-OPERATION` should be provided for bulk operation."}}}),
        )),
    }
    for (name, then) in table {
        Case {
            service,
            name: &name,
            devices: 5 * batch / 2,
            faults: at(2, then),
            exit: 5,
            outcomes: &[("scheduled", batch), ("pending", 3 * batch / 2)],
            requests: &[batch, batch],
        }
        .holds();
    }
}

fn an_unheard_of_3xx_may_have_been_applied_and_stops_the_run(service: Service) {
    let batch = service.batch();
    for status in [300, 303, 304] {
        Case {
            service,
            name: &status.to_string(),
            devices: 5 * batch / 2,
            faults: at(2, reply(status)),
            exit: 5,
            outcomes: &[("scheduled", batch), ("unknown", batch), ("pending", batch / 2)],
            requests: &[batch, batch],
        }
        .holds();
    }
}

fn a_redirect_is_not_followed_and_no_second_host_sees_the_token(service: Service) {
    let batch = service.batch();
    for status in [301, 302, 303, 307, 308] {
        let second = Rig::new(service, 1, "");
        let before = second.simulator.counts().connections;
        let rig = Rig::new(service, batch, "");
        let location = format!("{}{}", second.simulator.url(), service.deletions());
        rig.faults(at(
            1,
            json!({"reply": {"status": status, "headers": {"Location": location}}}),
        ));
        rig.apply();
        assert_eq!(second.simulator.counts().connections, before, "{status}");
        assert_eq!(rig.request_count(), 1, "{status}");

        let rig = Rig::new(service, batch, "");
        let location = format!("{}{}", second.simulator.url(), service.tokens());
        rig.faults(json!([{"when": {"endpoint": "token"}, "then":
            {"reply": {"status": status, "headers": {"Location": location}}}}]));
        rig.apply().exits(1);
        assert_eq!(second.simulator.counts().connections, before, "{status}");
        assert_eq!(rig.request_count(), 0, "{status}");
    }
}

/// The first batch is lost, one device is sent alone, then the rest.
fn lost(service: Service, name: &str, then: Value) -> (Rig, Ended) {
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

fn what_may_have_been_applied_is_unknown_and_is_received_once(service: Service) {
    let batch = service.batch();
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
        ("a 202 that is cut", json!({"cut_body_after": 12})),
        (
            "a 202 that is HTML",
            json!({"reply": {"status": 202, "html": "<h1>Accepted</h1>"}}),
        ),
        ("200", json!({"applied": true, "reply": {"status": 200, "json": {}}})),
        ("204", reply(204)),
    ];
    for (name, then) in table {
        let (rig, _) = lost(service, name, then);
        assert_eq!(rig.requests()[0], service.devices(batch), "{name}");
    }
}

fn what_is_unknown_is_sent_again_only_when_a_person_says_so_and_both_attempts_are_shown(service: Service) {
    let batch = service.batch();
    let (rig, _) = lost(
        service,
        "500, though it was acted on",
        json!({"applied": true, "reply": {"status": 500}}),
    );
    // Only what the service can find again is told as its request.
    let report = rig.run("report devices.plan").exits(0).stdout;
    assert_eq!(report.contains("  request "), service == Service::Nexthink, "{report}");
    rig.no_faults();
    // The same command has nothing more to send.
    rig.apply().exits(4).says(&["There is nothing to send"]);
    assert_eq!(rig.requests().len(), 4);
    // Neither is it enough to ask for the others.
    rig.apply_with(batch, "--retry failed,rejected").exits(4);
    assert_eq!(rig.requests().len(), 4);
    // COUNT is what this apply may send.
    rig.apply_with(5 * batch / 2, "--resend-unknown").exits(6);
    rig.apply_with(batch, "--resend-unknown").exits(0);
    assert_eq!(rig.requests().len(), 5);
    assert_eq!(rig.requests()[4], service.devices(batch));
    for (at, row) in rig.report().iter().enumerate() {
        assert_eq!(row["outcome"], "scheduled");
        assert_eq!(row["attempts"], if at < batch { 2 } else { 1 });
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

fn a_no_to_the_second_attempt_says_nothing_of_the_first(service: Service) {
    let batch = service.batch();
    let (rig, _) = lost(service, "500", reply(500));
    rig.faults(json!([{"then": {"reply": {"status": 403}}}]));
    rig.apply_with(batch, "--resend-unknown").exits(4);
    assert_eq!(rig.count("unknown"), batch);
}

fn a_service_that_is_broken_does_not_turn_a_fleet_into_unknown(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 20 * batch, "--concurrency 4");
    rig.faults(json!([{"then": {"reply": {"status": 500}}}]));
    rig.apply().exits(5);
    let counts = rig.holds_every_promise(&[], "every answer a 500");
    assert!(counts["unknown"] <= 4 * batch as u64 + 4, "{counts:?}");
    assert_eq!(counts["unknown"] + counts["pending"], 20 * batch as u64);
}

#[test]
fn failed_devices_of_nexthink_are_sent_again_on_their_own_three_times() {
    let rig = Rig::new(Service::Nexthink, 100, "--concurrency 1");
    rig.faults(json!([
        {"when": {"request": 2}, "then": {"failed": {"devices": [Service::Nexthink.uid(7), Service::Nexthink.uid(8)]}}},
        {"then": {"failed": {"devices": [Service::Nexthink.uid(7), Service::Nexthink.uid(8), Service::Nexthink.uid(9)]}}},
    ]));
    rig.apply().exits(3);
    let ended = (rig.count("scheduled"), rig.count("failed"));
    assert_eq!(ended, (98, 2));
    let devices = |count| Service::Nexthink.devices(count);
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
fn a_nexthink_that_fails_everything_stops_the_run() {
    let rig = Rig::new(Service::Nexthink, 900, "--concurrency 1");
    rig.faults(json!([{"then": {"failed": {"devices": "all"}}}]));
    rig.apply().exits(5);
    assert_eq!((rig.count("scheduled"), rig.count("unknown")), (0, 0));
    assert!(rig.count("pending") >= 400);
    assert!(rig.requests().len() <= 10, "{}", rig.requests().len());
}

#[test]
fn entries_of_a_202_of_nexthink_are_taken_at_their_word_and_no_further() {
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
            edit(json!([{"add": {"uid": Service::Nexthink.uid(99), "name": "PC-99", "status": "SCHEDULED"}}])),
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
        let rig = Rig::new(Service::Nexthink, 10, "");
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

fn the_limit_is_the_most_that_is_sent(service: Service) {
    let (all, most) = (5 * service.batch() / 2, 6 * service.batch() / 5);
    let rig = Rig::new(service, all, "");
    rig.apply_with(most, &format!("--limit {most}")).exits(5);
    assert_eq!(rig.requests().concat().len(), most);
    assert_eq!((rig.count("scheduled"), rig.count("pending")), (most, all - most));
}

fn a_service_that_is_not_there_is_an_error_before_the_first_attempt(service: Service) {
    let rig = Rig::new(service, 3, "");
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"reply": {"status": 500}}}]));
    rig.apply().exits(1).says(&["no token", "sent nothing"]);
    rig.faults(json!([{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]));
    rig.apply().exits(1).says(&["no token", service.credentials_word()]);
    assert_eq!(rig.request_count(), 0);
    assert_eq!(rig.bench.status()["attempts"], 0);
}

#[test]
fn any_2xx_of_ubidots_with_a_task_id_schedules_the_batch_and_the_report_names_the_task() {
    for status in [200, 201, 202, 207] {
        let what = status.to_string();
        let rig = Rig::with(Service::Ubidots, 450, "--concurrency 1", |builder| {
            builder.ubidots_accepted_status(status)
        });
        rig.apply().exits(0);
        assert_eq!(rig.holds_every_promise(&[], &what)["scheduled"], 450);
        let report = rig.report();
        let task = |row: usize| report[row]["detail"].as_str().unwrap().strip_prefix("task ").unwrap();
        assert!((0..300).all(|row| task(row) == task(0)), "{what}");
        assert!((300..450).all(|row| task(row) == task(449)), "{what}");
        assert_ne!(task(0), task(449), "{what}");
        assert_eq!((task(0).len(), &report[0]["trace_id"]), (24, &Value::Null), "{what}");
    }
}

#[test]
fn a_2xx_of_ubidots_without_a_task_id_may_have_been_applied_and_is_received_once() {
    let body = |status: u16, body: Value| json!({"applied": true, "reply": {"status": status, "json": body}});
    let table = [
        ("no task", json!({"edit": [{"unset_reply": "task"}]})),
        ("null", json!({"edit": [{"set_reply": {"task": null}}]})),
        (
            "a task of another shape",
            json!({"edit": [{"set_reply": {"task": "5f1d"}}]}),
        ),
        ("a task without an id", body(202, json!({"task": {}}))),
        ("an empty id", body(202, json!({"task": {"id": ""}}))),
        ("a blank id", body(200, json!({"task": {"id": " "}}))),
        ("an id that is none", body(201, json!({"task": {"id": null}}))),
        ("a list", body(200, json!([]))),
        (
            "an error in a 200",
            body(200, json!({"code": 400_001, "message": "Validation Error."})),
        ),
    ];
    for (name, then) in table {
        lost(Service::Ubidots, name, then);
    }
}

#[test]
fn a_420_of_ubidots_was_surely_not_applied_and_is_sent_again() {
    for retry_after in [json!({}), json!({"retry_after": 0}), json!({"retry_after": 1})] {
        let mut reply = json!({"status": 420});
        reply
            .as_object_mut()
            .unwrap()
            .extend(retry_after.as_object().unwrap().clone());
        Case {
            service: Service::Ubidots,
            name: &reply.to_string(),
            devices: 450,
            faults: at(1, json!({"reply": reply})),
            exit: 0,
            outcomes: &[("scheduled", 450)],
            requests: &[300, 300, 150],
        }
        .holds();
    }
}

#[test]
fn a_code_of_ubidots_that_begins_with_401_renews_the_token_whatever_the_status() {
    for (status, code) in [(401, 401_001), (401, 401_002), (403, 401_001), (400, 401_002)] {
        let then = json!({"reply": {"status": status, "error_code": code}});
        let (rig, _) = Case {
            service: Service::Ubidots,
            name: &format!("{status} {code}"),
            devices: 450,
            faults: at(1, then.clone()),
            exit: 0,
            outcomes: &[("scheduled", 450)],
            requests: &[300, 300, 150],
        }
        .holds();
        let tokens: Vec<_> = rig
            .simulator
            .requests()
            .iter()
            .map(|request| request.headers["x-auth-token"].clone())
            .collect();
        assert!(
            tokens[0] != tokens[1] && tokens[1] == tokens[2],
            "{status} {code}: {} tokens",
            tokens.len()
        );

        Case {
            service: Service::Ubidots,
            name: &format!("{status} {code}, and again"),
            devices: 450,
            faults: json!([{"then": then}]),
            exit: 5,
            outcomes: &[("pending", 450)],
            requests: &[300, 300],
        }
        .holds();
    }
}

#[test]
fn a_batch_of_ubidots_that_has_too_many_bytes_is_halved() {
    let rig = Rig::with(Service::Ubidots, 450, "--concurrency 1", |builder| {
        builder.ubidots_limits(None, Some(5_000))
    });
    rig.apply().exits(0);
    assert_eq!(rig.holds_every_promise(&[], "5,000 bytes")["scheduled"], 450);
    let requests: Vec<usize> = rig.requests().iter().map(Vec::len).collect();
    assert_eq!(requests, [300, 150, 150, 150]);
}

#[test]
fn ubidots_may_refuse_a_label_of_the_account_and_its_device_is_rejected_alone() {
    let rig = Rig::with(Service::Ubidots, 6, "--concurrency 1", |builder| {
        let devices = Service::Ubidots.devices(6).into_iter();
        builder.ubidots_devices(devices.map(|(id, label)| UbidotsDevice::new(id, label)))
    });
    rig.faults(json!([{"when": {"device_name": "pump-5"}, "then": {"reply": {"status": 400, "error_code": 400_001}}}]));
    rig.apply().exits(3);
    let counts = rig.holds_every_promise(&[], "400001");
    assert_eq!((counts["scheduled"], counts["rejected"]), (5, 1));
    assert_eq!(rig.outcomes()[4], "rejected");
    for (id, _) in [&rig.devices[..4], &rig.devices[5..]].concat() {
        rig.removed(&id);
    }
    let left: Vec<String> = rig
        .simulator
        .ubidots_devices()
        .into_iter()
        .map(|device| device.label)
        .collect();
    assert_eq!(left, ["pump-5"]);
}
