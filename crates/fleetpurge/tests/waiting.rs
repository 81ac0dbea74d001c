//! A service or token endpoint that asks to wait: the command waits as requested, shows the wait, and can be
//! interrupted.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;
mod rig;

use common::{Bench, Service, ended, over_both};
use rig::{Rig, until};
use serde_json::json;

over_both!(
    a_token_endpoint_that_asks_to_wait_is_waited_for_before_the_first_request,
    a_token_endpoint_that_asks_for_too_long_a_wait_ends_it_before_the_first_request,
    a_date_in_any_form_is_waited_for,
    a_batch_is_full_however_slow_the_plans_disk,
    a_row_that_was_never_sent_has_no_request_id,
);

#[cfg(unix)]
over_both!(an_interrupt_ends_the_wait_for_a_token);

#[cfg(unix)]
fn an_interrupt_ends_the_wait_for_a_token(service: Service) {
    for signal in ["-INT", "-TERM"] {
        let rig = Rig::new(service, 3, "");
        let reply = json!({"reply": {"status": 429, "retry_after": 500}});
        rig.faults(json!([{"when": {"endpoint": "token"}, "then": reply}]));
        let mut running = rig.start();
        until("a token is asked for", || rig.simulator.counts().token_requests == 1);
        common::signal(running.id(), signal);
        assert_eq!(running.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!(
            (rig.simulator.counts().token_requests, rig.request_count()),
            (1, 0),
            "{signal}"
        );
        rig.resume(signal).exits(0);
    }
}

fn a_token_endpoint_that_asks_to_wait_is_waited_for_before_the_first_request(service: Service) {
    for wait in [
        "1",
        "0.5",
        "0",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
    ] {
        let rig = Rig::new(service, 3, "");
        let reply = json!({"status": 429, "retry_after": wait, "headers": {"Date": "Sun, 06 Nov 1994 08:49:36 GMT"}});
        rig.faults(json!([{"when": {"endpoint": "token", "request": 1}, "then": {"reply": reply}}]));
        let ended = rig.apply().exits(0);
        ended.says(&["Waiting ", " s: the token endpoint asks to wait (429)."]);
        let counts = rig.simulator.counts();
        assert_eq!((counts.token_requests, counts.deletion_requests), (2, 1), "{wait}");
        assert_eq!(rig.count("scheduled"), 3);
    }
}

fn a_token_endpoint_that_asks_for_too_long_a_wait_ends_it_before_the_first_request(service: Service) {
    for (status, flags, wait) in [(429, "", "601"), (503, "--max-wait 5", "6"), (429, "--max-wait 0", "0")] {
        let rig = Rig::new(service, 3, flags);
        let reply = json!({"reply": {"status": status, "retry_after": wait}});
        rig.faults(json!([{"when": {"endpoint": "token"}, "then": reply}]));
        let ended = rig.apply().exits(1);
        ended.says(&["asks to wait", "--max-wait"]);
        let counts = rig.simulator.counts();
        assert_eq!(
            (counts.token_requests, counts.deletion_requests),
            (1, 0),
            "{status} {flags}"
        );
        assert_eq!(rig.count("pending"), 3);
    }
}

fn a_date_in_any_form_is_waited_for(service: Service) {
    let rig = Rig::new(service, 3, "");
    let reply = |at: &str| {
        json!({"reply": {
            "status": 503, "retry_after": at, "headers": {"Date": "Sun, 06 Nov 1994 08:49:36 GMT"},
        }})
    };
    rig.faults(json!([
        {"when": {"request": 1}, "then": reply("Sunday, 06-Nov-94 08:49:37 GMT")},
        {"when": {"request": 2}, "then": reply("Sun Nov  6 08:49:37 1994")},
        {"when": {"request": 3}, "then": reply("sun, 6 nov 1994 08:49:37 utc")},
    ]));
    rig.apply().exits(0);
    assert_eq!(rig.request_count(), 4);
    assert_eq!(rig.count("scheduled"), 3);
    // A year ahead by our clock is a second by the service's.
    let rig = Rig::new(service, 3, "");
    let reply = json!({"reply": {
        "status": 429, "retry_after": "Thu, 06 Nov 2200 08:49:37 GMT", "headers": {"Date": "Thu, 06 Nov 2200 08:49:36 GMT"},
    }});
    rig.faults(json!([{"when": {"request": 1}, "then": reply}]));
    rig.apply().exits(0);
    assert_eq!(rig.request_count(), 2);
}

fn a_batch_is_full_however_slow_the_plans_disk(service: Service) {
    let batch = service.batch();
    let rig = Rig::new(service, 3 * batch + 1, "--concurrency 1");
    rig.faults(json!([{"then": {"delay_reply_ms": 1_200}}]));
    rig.apply().exits(0);
    let lengths: Vec<usize> = rig.requests().iter().map(Vec::len).collect();
    assert_eq!(lengths, [batch, batch, batch, 1]);
}

fn a_row_that_was_never_sent_has_no_request_id(service: Service) {
    // Nobody listens there.
    let bench = Bench::new();
    bench.file("devices.csv", service.csv(&service.devices(3)));
    let line = "plan devices.csv --out devices.plan --base-url http://127.0.0.1:1 --service";
    bench.run(&format!("{line} {}", service.word())).exits(0);
    let mut command = bench.command("apply devices.plan --confirm 127.0.0.1:1/3");
    ended(service.token(&mut command, "a-token-that-nobody-knows")).exits(5);
    for row in bench.report() {
        assert_eq!(
            (&row["outcome"], &row["attempts"]),
            (&json!("pending"), &json!(5)),
            "{row}"
        );
        assert!(row["request_id"].is_null(), "{row}");
    }
}
