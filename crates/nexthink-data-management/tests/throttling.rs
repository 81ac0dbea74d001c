//! A service that asks to wait: all requests wait as long as it says, up to a limit.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::{RateLimit, Simulator};
use nexthink_data_management::{Applied, ErrorKind, StopReason};
use serde_json::{Value, json};
use support::*;

fn wait(status: u16, retry_after: &Value) -> Value {
    match retry_after {
        Value::Null => json!({"reply": {"status": status}}),
        value => json!({"reply": {"status": status, "retry_after": value}}),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_says_how_long_it_was_asked_to_wait() {
    // The least and the most that may be read from it, in seconds; None: nothing was said.
    let table = [
        (json!(0), Some((0, 0))),
        (json!(7), Some((7, 7))),
        (json!(" 120 "), Some((120, 120))),
        (json!(601), Some((601, 601))),
        (json!({"date_in_seconds": 90}), Some((80, 90))),
        (json!({"date_in_seconds": -90}), Some((0, 0))),
        (json!("Thu, 01 Jan 1970 00:00:00 GMT"), Some((0, 0))),
        (json!("99999999999999999999999"), Some((u64::MAX, u64::MAX))),
        (json!(null), None),
        (json!("soon"), None),
        (json!("-5"), None),
        (json!("1.5"), Some((2, 2))),
        (json!("Sunday, 06-Nov-94 08:49:37 GMT"), Some((0, 0))),
        (json!("Thu Jan  1 00:00:00 1970"), Some((0, 0))),
        (json!("thu, 1 jan 1970 00:00:00 utc"), Some((0, 0))),
        (json!(""), None),
        (json!("Thu, 99 Foo 2026"), None),
    ];
    for status in [408, 429, 503] {
        for (value, expected) in &table {
            let simulator = faulty(json!([{"then": wait(status, value)}])).await;
            let error = client(&simulator).delete_devices(&devices(1)).await.unwrap_err();
            let said = format!("{status} {value}: {error:?}");
            if status == 503 && expected.is_none() {
                assert_eq!(
                    (error.kind(), error.applied()),
                    (ErrorKind::ServerError, Applied::Maybe),
                    "{said}"
                );
            } else {
                assert_eq!(
                    (error.kind(), error.applied()),
                    (ErrorKind::Throttled, Applied::No),
                    "{said}"
                );
            }
            match (error.retry_after(), expected) {
                (None, None) => {}
                (Some(wait), Some((least, most))) => assert!((*least..=*most).contains(&wait.as_secs()), "{said}"),
                (wait, _) => panic!("{said}: {wait:?}"),
            }
            assert_eq!(simulator.requests().len(), 1, "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_as_told_and_goes_on() {
    let table = [
        (429, json!(1)),
        (408, json!(1)),
        (503, json!({"date_in_seconds": 2})),
        (503, json!("Sun Nov  6 08:49:37 1994")),
        (503, json!("Sunday, 06-Nov-94 08:49:37 GMT")),
        (429, json!({"date_in_seconds": -5})),
        (429, json!(0)),
        (429, json!("soon")),
        (429, json!(null)),
    ];
    for (status, value) in table {
        let simulator = faulty(json!([{"when": {"request": 2}, "then": wait(status, &value)}])).await;
        let report = run(&client(&simulator), 250).await;
        let said = format!("{status} {value}");
        assert_eq!(outcomes(&report), "0..250 scheduled", "{said}");
        assert_eq!(named(&simulator), "0..100, 100..200, 100..200, 200..250", "{said}");
        assert_eq!(report.devices[100].attempts, 2, "{said}");
        check_run(&simulator, &report);
        // A whole second where one was asked for; a date has whole seconds only, so that two may be a little over one.
        if value == json!(1) || value == json!({"date_in_seconds": 2}) {
            let requests = simulator.requests();
            let waited = requests[2].at - requests[1].at;
            assert!(waited >= Duration::from_millis(990), "{said}: {waited:?}");
        }
    }
}

/// What a reply with this wait and this date is taken to ask for.
async fn asked(status: u16, wait: Value, date: Value) -> Option<Duration> {
    let reply = json!({"status": status, "headers": {"Retry-After": wait, "Date": date}});
    let simulator = faulty(json!([{"then": {"reply": reply}}])).await;
    let error = client(&simulator).delete_devices(&devices(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.applied()),
        (ErrorKind::Throttled, Applied::No),
        "{reply}"
    );
    assert_eq!(simulator.requests().len(), 1);
    error.retry_after()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_read_by_the_clock_of_whoever_wrote_it() {
    for at in [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "sun, 6 nov 1994 08:49:37 utc",
        "1994-11-06T08:49:37Z",
    ] {
        for status in [408, 429, 503] {
            let wait = asked(status, json!(at), json!("Sun, 06 Nov 1994 08:49:00 GMT")).await;
            assert_eq!(wait, Some(Duration::from_secs(37)), "{status} {at}");
        }
    }
    // In a far future by our clock, and in the past by its own.
    let wait = asked(
        503,
        json!("Thu, 06 Nov 2200 08:49:00 GMT"),
        json!("Thu, 06 Nov 2200 08:49:37 GMT"),
    )
    .await;
    assert_eq!(wait, Some(Duration::ZERO));
    // Several headers: the longest that can be read.
    let wait = asked(
        503,
        json!(["soon", "7", "9", "8"]),
        json!("Sun, 06 Nov 1994 08:49:00 GMT"),
    )
    .await;
    assert_eq!(wait, Some(Duration::from_secs(9)));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_says_at_once_each_time_is_not_flooded() {
    for value in [
        json!(0),
        json!({"date_in_seconds": -600}),
        json!("Sunday, 06-Nov-94 08:49:37 GMT"),
        json!("Sun Nov  6 08:49:37 1994"),
        json!("0.0"),
        json!(1),
    ] {
        let simulator = faulty(json!([{"then": wait(503, &value)}])).await;
        let long = Duration::from_secs(86_400);
        let client = with_token(endpoints(&simulator))
            .timeout(long)
            .connect_timeout(long / 2)
            .build()
            .unwrap();
        let report = client
            .delete_all(devices(1_000), &nexthink_data_management::BulkOptions::default())
            .await;
        assert_eq!(outcomes(&report), "0..1000 pending", "{value}");
        assert!(
            matches!(report.stopped, Some(StopReason::OnlyThrottled { .. })),
            "{value}"
        );
        // Four at a time, and some thirty pauses that double from half a second to half a minute.
        let received = simulator.requests().len();
        assert!(received <= 4 * 50, "{value}: {received} requests");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_waits_when_one_is_told_to() {
    let rules = json!([{"when": {"request": 4}, "then": wait(429, &json!(1))}]);
    let simulator = faulty(rules).await;
    simulator.set_latency(Duration::from_millis(20));
    let report = run_at(&client(&simulator), 2_000, 4).await;
    assert_eq!(outcomes(&report), "0..2000 scheduled");
    let requests = simulator.requests();
    assert_eq!(requests.len(), 21);
    check_run(&simulator, &report);
    // What was in flight is answered; then nothing comes for a second.
    let told = requests.iter().find(|request| request.status == Some(429)).unwrap().at;
    let within = requests.iter().filter(|request| {
        let after = request.at.saturating_duration_since(told);
        after > Duration::from_millis(200) && after < Duration::from_millis(900)
    });
    assert_eq!(within.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_is_not_waited_for() {
    for value in [
        json!(601),
        json!({"date_in_seconds": 700}),
        json!("99999999999999999999999"),
    ] {
        let simulator = faulty(json!([{"when": {"request": 2}, "then": wait(429, &value)}])).await;
        let report = run(&client(&simulator), 250).await;
        assert_eq!(outcomes(&report), "0..100 scheduled, 100..250 pending", "{value}");
        assert_eq!(named(&simulator), "0..100, 100..200", "{value}");
        let reason = report.stopped.as_ref().unwrap();
        assert!(matches!(reason, StopReason::WaitTooLong { .. }), "{value}: {reason:?}");
        check_run(&simulator, &report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_only_ever_asks_to_wait_is_given_up() {
    for value in [json!(0), json!(null), json!("soon")] {
        let simulator = faulty(json!([{"then": wait(429, &value)}])).await;
        let mut options = options(2);
        options.policy.max_wait = Duration::from_millis(100);
        let report = client(&simulator).delete_all(devices(500), &options).await;
        assert_eq!(outcomes(&report), "0..500 pending", "{value}");
        let reason = report.stopped.as_ref().unwrap();
        assert!(
            matches!(reason, StopReason::OnlyThrottled { .. }),
            "{value}: {reason:?}"
        );
        assert_eq!(simulator.scheduled_devices(), [], "{value}");
        check_run(&simulator, &report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limited_service_gets_every_device_once() {
    let limit = RateLimit::new(200.0, 5).retry_after(fleetpurge_simulator::RetryAfter::None);
    let simulator = start(Simulator::builder().rate_limit(limit)).await;
    let client = with_token(endpoints(&simulator))
        .batch_limit(10.try_into().unwrap())
        .build()
        .unwrap();
    let report = run_at(&client, 1_000, 8).await;
    assert_eq!(outcomes(&report), "0..1000 scheduled");
    assert!(simulator.counts().throttled > 0);
    let refused = simulator
        .requests()
        .iter()
        .filter(|request| request.status == Some(429))
        .count();
    assert_eq!(simulator.requests().len() - refused, 100);
    check_run(&simulator, &report);
}
