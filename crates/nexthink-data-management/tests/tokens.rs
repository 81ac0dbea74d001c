//! Tokens: had once for all, renewed ahead of their end, kept while they work, and never shown.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::Simulator;
use nexthink_data_management::{Applied, Client, Credentials, Endpoints, Error, ErrorKind, OutcomeKind, StopReason};
use serde_json::{Value, json};
use support::*;

async fn login(rules: Value) -> (Simulator, Client) {
    let simulator = faulty(rules).await;
    let client = with_login(&simulator).build().unwrap();
    (simulator, client)
}

fn token(mut when: Value, then: Value) -> Value {
    when["endpoint"] = json!("token");
    json!({"when": when, "then": then})
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_requests_at_once_share_one_login() {
    let (simulator, client) = login(json!([token(json!({}), json!({"delay_reply_ms": 100}))])).await;
    let calls = (0..64).map(|n| {
        let client = client.clone();
        tokio::spawn(async move { client.delete_devices(&[device(n)]).await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(simulator.token_requests().len(), 1);
    assert_eq!(simulator.requests().len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_what_the_documentation_asks_for() {
    let simulator = start(Simulator::builder().client_credentials("an id", "s3cret/+&=%ü:")).await;
    let credentials = Credentials::client("an id", "s3cret/+&=%ü:");
    let client = Client::builder(endpoints(&simulator), credentials).build().unwrap();
    client.authenticate().await.unwrap();
    client.authenticate().await.unwrap();
    let requests = simulator.token_requests();
    assert_eq!(requests.len(), 1, "it is kept");
    let request = &requests[0];
    assert_eq!(
        &*request.body,
        b"grant_type=client_credentials&scope=service%3Aintegration"
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert!(request.header("authorization").unwrap().starts_with("Basic "));
    assert_eq!(simulator.counts().deletion_requests, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_with_many_in_flight_is_one_login_and_one_more_attempt_each() {
    let (simulator, client) = login(json!([])).await;
    client.authenticate().await.unwrap();
    simulator.set_latency(Duration::from_millis(50));
    simulator.revoke_tokens();
    let report = run_at(&client, 1_600, 16).await;
    assert_eq!(outcomes(&report), "0..1600 scheduled");
    assert_eq!(simulator.token_requests().len(), 2);
    assert!(report.devices.iter().all(|of| of.attempts == 2));
    check_run(&simulator, &report);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_longer_than_many_token_lifetimes_goes_through() {
    // The client counts in whole seconds, as the endpoint does: a token is good for 1 s, a fifth of it in advance.
    let builder = Simulator::builder().token_lifetime(Duration::from_secs(1));
    let simulator = builder.latency(Duration::from_millis(40)).start().await.unwrap();
    let client = with_login(&simulator)
        .batch_limit(1.try_into().unwrap())
        .build()
        .unwrap();
    let report = run_at(&client, 400, 4).await;
    assert_eq!(outcomes(&report), "0..400 scheduled");
    let logins = simulator.token_requests().len();
    assert!((4..=20).contains(&logins), "{logins}");
    let refused = simulator
        .requests()
        .iter()
        .filter(|request| request.status == Some(401))
        .count();
    assert!(refused <= 8, "renewed ahead of its end: {refused}");
    check_run(&simulator, &report);
}

/// What the token endpoint may do instead of issuing a token.
fn troubles() -> Vec<(Value, ErrorKind)> {
    use ErrorKind::{LoginRefused, Throttled, Unreachable};
    let reply = |reply: Value| json!({"reply": reply});
    let issued = |json: Value| json!({"reply": {"status": 200, "json": json}});
    vec![
        (json!({"unauthorized": true}), LoginRefused),
        (
            reply(json!({"status": 400, "json": {"error": "invalid_scope"}})),
            LoginRefused,
        ),
        (reply(json!({"status": 403, "html": "no"})), LoginRefused),
        (reply(json!({"status": 404})), LoginRefused),
        (reply(json!({"status": 200, "html": "<h1>Sign in</h1>"})), LoginRefused),
        (reply(json!({"status": 204})), LoginRefused),
        (issued(json!({})), LoginRefused),
        (issued(json!({"access_token": ""})), LoginRefused),
        (issued(json!({"access_token": 5})), LoginRefused),
        (issued(json!({"access_token": "line\nbreak"})), LoginRefused),
        (issued(json!({"access_token": "x", "token_type": "MAC"})), LoginRefused),
        (
            reply(json!({"status": 200, "repeat": {"text": " ", "times": 1_000_000}})),
            LoginRefused,
        ),
        (reply(json!({"status": 429, "retry_after": 0})), Throttled),
        (reply(json!({"status": 503, "retry_after": 0})), Throttled),
        (reply(json!({"status": 500})), Unreachable),
        (reply(json!({"status": 503})), Unreachable),
        (json!({"close_after_read": true}), Unreachable),
        (json!({"reset": "before_read"}), Unreachable),
        (json!({"hang": true}), Unreachable),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_sent_and_the_error_says_why() {
    for (then, kind) in troubles() {
        let simulator = faulty(json!([token(json!({}), then.clone())])).await;
        let client = with_login(&simulator)
            .timeout(Duration::from_millis(300))
            .build()
            .unwrap();
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!((error.kind(), error.applied()), (kind, Applied::No), "{then}: {error}");
        assert!(error.to_string().contains("token endpoint"), "{then}: {error}");

        let mut options = options(4);
        options.policy.max_wait = Duration::from_millis(50);
        let report = client.delete_all(devices(500), &options).await;
        assert_eq!(outcomes(&report), "0..500 pending", "{then}");
        let reason = report.stopped.unwrap();
        let expected = match kind {
            ErrorKind::LoginRefused => matches!(reason, StopReason::Refused { .. }),
            ErrorKind::Throttled => matches!(reason, StopReason::OnlyThrottled { .. }),
            _ => matches!(reason, StopReason::Unreachable { .. }),
        };
        assert!(expected, "{then}: {reason:?}");
        assert_eq!(simulator.counts().deletion_requests, 0, "{then}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_still_works_goes_on_being_used_while_no_other_is_to_be_had() {
    // All at once: each has to wait for its token to age.
    let mut rows = tokio::task::JoinSet::new();
    for (trouble, _) in troubles() {
        let issue = json!({"access_token": TOKEN, "expires_in": 10, "token_type": "Bearer"});
        let builder = Simulator::builder().faults(script(json!([
            token(json!({"request": 1}), json!({"reply": {"status": 200, "json": issue}})),
            token(json!({"request": "2-"}), trouble.clone()),
        ])));
        let simulator = start(builder.latency(Duration::from_millis(100))).await;
        let client = with_login(&simulator).timeout(Duration::from_secs(1)).build().unwrap();
        client.authenticate().await.unwrap();
        rows.spawn(goes_on(simulator, client, trouble));
    }
    while let Some(row) = rows.join_next().await {
        row.unwrap();
    }
}

/// A token good for 10 s is renewed from its eighth second on.
async fn goes_on(simulator: Simulator, client: Client, trouble: Value) {
    let one = devices(1);
    let asked = || simulator.token_requests().len();
    while asked() < 2 {
        let sent = client.delete_devices(&one).await;
        sent.unwrap_or_else(|error| panic!("{trouble}: {error:?}"));
    }
    let sent = client.delete_devices(&one).await;
    sent.unwrap_or_else(|error| panic!("{trouble}: {error:?}"));
    assert_eq!(asked(), 2, "{trouble}: not asked again at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_token_that_is_refused_stops_the_run() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = client(&simulator);
    let error = client.delete_devices(&devices(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.applied()), (ErrorKind::Unauthorized, Applied::No));
    assert_eq!(error.status(), Some(401));
    let report = run(&client, 300).await;
    assert_eq!(outcomes(&report), "0..300 pending");
    assert!(matches!(report.stopped, Some(StopReason::Refused { .. })));
    assert_eq!(simulator.requests().len(), 2);
    assert_eq!(simulator.token_requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_be_sent_are_refused_when_the_client_is_made() {
    let endpoints = Endpoints::at("http://127.0.0.1:1", None).unwrap();
    let table = [
        Credentials::token(""),
        Credentials::token("with space"),
        Credentials::token("line\n"),
        Credentials::token("ümlaut"),
        Credentials::client("", "secret"),
        Credentials::client("id", ""),
        Credentials::client("i:d", "secret"),
        Credentials::client("id", "secret\n"),
    ];
    for credentials in table {
        let error: Error = Client::builder(endpoints.clone(), credentials).build().unwrap_err();
        assert_eq!((error.kind(), error.applied()), (ErrorKind::Configuration, Applied::No));
        assert!(!error.to_string().contains("secret\n") && !error.to_string().contains("ümlaut"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_url_is_not_blamed_on_the_credentials() {
    for (status, words) in [
        (401, "the token endpoint refused the credentials (401)"),
        (404, "the token endpoint issued no token (404): is its URL right?"),
        (302, "the token endpoint issued no token (302): is its URL right?"),
    ] {
        let (simulator, client) = login(json!([token(json!({}), json!({"reply": {"status": status}}))])).await;
        let error = client.authenticate().await.unwrap_err();
        assert_eq!(error.to_string(), words);
        assert_eq!((error.kind(), error.status()), (ErrorKind::LoginRefused, Some(status)));
        assert_eq!(simulator.token_requests().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_that_is_refused_twice_is_not_made_a_third_time() {
    let (simulator, client) = login(json!([{"then": {"unauthorized": true}}])).await;
    let error = client.delete_devices(&devices(2)).await.unwrap_err();
    assert_eq!((error.kind(), error.applied()), (ErrorKind::Unauthorized, Applied::No));
    assert_eq!(named(&simulator), "0..2, 0..2");
    assert_eq!(simulator.token_requests().len(), 2);
    let requests = simulator.requests();
    assert_ne!(requests[0].request_id, requests[1].request_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_login_leaves_a_later_one_its_chance() {
    let (simulator, client) = login(json!([token(json!({"request": 1}), json!({"reply": {"status": 500}}))])).await;
    assert!(client.authenticate().await.is_err());
    client.authenticate().await.unwrap();
    let report = run(&client, 3).await;
    assert_eq!(report.count(OutcomeKind::Scheduled), 3);
    assert_eq!(simulator.token_requests().len(), 2);
}
