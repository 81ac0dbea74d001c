//! What a run reports beside its outcomes: anomalies of replies, waits, request ids, and kinds of errors.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::Simulator;
use futures_util::StreamExt;
use nexthink_data_management::{AnomalyKind, Client, Endpoints, ErrorKind, OutcomeKind, StopReason, WaitReason};
use serde_json::{Value, json};
use support::*;

/// A foreign entry in the second reply, another overall status in the third.
fn odd() -> Value {
    let foreign = json!({"uid": "a36f0a3c-0000-4b6f-8a57-00000000ffff", "name": "OTHER", "status": "SCHEDULED"});
    json!([
        {"when": {"request": 2}, "then": {"edit": [{"add": foreign}]}},
        {"when": {"request": 3}, "then": {"edit": [{"overall_status": "PARTIAL"}]}},
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_the_oddities_of_each_reply_and_which_reply_it_was() {
    let simulator = faulty(odd()).await;
    let report = run(&client(&simulator), 450).await;
    assert_eq!(outcomes(&report), "0..450 scheduled");
    let ids: Vec<String> = simulator
        .requests()
        .iter()
        .map(|request| request.request_id.clone())
        .collect();
    let told: Vec<_> = report
        .anomalies
        .iter()
        .map(|odd| {
            (
                odd.anomaly.kind,
                odd.batch,
                odd.attempt,
                odd.request_id.clone().unwrap(),
            )
        })
        .collect();
    assert!(
        told.contains(&(AnomalyKind::ForeignEntry, 2, 1, ids[1].clone()))
            && told.contains(&(AnomalyKind::OtherOverallStatus, 3, 1, ids[2].clone())),
        "{told:?}"
    );
    assert!(told.iter().all(|(_, batch, ..)| [2, 3].contains(batch)), "{told:?}");
    assert!(report.anomalies.iter().all(|odd| odd.trace_id.is_some()));
    assert!(
        report.anomalies[0].anomaly.detail.contains("OTHER") || report.anomalies[0].anomaly.detail.contains("ffff")
    );
    assert_eq!(report.waits, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_them_as_soon_as_it_has_the_outcomes() {
    let simulator = faulty(odd()).await;
    let mut stream = client(&simulator).delete_stream(futures_util::stream::iter(devices(450)), &options(1));
    let mut seen = Vec::new();
    let mut count = 0;
    while let Some(device) = stream.next().await {
        count += 1;
        let new = stream.take_anomalies();
        seen.extend(new.iter().map(|odd| (odd.batch, odd.anomaly.kind)));
        let batch = position(&device.device.uid) as u64 / 100 + 1;
        assert!(
            batch < 2 || seen.contains(&(2, AnomalyKind::ForeignEntry)),
            "device {count} came before the oddity of its reply"
        );
    }
    assert_eq!(count, 450);
    assert!(seen.contains(&(3, AnomalyKind::OtherOverallStatus)), "{seen:?}");
    assert_eq!(stream.take_anomalies(), [], "each is taken once");
    assert_eq!(stream.dropped_notices(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_each_wait_and_why() {
    let reply = |status: u16, wait: Value| json!({"reply": {"status": status, "retry_after": wait}});
    for (then, reason, least) in [
        (reply(429, json!(1)), WaitReason::Throttled, 1_000),
        (reply(503, json!(1)), WaitReason::Throttled, 1_000),
        (reply(408, json!("1.5")), WaitReason::Throttled, 2_000),
        (json!({"reply": {"status": 500}}), WaitReason::Unclear, 0),
    ] {
        let simulator = faulty(json!([{"when": {"request": 2}, "then": then.clone()}])).await;
        let mut options = options(1);
        options.policy.pause_base = Duration::from_millis(200);
        options.policy.backoff_cap = Duration::from_millis(200);
        let report = client(&simulator).delete_all(devices(250), &options).await;
        let waits: Vec<_> = report.waits.iter().map(|wait| wait.reason).collect();
        assert_eq!(waits, [reason], "{then}");
        let wait = &report.waits[0];
        assert!(wait.length >= Duration::from_millis(least) * 9 / 10, "{then}: {wait:?}");
        assert!(wait.detail.is_some(), "{then}");
    }
}

/// The error of each device of a run, and of the run.
async fn went_wrong(client: &Client) -> (Vec<Option<ErrorKind>>, Option<ErrorKind>) {
    let report = run(client, 2).await;
    let of_devices = report.devices.iter().map(|of| of.error).collect();
    (of_devices, report.stopped.as_ref().and_then(StopReason::error_kind))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_what_exactly_went_wrong() {
    use ErrorKind as K;
    let at = |url: &str| with_token(Endpoints::at(url, None).unwrap());
    // Nothing is there; no such host; a certificate that nobody trusts.
    let nobody = fleetpurge_testing::raw::Raw::bind().await.url;
    assert_eq!(went_wrong(&at(&nobody).build().unwrap()).await.1, Some(K::Unreachable));
    let nowhere = at("https://nonexistent.invalid").build().unwrap();
    assert_eq!(
        went_wrong(&nowhere).await,
        (vec![Some(K::Unreachable); 2], Some(K::Unreachable))
    );
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let simulator = start(Simulator::builder().tls(made.cert.pem(), made.signing_key.serialize_pem())).await;
    assert_eq!(
        went_wrong(&client(&simulator)).await,
        (vec![Some(K::Certificate); 2], Some(K::Certificate))
    );

    let reply = |status: u16| json!({"reply": {"status": status}});
    for (then, of_device, of_run) in [
        (reply(403), Some(K::Refused), Some(K::Refused)),
        (reply(302), Some(K::Refused), Some(K::Refused)),
        (
            json!({"unauthorized": true}),
            Some(K::Unauthorized),
            Some(K::Unauthorized),
        ),
        (reply(500), Some(K::ServerError), None),
        (reply(204), Some(K::AmbiguousReply), None),
        (json!({"close_after_read": true}), Some(K::NoReply), None),
        (
            json!({"reply": {"status": 400, "error_code": "INVALID_REQUEST"}}),
            Some(K::InvalidRequest),
            None,
        ),
        (reply(413), Some(K::BatchTooLarge), None),
        (
            json!({"reply": {"status": 429, "retry_after": 601}}),
            Some(K::Throttled),
            Some(K::Throttled),
        ),
        (json!({}), None, None),
    ] {
        let rules = if then == json!({}) {
            json!([])
        } else {
            json!([{"then": then.clone()}])
        };
        let simulator = faulty(rules).await;
        let (devices, run) = went_wrong(&client(&simulator)).await;
        assert_eq!((devices[0], run), (of_device, of_run), "{then}");
    }
    // Five in a row that leave it open say what the last one was.
    let simulator = faulty(json!([{"then": reply(500)}])).await;
    let report = run(&client(&simulator), 500).await;
    assert_eq!(report.stopped.unwrap().error_kind(), Some(K::ServerError));

    // The token endpoint's own.
    let refused = json!([{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]);
    let simulator = faulty(refused).await;
    let login = with_login(&simulator).build().unwrap();
    assert_eq!(
        went_wrong(&login).await,
        (vec![Some(K::LoginRefused); 2], Some(K::LoginRefused))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_one_that_was_sent_or_none() {
    let token = |then: Value| json!([{"when": {"endpoint": "token"}, "then": then}]);
    // Never sent: nobody there, and no token.
    let nobody = fleetpurge_testing::raw::Raw::bind().await.url;
    let there = with_token(Endpoints::at(&nobody, None).unwrap()).build().unwrap();
    let mut never = vec![("nobody is there", there)];
    let mut kept = Vec::new();
    for then in [
        json!({"unauthorized": true}),
        json!({"reply": {"status": 429, "retry_after": 601}}),
    ] {
        let simulator = faulty(token(then)).await;
        never.push(("no token", with_login(&simulator).build().unwrap()));
        kept.push(simulator);
    }
    for (case, client) in never {
        let report = run(&client, 2).await;
        assert_eq!(report.devices[0].outcome.kind, OutcomeKind::Pending, "{case}");
        assert!(report.devices[0].attempts > 0, "{case}");
        assert_eq!(report.devices[0].request_id, None, "{case}");
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!((error.request_id(), error.sent_request_id()), (None, None), "{case}");
    }
    // Sent, and never answered, or answered by something that does not repeat it.
    for then in [
        json!({"close_after_read": true}),
        json!({"reply": {"status": 500, "headers": {"x-request-id": []}}}),
        json!({"reply": {"status": 403, "headers": {"x-request-id": []}}}),
    ] {
        let simulator = faulty(json!([{"then": then.clone()}])).await;
        let report = run(&client(&simulator), 1).await;
        let sent = simulator.requests()[0].request_id.clone();
        assert_eq!(report.devices[0].request_id.as_deref(), Some(&*sent), "{then}");
        let error = client(&simulator).delete_devices(&devices(1)).await.unwrap_err();
        let sent = simulator.requests().last().unwrap().request_id.clone();
        assert_eq!(
            (error.request_id(), error.sent_request_id()),
            (None, Some(&*sent)),
            "{then}"
        );
    }
    // Never tried at all.
    let simulator = faulty(json!([{"then": {"reply": {"status": 403}}}])).await;
    let report = run(&client(&simulator), 200).await;
    assert_eq!(
        (report.devices[199].attempts, report.devices[199].request_id.clone()),
        (0, None)
    );
}
