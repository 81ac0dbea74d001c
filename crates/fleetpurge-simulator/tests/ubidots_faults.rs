//! The fault script over Ubidots' deletions.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use fleetpurge_simulator::{Simulator, UbidotsDevice};
use serde_json::{Value, json};
use support::ubidots::*;
use support::*;

/// A simulator with these rules, and an account with X alone, whose label is `first`.
async fn faulty_account(rules: Value) -> Simulator {
    let builder = Simulator::builder().ubidots_devices([UbidotsDevice::new(X, "first")]);
    start(builder.faults(script(rules))).await
}

async fn statuses(simulator: &Simulator, requests: &[Value]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for keys in requests {
        statuses.push(bulk_delete(simulator, keys).await.status);
    }
    statuses
}

#[tokio::test]
async fn rules_choose_deletions_by_number_and_by_device() {
    let requests = [json!([X]), json!(["~first", Y]), json!([{"id": Z}]), json!(["~second"])];
    for (when, expected) in [
        (json!({}), [500; 4]),
        (json!({"request": "2-3"}), [202, 500, 500, 202]),
        (json!({"every": 2}), [202, 500, 202, 500]),
        (json!({"device_uid": X}), [500, 202, 202, 202]),
        (json!({"device_uid": Z}), [202, 202, 500, 202]),
        (json!({"device_uid": "~first"}), [202, 500, 202, 202]),
        (json!({"device_name": "first"}), [500, 500, 202, 202]),
        (json!({"device_name": ""}), [202, 500, 500, 202]),
        (json!({"min_devices": 2}), [202, 500, 202, 202]),
        (json!({"probability": 0.0}), [202; 4]),
        (json!({"endpoint": "token"}), [202; 4]),
        (json!({"endpoint": "reads"}), [202; 4]),
    ] {
        let simulator = faulty_account(json!([{"when": when, "then": {"reply": {"status": 500}}}])).await;
        assert_eq!(statuses(&simulator, &requests).await, expected, "{when}");
        assert_eq!(
            simulator.faults_fired(),
            [expected.iter().filter(|status| **status == 500).count() as u64]
        );
    }
}

#[tokio::test]
async fn what_a_rule_makes_up_is_told_as_ubidots_tells_it() {
    let validation =
        |why: &str| json!({"code": 400_001, "message": "Validation Error.", "detail": {"non_field_errors": [why]}});
    let incorrect = "Incorrect authentication credentials.";
    let scripted = "so the fault script has it";
    for (then, status, body) in [
        (
            json!({"unauthorized": true}),
            401,
            json!({"code": 401_002, "message": incorrect, "detail": incorrect}),
        ),
        (
            json!({"refuse_everything": true}),
            400,
            validation("Everything is refused."),
        ),
        (json!({"poison": X}), 400, validation("A device key is refused.")),
        (
            json!({"poison": ["x", "first"]}),
            400,
            validation("A device key is refused."),
        ),
        (json!({"batch_limit": 1}), 413, json!({"detail": "Too many devices."})),
        (
            json!({"reply": {"status": 400, "error_code": 400_001}}),
            400,
            json!({"code": 400_001, "message": scripted, "detail": scripted}),
        ),
        (
            json!({"reply": {"status": 403, "error_code": "403001"}}),
            403,
            json!({"code": 403_001, "message": scripted, "detail": scripted}),
        ),
        (
            json!({"reply": {"status": 403, "error_code": "NO"}}),
            403,
            json!({"code": "NO", "message": scripted}),
        ),
    ] {
        let simulator = faulty_account(json!([{"then": then}])).await;
        let reply = bulk_delete(&simulator, &json!([X, "~second"])).await;
        assert_eq!((reply.status, reply.json()), (status, body), "{then}");
        assert!(simulator.scheduled_devices().is_empty(), "{then}");
        assert_eq!(simulator.faults_fired(), [1], "{then}");
    }
}

#[tokio::test]
async fn poison_and_limits_let_other_requests_through() {
    for then in [json!({"poison": "~second"}), json!({"batch_limit": 1})] {
        let simulator = faulty_account(json!([{"then": then}])).await;
        assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 202, "{then}");
        assert_ne!(
            bulk_delete(&simulator, &json!([X, "~second"])).await.status,
            202,
            "{then}"
        );
    }
}

#[tokio::test]
async fn an_edit_changes_the_reply_and_nothing_else() {
    let set = json!([{"set_reply": {"task": {"id": 5}, "more": []}}]);
    let unset = json!([{"set_reply": {"a": 1}}, {"unset_reply": ["task", "b"]}]);
    for (edit, expected) in [(set, json!({"task": {"id": 5}, "more": []})), (unset, json!({"a": 1}))] {
        let simulator = faulty_account(json!([{"then": {"edit": edit}}])).await;
        let reply = bulk_delete(&simulator, &json!([X])).await;
        assert_eq!((reply.status, reply.json()), (202, expected));
        assert_eq!(simulator.scheduled_devices(), owned(&[(X, "first")]));
    }
}

#[tokio::test]
async fn rules_about_entries_leave_ubidots_to_the_next_rule() {
    for then in [
        json!({"failed": {"devices": "all"}}),
        json!({"edit": [{"omit": {"of": 0}}]}),
        json!({"edit": [{"set_reply": {}}, {"scheduled_count": 5}]}),
    ] {
        let simulator = faulty_account(json!([{"then": then}, {"then": {"reply": {"status": 500}}}])).await;
        assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 500, "{then}");
        assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202, "{then}");
        assert_eq!(simulator.faults_fired(), [1, 1], "{then}");
    }
}

#[tokio::test]
async fn connections_break_and_what_was_applied_is_known() {
    let applied = |then: Value| {
        let mut then = then;
        then["applied"] = json!(true);
        then
    };
    let close = json!({"close_after_read": true});
    let reset = json!({"reset": "after_read"});
    let cut = json!({"cut_body_after": 5});
    for (then, ended, scheduled) in [
        (json!({"close_before_read": true}), Ended::Closed, false),
        (close.clone(), Ended::Closed, false),
        (applied(close), Ended::Closed, true),
        (reset.clone(), Ended::Reset, false),
        (applied(reset), Ended::Reset, true),
        (cut.clone(), Ended::Closed, true),
        (json!({"close_idle": true}), Ended::Closed, true),
    ] {
        let simulator = faulty_account(json!([{"then": then}])).await;
        let mut raw = Raw::connect(&simulator).await;
        raw.send(&bulk_deletion(&json!([X]))).await;
        let (text, how) = raw.rest().await;
        assert_eq!(how, ended, "{then}");
        assert_eq!(text.ends_with("\r\n\r\n{\"tas"), then == cut, "{then}");
        assert_eq!(!simulator.scheduled_devices().is_empty(), scheduled, "{then}");
    }
}

#[tokio::test]
async fn a_faithful_reply_may_be_a_lie() {
    let simulator = faulty_account(json!([{"then": {"applied": false}}])).await;
    assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 202);
    assert!(simulator.scheduled_devices().is_empty());
}

#[tokio::test]
async fn a_request_that_hangs_is_in_hand() {
    let simulator = faulty_account(json!([{"then": {"hang": true, "applied": true}}])).await;
    let mut raw = Raw::connect(&simulator).await;
    raw.send(&bulk_deletion(&json!([X]))).await;
    simulator.wait_for_requests(1).await;
    assert_eq!(
        (simulator.counts().in_flight, simulator.requests()[0].status),
        (1, None)
    );
}
