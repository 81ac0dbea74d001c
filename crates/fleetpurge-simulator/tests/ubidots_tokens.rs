//! An API key for a token, and the token for everything else.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::{Duration, Instant};

use fleetpurge_simulator::Simulator;
use serde_json::json;
use support::ubidots::*;
use support::*;

const API_TOKEN: &str = "/api/v1.6/auth/token";

async fn token(simulator: &Simulator, headers: &[(&str, &str)]) -> Reply {
    ask(simulator, &request("POST", API_TOKEN, headers, "")).await
}

async fn status_with(simulator: &Simulator, token: &str) -> u16 {
    let headers = [("x-auth-token", token), BULK, JSON];
    let sent = request("POST", BULK_DELETE, &headers, &json!([X]).to_string());
    ask(simulator, &sent).await.status
}

#[tokio::test]
async fn an_api_key_gets_a_token_that_opens_the_account_until_it_is_revoked() {
    let simulator = Simulator::builder().start().await.unwrap();
    let reply = token(&simulator, &[("X-Ubidots-ApiKey", "key")]).await;
    assert_eq!(reply.status, 201);
    let issued = reply.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(reply.json(), json!({"token": issued}), "how long it lives is not said");
    assert_eq!(status_with(&simulator, &issued).await, 202);
    assert_eq!(status_with(&simulator, "key").await, 401, "an API key is no token");
    assert_eq!(
        status_with(&simulator, &simulator.issue_token()).await,
        401,
        "nor is a bearer token"
    );
    simulator.revoke_tokens();
    assert_eq!(status_with(&simulator, &issued).await, 401);
    assert_eq!(status_with(&simulator, &simulator.issue_ubidots_token()).await, 202);
    let recorded = simulator.token_requests();
    assert_eq!((recorded.len(), recorded[0].status), (1, Some(201)));
    assert_eq!(recorded[0].header("x-ubidots-apikey"), Some("key"));
}

#[tokio::test]
async fn a_missing_or_a_wrong_key_gets_the_documented_401() {
    let simulator = Simulator::builder().api_key("right").start().await.unwrap();
    for (headers, status, code) in [
        (&[][..], 401, json!(401_001)),
        (&[("x-ubidots-apikey", "")], 401, json!(401_001)),
        (&[("x-ubidots-apikey", "wrong")], 401, json!(401_002)),
        (&[("x-ubidots-apikey", "right")], 201, json!(null)),
    ] {
        let reply = token(&simulator, headers).await;
        assert_eq!((reply.status, &reply.json()["code"]), (status, &code));
        assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
    }
    let reply = ask(&simulator, &request("GET", API_TOKEN, &[], "")).await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")));
}

#[tokio::test]
async fn a_token_expires() {
    let lifetime = Duration::from_millis(30);
    let simulator = Simulator::builder()
        .ubidots_token_lifetime(lifetime)
        .start()
        .await
        .unwrap();
    let before = Instant::now();
    let issued = simulator.issue_ubidots_token();
    soon(async { while status_with(&simulator, &issued).await == 202 {} }).await;
    assert!(before.elapsed() >= lifetime);
    assert_eq!(status_with(&simulator, &issued).await, 401);
}

#[tokio::test]
async fn a_token_in_the_query_is_documented_and_works() {
    let simulator = simulator().await;
    let ask_with = async |query: &str| {
        let path = format!("{BULK_DELETE}?{query}");
        ask(
            &simulator,
            &request("POST", &path, &[BULK, JSON], &json!([X]).to_string()),
        )
        .await
        .status
    };
    assert_eq!(
        (ask_with("token=test").await, ask_with("token=wrong").await),
        (202, 401)
    );
    assert_eq!(simulator.requests()[0].uri.query(), Some("token=test"));
}

#[tokio::test]
async fn faults_of_the_token_endpoint_are_those_of_either_service() {
    let simulator = faulty(json!([
        {"when": {"endpoint": "token", "request": 1}, "then": {"reply": {"status": 500, "html": "<p>"}}},
        {"when": {"endpoint": "token", "request": 2}, "then": {"unauthorized": true}},
        {"when": {"endpoint": "token", "request": 3}, "then": {"close_after_read": true}}
    ]))
    .await;
    let key = [("x-ubidots-apikey", "key")];
    assert_eq!(bulk_delete(&simulator, &json!([X])).await.status, 202);
    assert_eq!(token(&simulator, &key).await.status, 500);
    assert_eq!(token(&simulator, &key).await.json()["code"], 401_002);
    let mut raw = Raw::connect(&simulator).await;
    raw.send(&request("POST", API_TOKEN, &key, "")).await;
    assert_eq!(raw.rest().await, (String::new(), Ended::Closed));
    simulator.wait_for_token_requests(3).await;
    assert_eq!(simulator.counts().token_requests, 3);
    assert_eq!(token(&simulator, &key).await.status, 201);
}
