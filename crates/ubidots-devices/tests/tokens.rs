//! Tokens: given, or requested with the API key, which is sent to the token endpoint only.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::{RecordedRequest, Simulator};
use serde_json::{Value, json};
use support::*;
use ubidots_devices::{Account, Client, Credentials, ErrorKind, Filter, StopReason};

fn token_of(request: &RecordedRequest) -> &str {
    request.header("x-auth-token").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_key_goes_to_the_token_endpoint_and_nowhere_else() {
    let simulator = start(Simulator::builder().ubidots_devices(fleet(1))).await;
    let client = with_key(&simulator);
    client.authenticate().await.unwrap();
    client.authenticate().await.unwrap();
    client.device(&id(0).into()).await.unwrap();
    client.devices(Filter::all()).next_page().await.unwrap();
    client.delete_devices(&keys(0..1)).await.unwrap();

    let asked = simulator.token_requests();
    assert_eq!(asked.len(), 1, "the token is kept");
    assert_eq!(asked[0].method, "POST");
    assert_eq!(asked[0].uri, "/api/v1.6/auth/token");
    assert_eq!(asked[0].header("x-ubidots-apikey"), Some(KEY));
    assert_eq!(asked[0].header("x-auth-token"), None);
    assert!(asked[0].body.is_empty());
    let (reads, deletions) = (simulator.reads(), simulator.requests());
    assert_eq!((reads.len(), deletions.len()), (2, 1));
    for request in reads.iter().chain(&deletions) {
        assert_eq!(token_of(request), token_of(&deletions[0]));
        let said = format!("{:?} {} {:?}", request.headers, request.uri, request.body);
        assert!(!said.contains(KEY), "{said}");
        assert!(!request.uri.to_string().contains("token"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_requests_at_once_share_one_token() {
    let simulator = faulty(json!([tokens(json!("1-"), json!({"delay_reply_ms": 100}))])).await;
    let client = with_key(&simulator);
    let calls = (0..32).map(|n| {
        let client = client.clone();
        tokio::spawn(async move {
            if n % 2 == 0 {
                client.delete_devices(&keys(n..n + 1)).await.map(drop)
            } else {
                client.devices(Filter::all()).next_page().await.map(drop)
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(simulator.token_requests().len(), 1);
    assert_eq!(
        (simulator.counts().deletion_requests, simulator.counts().reads),
        (16, 16)
    );
}

/// The ways in which a token is said to be no good: as the codes have it, and as the framework may have it.
fn refusals() -> [Value; 4] {
    [
        json!({"unauthorized": true}),
        json!({"reply": {"status": 401}}),
        json!({"reply": {"status": 401, "error_code": 401_001}}),
        json!({"reply": {"status": 403, "error_code": 401_001}}),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_renewed_once_and_the_request_made_once_more() {
    for refusal in refusals() {
        let simulator = faulty(json!([{"when": {"request": 1}, "then": refusal.clone()}])).await;
        let receipt = with_key(&simulator).delete_devices(&keys(0..2)).await.unwrap();
        assert!(!receipt.task_id().is_empty());
        assert_eq!(named(&simulator), "0..2, 0..2", "{refusal}");
        assert_eq!(simulator.token_requests().len(), 2, "{refusal}");
        let requests = simulator.requests();
        assert_ne!(token_of(&requests[0]), token_of(&requests[1]), "{refusal}");
        assert_eq!(simulator.scheduled_devices().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_refused_twice_is_not_made_a_third_time() {
    for refusal in refusals() {
        let simulator = faulty(json!([{"then": refusal.clone()}])).await;
        let error = with_key(&simulator).delete_devices(&keys(0..2)).await.unwrap_err();
        assert_sure(&error, ErrorKind::Unauthorized, &refusal.to_string());
        assert_eq!(named(&simulator), "0..2, 0..2", "{refusal}");
        assert_eq!(simulator.token_requests().len(), 2, "{refusal}");

        let simulator = faulty(json!([reads(json!("1-"), refusal.clone())])).await;
        let error = with_key(&simulator).device(&id(0).into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{refusal}");
        assert_eq!(
            (simulator.counts().reads, simulator.counts().token_requests),
            (2, 2),
            "{refusal}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_given_token_that_is_refused_stops_everything_at_once() {
    for refusal in refusals() {
        let rules = json!([{"then": refusal.clone()}, reads(json!("1-"), refusal.clone())]);
        let simulator = faulty(rules).await;
        let client = client(&simulator);
        let error = client.delete_devices(&keys(0..2)).await.unwrap_err();
        assert_sure(&error, ErrorKind::Unauthorized, &refusal.to_string());
        let report = run(&client, 700).await;
        assert_eq!(outcomes(&report), "0..700 pending", "{refusal}");
        assert!(matches!(report.stopped, Some(StopReason::Refused { .. })), "{refusal}");
        let error = client.devices(Filter::all()).next_page().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized, "{refusal}");
        let counts = simulator.counts();
        assert_eq!(
            (counts.deletion_requests, counts.reads, counts.token_requests),
            (2, 1, 0),
            "{refusal}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_revoked_within_a_run_cost_one_new_one() {
    let simulator = faulty(json!([])).await;
    let client = with_key(&simulator);
    client.authenticate().await.unwrap();
    simulator.revoke_tokens();
    let report = run(&client, 700).await;
    assert_eq!(outcomes(&report), "0..700 scheduled");
    assert_eq!(named(&simulator), "0..300, 0..300, 300..600, 600..700");
    assert_eq!(simulator.token_requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_of_its_six_hours_and_not_before() {
    let simulator = faulty(json!([])).await;
    let account = Account::at(simulator.url()).unwrap();
    let builder = Client::builder(account, Credentials::api_key(KEY));
    let client = builder.timeout(Duration::from_secs(3_600)).build().unwrap();
    client.delete_devices(&keys(0..1)).await.unwrap();
    tokio::time::advance(Duration::from_secs(6 * 3_600 - 120)).await;
    client.delete_devices(&keys(1..2)).await.unwrap();
    assert_eq!(simulator.token_requests().len(), 1);
    tokio::time::advance(Duration::from_secs(90)).await;
    client.delete_devices(&keys(2..3)).await.unwrap();
    assert_eq!(simulator.token_requests().len(), 2);
    let requests = simulator.requests();
    assert_eq!(token_of(&requests[0]), token_of(&requests[1]));
    assert_ne!(token_of(&requests[1]), token_of(&requests[2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_deleted_and_the_error_says_why() {
    use ErrorKind::{LoginRefused, Throttled, Unreachable};
    let reply = |reply: Value| json!({"reply": reply});
    let issued = |json: Value| json!({"reply": {"status": 200, "json": json}});
    let table = [
        (json!({"unauthorized": true}), LoginRefused),
        (reply(json!({"status": 403})), LoginRefused),
        (reply(json!({"status": 404})), LoginRefused),
        (reply(json!({"status": 200})), LoginRefused),
        (reply(json!({"status": 200, "html": "<h1>Welcome</h1>"})), LoginRefused),
        (issued(json!({"token": ""})), LoginRefused),
        (issued(json!({"token": null})), LoginRefused),
        (issued(json!({"token": "line\nbreak"})), LoginRefused),
        (issued(json!({"access_token": "other"})), LoginRefused),
        (reply(json!({"status": 429, "retry_after": 0})), Throttled),
        (reply(json!({"status": 500})), Unreachable),
        (json!({"close_after_read": true}), Unreachable),
    ];
    for (then, kind) in table {
        let simulator = faulty(json!([tokens(json!("1-"), then.clone())])).await;
        let error = with_key(&simulator).delete_devices(&keys(0..1)).await.unwrap_err();
        assert_sure(&error, kind, &then.to_string());
        assert!(error.to_string().contains("token endpoint"), "{then}: {error}");
        assert_eq!(simulator.token_requests().len(), 1, "{then}");
        assert_eq!(simulator.counts().deletion_requests, 0, "{then}");
    }
    let simulator = start(Simulator::builder()).await;
    let account = Account::at(simulator.url()).unwrap();
    let wrong = Client::builder(account, Credentials::api_key("wrong")).build().unwrap();
    let error = wrong.authenticate().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (LoginRefused, Some("401002")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_comes_with_any_success() {
    for status in [200, 201, 202] {
        let reply = json!({"status": status, "json": {"token": TOKEN, "unheard": 1}});
        let simulator = faulty(json!([tokens(json!("1-"), json!({"reply": reply}))])).await;
        with_key(&simulator).delete_devices(&keys(0..1)).await.unwrap();
        assert_eq!(token_of(&simulator.requests()[0]), TOKEN);
    }
}

#[test]
fn credentials_that_cannot_be_sent_are_refused_when_the_client_is_made() {
    for text in ["", " ", "with space", "line\n", "\u{fc}mlaut"] {
        for credentials in [Credentials::token(text), Credentials::api_key(text)] {
            let error = Client::builder(Account::industrial(), credentials).build().unwrap_err();
            assert_sure(&error, ErrorKind::Configuration, text);
            assert!(text.len() < 2 || !error.to_string().contains(text));
        }
    }
}
