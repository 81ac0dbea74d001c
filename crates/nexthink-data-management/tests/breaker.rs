//! A broken service does not turn a fleet into `unknown`.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::Duration;

use nexthink_data_management::{OutcomeKind, StopReason};
use serde_json::json;
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_answers_nothing_but_500_costs_what_was_in_flight_and_four_devices() {
    for applied in [false, true] {
        for concurrency in [1, 4, 16] {
            let simulator = faulty(json!([{"then": {"reply": {"status": 500}, "applied": applied}}])).await;
            simulator.set_latency(Duration::from_millis(5));
            let report = run_at(&client(&simulator), 5_000, concurrency).await;
            let unknown = report.count(OutcomeKind::Unknown);
            assert!(unknown <= concurrency * 100 + 4, "{concurrency}: {unknown}");
            assert_eq!(report.count(OutcomeKind::Pending), 5_000 - unknown, "{concurrency}");
            let reason = report.stopped.as_ref().unwrap();
            assert!(
                matches!(reason, StopReason::Ambiguous { in_a_row: 5, .. }),
                "{reason:?}"
            );
            assert_eq!(simulator.counts().duplicates, 0, "{concurrency}");
            check_run(&simulator, &report);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lone_500_costs_one_batch_and_the_run_goes_on() {
    for concurrency in [1, 4] {
        let simulator = faulty(json!([{"when": {"request": 3}, "then": {"reply": {"status": 500}}}])).await;
        let report = run_at(&client(&simulator), 2_000, concurrency).await;
        assert_eq!(report.count(OutcomeKind::Unknown), 100, "{concurrency}");
        assert_eq!(report.count(OutcomeKind::Scheduled), 1_900, "{concurrency}");
        assert!(report.stopped.is_none(), "{concurrency}: {:?}", report.stopped);
        // One device alone, then whole batches again.
        let mut sizes: Vec<usize> = simulator
            .requests()
            .iter()
            .map(|request| request.devices.len())
            .collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [[1, 99].to_vec(), [100].repeat(19)].concat(), "{concurrency}");
        check_run(&simulator, &report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_open_answer_the_next_request_names_one_device() {
    let simulator = faulty(json!([{"when": {"request": "2-4"}, "then": {"close_after_read": true}}])).await;
    let report = run(&client(&simulator), 500).await;
    assert_eq!(
        named(&simulator),
        "0..100, 100..200, 200..201, 201..202, 202..203, 203..303, 303..403, 403..500"
    );
    assert_eq!(
        outcomes(&report),
        "0..100 scheduled, 100..202 unknown, 202..500 scheduled"
    );
    check_run(&simulator, &report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_answers_one_device_and_breaks_on_a_hundred_is_stopped_after_five_batches() {
    let rules = json!([{"when": {"min_devices": 2}, "then": {"reply": {"status": 502}, "applied": true}}]);
    let simulator = faulty(rules).await;
    let report = run(&client(&simulator), 2_000).await;
    assert_eq!(report.count(OutcomeKind::Unknown), 500);
    assert_eq!(report.count(OutcomeKind::Scheduled), 4);
    assert!(
        matches!(report.stopped, Some(StopReason::Ambiguous { .. })),
        "{:?}",
        report.stopped
    );
    check_run(&simulator, &report);
}
