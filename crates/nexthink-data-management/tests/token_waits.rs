//! A token endpoint that asks to wait gets one request for all callers, and none before that time. Paused time.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::Simulator;
use nexthink_data_management::{Client, ErrorKind, StopReason, WaitReason};
use serde_json::{Value, json};
use support::*;
use tokio::time::Instant;

/// Longer than anything here takes: paused time is not to end a request.
const LONG: Duration = Duration::from_secs(86_400);

async fn login(rules: Value) -> (Simulator, Client) {
    let simulator = faulty(rules).await;
    let client = with_login(&simulator)
        .timeout(LONG)
        .connect_timeout(LONG / 2)
        .build()
        .unwrap();
    (simulator, client)
}

fn token(request: &str, reply: Value) -> Value {
    json!({"when": {"endpoint": "token", "request": request}, "then": {"reply": reply}})
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_as_the_token_endpoint_says_and_asks_it_once_for_all() {
    for reply in [
        json!({"status": 429, "retry_after": 300}),
        json!({"status": 408, "retry_after": 300}),
        json!({"status": 503, "retry_after": 300}),
        json!({"status": 429, "retry_after": "299.5"}),
        json!({"status": 429, "retry_after": "Sunday, 06-Nov-94 08:54:00 GMT", "headers": {"Date": "Sun, 06 Nov 1994 08:49:00 GMT"}}),
        json!({"status": 503, "retry_after": "Sun Nov  6 08:54:00 1994", "headers": {"Date": "Sun, 06 Nov 1994 08:49:00 GMT"}}),
    ] {
        let (simulator, client) = login(json!([token("1-2", reply.clone())])).await;
        let began = Instant::now();
        let mut options = options(8);
        options.policy.max_wait = Duration::from_secs(601);
        let report = client.delete_all(devices(1_600), &options).await;
        assert_eq!(outcomes(&report), "0..1600 scheduled", "{reply}");
        assert_eq!(simulator.token_requests().len(), 3, "{reply}");
        assert_eq!(simulator.requests().len(), 16, "{reply}");
        let took = began.elapsed().as_secs();
        assert!((599..=602).contains(&took), "{reply}: {took} s");
        let waits: Vec<_> = report
            .waits
            .iter()
            .map(|wait| (wait.reason, wait.length.as_secs_f64().round()))
            .collect();
        assert_eq!(waits, [(WaitReason::Throttled, 300.0); 2], "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_names_no_time_or_none_at_all_is_not_flooded() {
    for reply in [
        json!({"status": 429, "retry_after": 0}),
        json!({"status": 429, "retry_after": {"date_in_seconds": -600}}),
        json!({"status": 429}),
        json!({"status": 503, "retry_after": 0}),
    ] {
        let (simulator, client) = login(json!([token("1-", reply.clone())])).await;
        let mut options = options(8);
        options.policy = nexthink_data_management::Policy::default();
        let report = client.delete_all(devices(1_600), &options).await;
        assert_eq!(outcomes(&report), "0..1600 pending", "{reply}");
        assert!(
            matches!(report.stopped, Some(StopReason::OnlyThrottled { .. })),
            "{reply}"
        );
        let asked = simulator.token_requests().len();
        assert!(asked <= 60, "{reply}: {asked} requests for a token");
        assert_eq!(simulator.requests().len(), 0, "{reply}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_stops_the_run_and_a_stop_ends_one_that_is_not() {
    let reply = json!({"status": 429, "retry_after": 601});
    let (simulator, client) = login(json!([token("1-", reply.clone())])).await;
    let report = client.delete_all(devices(500), &options(4)).await;
    assert!(matches!(report.stopped, Some(StopReason::WaitTooLong { .. })));
    assert_eq!(simulator.token_requests().len(), 1);

    let (simulator, client) = login(json!([token("1-", json!({"status": 429, "retry_after": 500}))])).await;
    let options = options(4);
    let stop = options.stop.clone();
    let began = Instant::now();
    let (report, ()) = tokio::join!(client.delete_all(devices(500), &options), async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        stop.stop();
    });
    assert!(matches!(report.stopped, Some(StopReason::Interrupted)));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!((simulator.token_requests().len(), simulator.requests().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn callers_that_come_while_it_asks_to_wait_are_told_what_is_left_of_it() {
    let (simulator, client) = login(json!([token("1", json!({"status": 429, "retry_after": 300}))])).await;
    let left = async |client: &Client| {
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Throttled);
        error.retry_after().unwrap().as_secs_f64().round()
    };
    assert_eq!(left(&client).await, 300.0);
    tokio::time::advance(Duration::from_secs(100)).await;
    assert_eq!(left(&client).await, 200.0);
    assert_eq!(
        client
            .authenticate()
            .await
            .unwrap_err()
            .retry_after()
            .unwrap()
            .as_secs_f64()
            .round(),
        200.0
    );
    assert_eq!(simulator.token_requests().len(), 1);
    tokio::time::advance(Duration::from_secs(201)).await;
    client.delete_devices(&devices(1)).await.unwrap();
    assert_eq!(simulator.token_requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_wait_for_one_refusal_share_it() {
    for then in [
        json!({"unauthorized": true}),
        json!({"reply": {"status": 500}}),
        json!({"reply": {"status": 429}}),
    ] {
        let mut then = then;
        then["delay_reply_ms"] = json!(200);
        let simulator = faulty(json!([{"when": {"endpoint": "token"}, "then": then.clone()}])).await;
        let client = with_login(&simulator).build().unwrap();
        let calls: Vec<_> = (0..16)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { client.delete_devices(&[device(n)]).await.unwrap_err().kind() })
            })
            .collect();
        let mut kinds = Vec::new();
        for call in calls {
            kinds.push(call.await.unwrap());
        }
        assert!(kinds.windows(2).all(|two| two[0] == two[1]), "{then}: {kinds:?}");
        assert_eq!(simulator.token_requests().len(), 1, "{then}");
    }
}
