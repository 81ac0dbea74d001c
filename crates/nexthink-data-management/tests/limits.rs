//! Batches that are too large, poisoned or failing: what goes through goes through, and at what cost.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::Simulator;
use nexthink_data_management::{Client, OutcomeKind, StopReason};
use serde_json::{Value, json};
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_lower_limit_is_found_by_halving_and_remembered_for_the_run() {
    // 100, 50, 25, 13, 7, 4, 2, 1: what is learned is the smaller half.
    for limit in [100, 99, 50, 40, 25, 12, 7, 3, 2, 1] {
        let simulator = start(Simulator::builder().batch_limit(limit)).await;
        let report = run(&client(&simulator), 400).await;
        assert_eq!(outcomes(&report), "0..400 scheduled", "{limit}");
        assert!(report.stopped.is_none());
        check_run(&simulator, &report);
        let refused = refusals(&simulator);
        assert!(refused <= 8, "{limit}: {refused} refused");
        let last = simulator
            .requests()
            .iter()
            .rposition(|request| request.status == Some(400));
        let sizes: Vec<usize> = simulator
            .requests()
            .iter()
            .map(|request| request.devices.len())
            .collect();
        let after = &sizes[last.map_or(0, |last| last + 1)..];
        assert!(after.iter().all(|size| *size <= limit), "{limit}: {sizes:?}");
        assert!(after.iter().any(|size| *size * 2 >= limit), "{limit}: {sizes:?}");
    }
}

fn refusals(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    requests.iter().filter(|request| request.status == Some(400)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_none_rejects_lone_devices_and_stops() {
    let rules = json!([{"then": {"reply": {"status": 400, "error_code": "BATCH_SIZE_EXCEEDED"}}}]);
    let simulator = faulty(rules).await;
    let report = run(&client(&simulator), 300).await;
    assert_eq!(outcomes(&report), "0..300 pending");
    assert!(
        matches!(report.stopped, Some(StopReason::RefusesEverything(5))),
        "{:?}",
        report.stopped
    );
    check_run(&simulator, &report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_device_that_is_too_large_is_rejected_once_others_were_accepted() {
    let rules = json!([{"when": {"device_name": "PC-7"}, "then": {"reply": {"status": 413}}}]);
    let simulator = faulty(rules).await;
    let report = run(&client(&simulator), 20).await;
    assert_eq!(outcomes(&report), "0..7 scheduled, 7..8 rejected, 8..20 scheduled");
    check_run(&simulator, &report);
}

#[tokio::test(flavor = "multi_thread")]
async fn poisoned_devices_are_found_at_the_cost_of_a_search_and_the_others_go_through() {
    let n = 1_000;
    let scattered: Vec<usize> = (0..10).map(|k| k * 97 + 13).collect();
    for bad in [
        vec![],
        vec![0],
        vec![n - 1],
        vec![499, 500],
        (200..210).collect(),
        scattered,
    ] {
        for concurrency in [1, 4] {
            let names: Vec<String> = bad.iter().map(|k| format!("PC-{k}")).collect();
            let rules = match names.is_empty() {
                true => json!([]),
                false => json!([{"then": {"poison": names}}]),
            };
            let simulator = faulty(rules).await;
            let report = run_at(&client(&simulator), n, concurrency).await;
            for (k, of) in report.devices.iter().enumerate() {
                let expected = if bad.contains(&k) {
                    OutcomeKind::Rejected
                } else {
                    OutcomeKind::Scheduled
                };
                assert_eq!(of.outcome.kind, expected, "{bad:?}: {k}");
                if expected == OutcomeKind::Rejected {
                    assert_eq!(of.outcome.code.as_deref(), Some("INVALID_REQUEST"), "{bad:?}: {k}");
                }
            }
            assert!(report.stopped.is_none(), "{bad:?}");
            check_run(&simulator, &report);
            // Each costs the way down from a batch of 100, twice; 2 * log2(100) = 13.3.
            let allowed = bad.len() * 14 + n / 100;
            let sent = simulator.requests().len();
            assert!(sent <= allowed, "{bad:?}: {sent} requests, {allowed} allowed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_everything_stops_the_run_and_rejects_nothing() {
    for concurrency in [1, 4] {
        let simulator = faulty(json!([{"then": {"refuse_everything": true}}])).await;
        let report = run_at(&client(&simulator), 1_000, concurrency).await;
        assert_eq!(outcomes(&report), "0..1000 pending");
        assert!(
            matches!(report.stopped, Some(StopReason::RefusesEverything(5..))),
            "{:?}",
            report.stopped
        );
        let sent = simulator.requests().len();
        assert!(sent <= concurrency * 20, "{sent}");
        assert_eq!(simulator.scheduled_devices(), []);
        check_run(&simulator, &report);
    }
}

async fn failing(devices: Value, rounds: Option<u32>) -> (Simulator, Client) {
    let mut failed = json!({"devices": devices});
    if let Some(rounds) = rounds {
        failed["rounds"] = json!(rounds);
    }
    let simulator = faulty(json!([{"then": {"failed": failed}}])).await;
    let client = client(&simulator);
    (simulator, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_devices_are_sent_again_on_their_own_three_times_at_most() {
    let bad = ["PC-3", "PC-150", "PC-151"];
    for rounds in [Some(1), Some(2), Some(3), Some(4), None] {
        let (simulator, client) = failing(json!(bad), rounds).await;
        let report = run(&client, 250).await;
        let gives_in = rounds.is_some_and(|rounds| rounds <= 3);
        let expected = if gives_in {
            "0..250 scheduled"
        } else {
            "0..3 scheduled, 3..4 failed, 4..150 scheduled, 150..152 failed, 152..250 scheduled"
        };
        assert_eq!(outcomes(&report), expected, "{rounds:?}");
        assert!(report.stopped.is_none(), "{rounds:?}");
        let attempts = rounds.map_or(4, |rounds| rounds.min(3) + 1);
        for n in [3, 150, 151] {
            assert_eq!(report.devices[n].attempts, attempts, "{rounds:?}");
        }
        check_run(&simulator, &report);
        // After the first time, no request with one of them names any other.
        for request in simulator.requests().iter().filter(|request| request.devices.len() < 50) {
            assert!(
                request.devices.iter().all(|(_, name)| bad.contains(&&**name)),
                "{rounds:?}: {request:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_every_device_stops_the_run() {
    let (simulator, client) = failing(json!("all"), None).await;
    let report = run(&client, 2_000).await;
    assert!(
        matches!(report.stopped, Some(StopReason::FailsEverything(5))),
        "{:?}",
        report.stopped
    );
    assert_eq!(report.count(OutcomeKind::Scheduled), 0);
    assert_eq!(
        report.count(OutcomeKind::Pending) + report.count(OutcomeKind::Failed),
        2_000
    );
    check_run(&simulator, &report);
}
