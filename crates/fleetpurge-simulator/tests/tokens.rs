//! The token endpoint.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::{Duration, Instant};

use base64::Engine as _;
use fleetpurge_simulator::Simulator;
use support::*;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const GRANT: &str = "grant_type=client_credentials&scope=service:integration";

fn basic(credentials: &str) -> String {
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(credentials)
    )
}

async fn token(simulator: &Simulator, credentials: &str, body: &str) -> Reply {
    let basic = basic(credentials);
    ask(
        simulator,
        &request("POST", TOKEN, &[FORM, ("Authorization", &basic)], body),
    )
    .await
}

async fn status_with(simulator: &Simulator, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let headers = [JSON, ("Authorization", bearer.as_str())];
    ask(simulator, &request("POST", DELETIONS, &headers, &batch(&[(A, "pc")])))
        .await
        .status
}

#[tokio::test]
async fn client_credentials_get_a_token_that_opens_the_api_until_it_is_revoked() {
    let simulator = Simulator::builder().start().await.unwrap();
    let reply = token(&simulator, "id:secret", GRANT).await;
    assert_eq!(reply.status, 200);
    let json = reply.json();
    let issued = json["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        json,
        serde_json::json!({"token_type": "Bearer", "expires_in": 900, "access_token": issued, "scope": "service:integration"})
    );
    assert_eq!(status_with(&simulator, &issued).await, 202);
    simulator.revoke_tokens();
    assert_eq!(status_with(&simulator, &issued).await, 401);
    assert_eq!(status_with(&simulator, &simulator.issue_token()).await, 202);
    let recorded = simulator.token_requests();
    assert_eq!(
        (recorded.len(), &recorded[0].body[..], recorded[0].status),
        (1, GRANT.as_bytes(), Some(200))
    );
    assert_eq!(recorded[0].header("authorization"), Some(basic("id:secret").as_str()));
}

#[tokio::test]
async fn a_token_expires() {
    let lifetime = Duration::from_millis(30);
    let short = Simulator::builder().token_lifetime(lifetime).start().await.unwrap();
    let before = Instant::now();
    let token_then = short.issue_token();
    soon(async { while status_with(&short, &token_then).await == 202 {} }).await;
    assert!(before.elapsed() >= lifetime);
    assert_eq!(status_with(&short, &token_then).await, 401);
    let long = Simulator::builder()
        .token_lifetime(Duration::from_millis(59_001))
        .start()
        .await
        .unwrap();
    assert_eq!(status_with(&long, &long.issue_token()).await, 202);
    assert_eq!(token(&long, "id:secret", GRANT).await.json()["expires_in"], 60);
}

#[tokio::test]
async fn a_request_that_is_not_in_order_gets_the_oauth_error() {
    let simulator = Simulator::builder()
        .client_credentials("id", "se:cret")
        .start()
        .await
        .unwrap();
    for (credentials, body, status, error) in [
        ("id:se:cret", GRANT, 200, None),
        ("id:wrong", GRANT, 401, Some("invalid_client")),
        ("wrong:se:cret", GRANT, 401, Some("invalid_client")),
        ("id", GRANT, 401, Some("invalid_client")),
        (
            "id:se:cret",
            "grant_type=password&scope=service:integration",
            400,
            Some("unsupported_grant_type"),
        ),
        ("id:se:cret", "scope=service:integration", 400, Some("invalid_request")),
        (
            "id:se:cret",
            "grant_type=client_credentials&scope=openid",
            400,
            Some("invalid_scope"),
        ),
        (
            "id:se:cret",
            "grant_type=client_credentials",
            400,
            Some("invalid_scope"),
        ),
        (
            "id:se:cret",
            "grant_type=client_credentials&scope=service%3Aintegration",
            200,
            None,
        ),
    ] {
        let reply = token(&simulator, credentials, body).await;
        assert_eq!(
            (reply.status, reply.json()["error"].as_str()),
            (status, error),
            "{credentials} {body}"
        );
    }
    let reply = ask(&simulator, &request("POST", TOKEN, &[FORM], GRANT)).await;
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Basic")));
    let open = Simulator::builder().start().await.unwrap();
    assert_eq!(token(&open, ":", GRANT).await.status, 401);
}

#[tokio::test]
async fn faults_of_the_token_endpoint_leave_deletions_alone() {
    let simulator = faulty(serde_json::json!([
        {"when": {"endpoint": "token", "request": 1}, "then": {"reply": {"status": 500, "html": "<p>"}}},
        {"when": {"endpoint": "token", "request": 2}, "then": {"unauthorized": true}},
        {"when": {"endpoint": "token", "request": 3}, "then": {"close_after_read": true}}
    ]))
    .await;
    assert_eq!(delete(&simulator, &[(A, "pc")]).await.status, 202);
    assert_eq!(token(&simulator, "id:secret", GRANT).await.status, 500);
    assert_eq!(
        token(&simulator, "id:secret", GRANT).await.json()["error"],
        "invalid_client"
    );
    let mut raw = Raw::connect(&simulator).await;
    raw.send(&request("POST", TOKEN, &[FORM], GRANT)).await;
    assert_eq!(raw.rest().await, (String::new(), Ended::Closed));
    simulator.wait_for_token_requests(3).await;
    assert_eq!(simulator.faults_fired(), [1, 1, 1]);
    assert_eq!(token(&simulator, "id:secret", GRANT).await.status, 200);
}

/// The claims of a token, which is a JSON Web Token.
fn claims(token: &str) -> serde_json::Value {
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3, "{token}");
    let decoded = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(parts[1])
        .unwrap();
    serde_json::from_slice(&decoded).unwrap()
}

#[tokio::test]
async fn a_token_has_the_permissions_of_the_tenant_and_its_expiry_in_its_claims() {
    const PERMISSION: &str = "nx_dataplatform_device_deletion_api";
    for (builder, expected) in [
        (Simulator::builder(), format!("service:integration {PERMISSION}")),
        (
            Simulator::builder().token_permissions(["nx_other"]),
            "service:integration nx_other".to_owned(),
        ),
        (
            Simulator::builder().token_permissions([""; 0]),
            "service:integration".to_owned(),
        ),
    ] {
        let simulator = builder.start().await.unwrap();
        let reply = token(&simulator, "id:secret", GRANT).await.json();
        let issued = reply["access_token"].as_str().unwrap();
        let claims = claims(issued);
        assert_eq!(claims["scope"], expected.as_str());
        assert_eq!(
            claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
            reply["expires_in"].as_u64().unwrap()
        );
        assert_eq!(status_with(&simulator, issued).await, 202);
    }
}

#[tokio::test]
async fn the_date_of_every_reply_is_as_wrong_as_it_was_set() {
    for offset in [-7200, 7200] {
        let simulator = Simulator::builder().clock_offset(offset).start().await.unwrap();
        for path in ["/", "/_simulator/counts"] {
            let reply = ask(&simulator, &request("GET", path, &[], "")).await;
            let date = httpdate::parse_http_date(reply.header("date").unwrap()).unwrap();
            let now = std::time::SystemTime::now();
            let distance = now.duration_since(date).unwrap_or_else(|error| error.duration());
            assert!((7190..7210).contains(&distance.as_secs()), "{path}: {distance:?}");
            assert_eq!(date > now, offset > 0);
        }
    }
}
