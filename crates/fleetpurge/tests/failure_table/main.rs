//! What each kind of failure comes to, through the command: the exit code, the outcome of every device, and what the
//! service was asked, request by request. One table, over both services; what is true of one alone says so in its name.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod nexthink;
#[path = "../rig/mod.rs"]
mod rig;
mod ubidots;

use serde_json::{Value, json};

use crate::case::{Case, at, lost, reply};
use crate::common::{Service, ended, over_both};
use crate::rig::Rig;

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
