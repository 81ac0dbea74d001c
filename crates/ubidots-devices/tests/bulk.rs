//! Any number of devices: one outcome for each, in the order of the input, and no request that is not asked for.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::num::NonZeroUsize;

use fleetpurge_simulator::{RateLimit, Simulator};
use futures_util::StreamExt;
use serde_json::{Value, json};
use support::*;
use ubidots_devices::{
    Begun, Conclusion, DeviceId, Intent, Journal, JournalError, OutcomeKind, RefusedBatch, Settlement, StopReason,
};

/// The `then` for one request, faithful otherwise.
fn at(request: Value, then: Value) -> Value {
    json!([{"when": {"request": request}, "then": then}])
}

#[tokio::test(flavor = "multi_thread")]
async fn every_device_is_scheduled_in_batches_of_three_hundred_with_the_task_that_has_it() {
    let reply = |n: u32| json!({"applied": true, "reply": {"status": 202, "json": {"task": {"id": format!("t{n}")}}}});
    let rules: Vec<Value> = (1..=3)
        .map(|n| json!({"when": {"request": n}, "then": reply(n)}))
        .collect();
    let simulator = faulty(rules.into()).await;
    let report = run(&client(&simulator), 700).await;
    assert_eq!(outcomes(&report), "0..700 scheduled");
    assert_eq!(named(&simulator), "0..300, 300..600, 600..700");
    for (n, of) in report.devices.iter().enumerate() {
        let task = format!("task t{}", n / 300 + 1);
        assert_eq!((of.outcome.detail.as_deref(), of.attempts), (Some(&*task), 1), "{n}");
    }
    for request in simulator.requests() {
        assert_eq!((request.method.as_str(), request.uri.path()), ("POST", BULK_DELETE));
        assert!(request.body.len() <= 10_000);
    }
    assert_eq!(simulator.counts().duplicates, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_as_large_as_its_keys_and_its_bytes_allow() {
    let at_most = |n: usize| NonZeroUsize::new(n).unwrap();
    // 27 bytes an id, and one more.
    for (keys, bytes, expected) in [
        (1_000, 10_000, "0..370, 370..700"),
        (1_000, 9_990, "0..369, 369..700"),
        (400, 100_000, "0..400, 400..700"),
        (699, 100_000, "0..699, 699..700"),
    ] {
        let simulator = start(Simulator::builder().ubidots_limits(Some(keys), Some(bytes))).await;
        let client = believing(&simulator, |believed| {
            believed.max_keys = at_most(keys);
            believed.max_bytes = at_most(bytes);
        });
        let report = run(&client, 700).await;
        assert_eq!(outcomes(&report), "0..700 scheduled", "{keys} {bytes}");
        assert_eq!(named(&simulator), expected, "{keys} {bytes}");
    }
    let simulator = faulty(json!([])).await;
    let client = believing(&simulator, |believed| believed.max_bytes = at_most(1));
    let report = run(&client, 3).await;
    assert_eq!(outcomes(&report), "0..3 scheduled");
    assert_eq!(named(&simulator), "0..1, 1..2, 2..3", "a single id always goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_limit_of_the_service_is_found() {
    let simulator = start(Simulator::builder().ubidots_limits(Some(100), None)).await;
    let report = run(&client(&simulator), 700).await;
    assert_eq!(outcomes(&report), "0..700 scheduled");
    let taken = simulator
        .requests()
        .iter()
        .filter(|request| request.status == Some(202))
        .count();
    assert!((7..=10).contains(&taken), "{}", named(&simulator));
    assert_eq!(simulator.scheduled_devices().len(), 700);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_skipped_whichever_way_it_is_written() {
    let simulator = faulty(json!([])).await;
    let upper = DeviceId::new(id(10).as_str().to_uppercase()).unwrap();
    let list = [id(10), id(11), id(10), upper.clone(), id(12), id(11)];
    let report = client(&simulator).delete_all(list.clone(), &options(1)).await;
    let devices: Vec<&str> = report.devices.iter().map(|of| of.device.as_str()).collect();
    let given: Vec<&str> = list.iter().map(DeviceId::as_str).collect();
    assert_eq!(devices, given, "each is told as it was given");
    assert_eq!(
        outcomes(&report),
        "0..2 scheduled, 2..4 skipped, 4..5 scheduled, 5..6 skipped"
    );
    assert_eq!(named(&simulator), "10..13");
    let why = report.devices[3].outcome.detail.as_deref();
    assert_eq!(why, Some("its id was given before, as device 1"));

    // The first spelling is the one that is sent.
    let report = client(&simulator)
        .delete_all([upper.clone(), id(10)], &options(1))
        .await;
    assert_eq!(outcomes(&report), "0..1 scheduled, 1..2 skipped");
    assert_eq!(simulator.requests()[1].body, format!("[\"{upper}\"]"));
}

/// Records nothing, or fails to.
struct Disk {
    is_full: bool,
}

impl Journal for Disk {
    async fn begin(&self, _: Intent) -> Result<Begun, JournalError> {
        if self.is_full {
            return Err(JournalError("the disk is full".into()));
        }
        Ok(Begun::alone())
    }

    async fn settle(&self, _: Settlement) -> Result<(), JournalError> {
        Ok(())
    }

    async fn conclude(&self, _: Vec<Conclusion>) -> Result<(), JournalError> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_journal_too_a_repeat_is_skipped_and_nothing_is_sent_that_was_not_recorded() {
    for (is_full, expected, sent) in [
        (false, ["scheduled", "scheduled", "skipped"], "10..12"),
        (true, ["pending", "pending", "skipped"], ""),
    ] {
        let simulator = faulty(json!([])).await;
        let list = futures_util::stream::iter([id(10), id(11), id(10)].map(|id| (id.to_string(), id)));
        let report = client(&simulator)
            .delete_stream(list, &options(1))
            .journal(Disk { is_full })
            .collect_report()
            .await;
        let words: Vec<&str> = report.devices.iter().map(|of| of.outcome.kind.as_str()).collect();
        assert_eq!(words, expected);
        assert!(report.devices.iter().all(|of| of.data == of.device.to_string()));
        assert_eq!(named(&simulator), sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_come_in_the_order_of_the_input_however_many_requests_are_open() {
    let rules = json!([{"when": {"every": 3}, "then": {"delay_reply_ms": 40}}]);
    let simulator = faulty(rules).await;
    let client = believing(&simulator, |believed| {
        believed.max_keys = NonZeroUsize::new(10).unwrap();
    });
    let stream = client.delete_stream(futures_util::stream::iter(ids(0..500)), &options(8));
    let order: Vec<DeviceId> = stream.map(|of| of.device).collect().await;
    assert_eq!(order, ids(0..500));
    let counts = simulator.counts();
    assert_eq!(
        (counts.deletion_requests, counts.devices_received, counts.duplicates),
        (50, 500, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_for_an_empty_list() {
    let simulator = faulty(json!([])).await;
    let report = client(&simulator).delete_all([], &options(1)).await;
    assert!(report.devices.is_empty() && report.stopped.is_none());
    assert_eq!(simulator.counts().connections, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_service_refuses_is_found_and_the_others_go_through() {
    let poison = |n: usize| json!({"then": {"poison": id(n).as_str()}});
    let simulator = faulty(json!([poison(7), poison(450)])).await;
    let report = run(&client(&simulator), 600).await;
    assert_eq!(
        outcomes(&report),
        "0..7 scheduled, 7..8 rejected, 8..450 scheduled, 450..451 rejected, 451..600 scheduled"
    );
    for n in [7, 450] {
        assert_eq!(report.devices[n].outcome.code.as_deref(), Some("400001"), "{n}");
    }
    assert_eq!(simulator.scheduled_devices().len(), 598);
    let counts = simulator.counts();
    assert!(
        counts.deletion_requests <= 2 * (2 * 9 + 1),
        "{}",
        counts.deletion_requests
    );
    assert!(report.stopped.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_refusal_proves_nothing_the_batch_is_unknown_and_the_run_stops() {
    let rules = json!([{"then": {"poison": id(301).as_str()}}]);
    let simulator = faulty(rules).await;
    let client = believing(&simulator, |believed| believed.refused_batch = RefusedBatch::Unknown);
    let report = run(&client, 900).await;
    assert_eq!(
        outcomes(&report),
        "0..300 scheduled, 300..600 unknown, 600..900 pending"
    );
    assert_eq!(named(&simulator), "0..300, 300..600");
    assert!(report.stopped.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_refusals_stop_the_run_with_the_rest_pending() {
    for reply in [
        json!({"status": 400}),
        json!({"status": 400, "error_code": 400_002}),
        json!({"status": 403}),
        json!({"status": 404}),
        json!({"status": 423}),
        json!({"status": 307, "headers": {"Location": "/"}}),
    ] {
        let simulator = faulty(at(json!(2), json!({"reply": reply}))).await;
        let report = run(&client(&simulator), 700).await;
        assert_eq!(outcomes(&report), "0..300 scheduled, 300..700 pending", "{reply}");
        assert_eq!(named(&simulator), "0..300, 300..600", "{reply}");
        assert!(matches!(report.stopped, Some(StopReason::Refused { .. })), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_been_applied_is_received_once_and_no_more() {
    for then in [
        json!({"applied": true, "reply": {"status": 500}}),
        json!({"reply": {"status": 502, "html": "<h1>Bad Gateway</h1>"}}),
        json!({"applied": true, "reply": {"status": 204}}),
        json!({"applied": true, "edit": [{"unset_reply": "task"}]}),
        json!({"edit": [{"set_reply": {"task": {"id": " "}}}]}),
        json!({"cut_body_after": 3}),
        json!({"close_after_read": true, "applied": true}),
        json!({"reset": "after_read"}),
    ] {
        let simulator = faulty(at(json!(2), then.clone())).await;
        let report = run(&client(&simulator), 900).await;
        let expected = "0..300 scheduled, 300..600 unknown, 600..900 scheduled";
        assert_eq!(outcomes(&report), expected, "{then}");
        // One device goes alone before the others do.
        assert_eq!(named(&simulator), "0..300, 300..600, 600..601, 601..900", "{then}");
        assert_eq!(simulator.counts().duplicates, 0, "{then}");
        assert_eq!(report.devices[300].attempts, 1, "{then}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_have_the_unknown_sent_again() {
    let simulator = faulty(at(json!(1), json!({"reply": {"status": 500}}))).await;
    let mut options = options(1);
    options.policy.resend_unknown = 1;
    let report = client(&simulator).delete_all(ids(0..2), &options).await;
    assert_eq!(outcomes(&report), "0..2 scheduled");
    assert_eq!(report.devices[0].attempts, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_asks_to_wait_gets_the_batch_again() {
    for reply in [
        json!({"status": 429, "retry_after": 0}),
        json!({"status": 420}),
        json!({"status": 420, "retry_after": 0}),
        json!({"status": 503, "retry_after": 0}),
    ] {
        let simulator = faulty(at(json!(2), json!({"reply": reply}))).await;
        let report = run(&client(&simulator), 700).await;
        assert_eq!(outcomes(&report), "0..700 scheduled", "{reply}");
        assert_eq!(named(&simulator), "0..300, 300..600, 300..600, 600..700", "{reply}");
        assert_eq!(report.devices[300].attempts, 2, "{reply}");
    }
    let too_long = json!({"reply": {"status": 420, "retry_after": 601}});
    let simulator = faulty(at(json!(2), too_long)).await;
    let report = run(&client(&simulator), 700).await;
    assert_eq!(outcomes(&report), "0..300 scheduled, 300..700 pending");
    assert!(matches!(report.stopped, Some(StopReason::WaitTooLong { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limited_service_gets_every_device_once() {
    let simulator = start(Simulator::builder().rate_limit(RateLimit::new(200.0, 5))).await;
    let client = believing(&simulator, |believed| {
        believed.max_keys = NonZeroUsize::new(10).unwrap();
    });
    let report = client.delete_all(ids(0..200), &options(4)).await;
    assert_eq!(outcomes(&report), "0..200 scheduled");
    assert_eq!(simulator.scheduled_devices().len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_what_was_not_sent_pending() {
    let simulator = faulty(json!([{"then": {"delay_reply_ms": 200}}])).await;
    let options = options(1);
    let client = client(&simulator);
    let running = {
        let options = options.clone();
        tokio::spawn(async move { client.delete_all(ids(0..900), &options).await })
    };
    simulator.wait_for_requests(1).await;
    options.stop.stop();
    let report = running.await.unwrap();
    assert_eq!(outcomes(&report), "0..300 scheduled, 300..900 pending");
    assert_eq!(
        report.count(OutcomeKind::Scheduled),
        simulator.scheduled_devices().len()
    );
}
