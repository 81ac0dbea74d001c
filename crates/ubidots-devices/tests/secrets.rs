//! Neither token nor API key appears in `Debug`, in an error, or in the most detailed log.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::time::Duration;

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::log::Log;
use jiff::Timestamp;
use serde_json::{Value, json};
use support::*;
use ubidots_devices::{Account, Client, Credentials, Error, Filter, Rate};

const API_KEY: &str = "canary-api-key-5f1d";
const ISSUED: &str = "canary-token-77ab";
const GIVEN: &str = "canary-given-c0de";

/// What the service does, to every request or to some, where it is sent this token.
fn troubles(token: &str) -> Vec<Value> {
    // As proxies do, it prints what it was sent.
    let echo = json!({"status": 502, "html": format!("<pre>X-Auth-Token: {token}</pre>"),
        "headers": {"x-request-id": token, "x-trace-id": token}});
    let code = json!({"status": 400, "json": {"code": token, "detail": token}});
    let elsewhere = json!({"status": 302, "headers": {"Location": "https://elsewhere.invalid/"}});
    let everywhere = |then: Value| json!([{"then": then.clone()}, reads(json!("1-"), then)]);
    vec![
        json!([]),
        json!([{"when": {"request": 1}, "then": {"unauthorized": true}}]),
        everywhere(json!({"unauthorized": true})),
        everywhere(json!({"reply": code})),
        everywhere(json!({"reply": elsewhere})),
        json!([{"then": {"reply": echo}}]),
        json!([{"then": {"close_after_read": true}}]),
        json!([tokens(json!("1-"), json!({"unauthorized": true}))]),
        json!([tokens(
            json!("1-"),
            json!({"reply": {"status": 403, "json": {"code": API_KEY, "detail": API_KEY}}})
        )]),
        json!([tokens(
            json!("1-"),
            json!({"reply": {"status": 200, "json": {"token": format!("{ISSUED}\n")}}})
        )]),
        json!([tokens(
            json!("1-"),
            json!({"reply": {"status": 200, "text": format!("{ISSUED} {API_KEY}")}})
        )]),
    ]
}

fn show(shown: &mut String, answer: Result<impl std::fmt::Debug, Error>) {
    match answer {
        Ok(answer) => writeln!(shown, "{answer:?}").unwrap(),
        Err(error) => {
            let said = [error.body_head(), error.code(), error.request_id(), error.trace_id()];
            writeln!(shown, "{said:?} {:?}", error.kind()).unwrap();
            let mut source: Option<&dyn StdError> = Some(&error);
            while let Some(error) = source {
                writeln!(shown, "{error} {error:?} {error:#?}").unwrap();
                source = error.source();
            }
        }
    }
}

/// Everything that a client does, and all that it says of it.
async fn exercise(shown: &mut String, account: Account, credentials: Credentials, root: &[u8]) {
    writeln!(shown, "{credentials:?} {credentials:#?}").unwrap();
    let builder = Client::builder(account, credentials)
        .read_rate(Rate::MOST)
        .root_certificate(root);
    writeln!(shown, "{builder:?}").unwrap();
    let client = builder.timeout(Duration::from_secs(10)).build().unwrap();
    show(shown, client.authenticate().await);
    show(shown, client.delete_devices(&keys(0..2)).await);
    show(shown, client.device(&id(0).into()).await);
    let mut listing = client.devices(Filter::all());
    show(shown, listing.next_page().await);
    show(shown, client.variables(&id(0)).await);
    show(
        shown,
        client
            .values(id(0).as_str(), Timestamp::UNIX_EPOCH, std::num::NonZeroU64::MIN)
            .await,
    );
    let report = run(&client, 3).await;
    writeln!(shown, "{client:?} {client:#?} {listing:?} {report:?}").unwrap();
}

#[test]
fn neither_token_nor_api_key_shows_anywhere() {
    let log = Log::everything();
    let runtime = |threads| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads).enable_all().build().unwrap()
    };
    // What the service itself logs is its own affair.
    let service = runtime(1);
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let mut shown = String::new();
    let mut received = 0;
    runtime(2).block_on(async {
        let mut rows = Vec::new();
        for (token, credentials) in [
            (ISSUED, Credentials::api_key(API_KEY)),
            (GIVEN, Credentials::token(GIVEN)),
        ] {
            rows.extend(troubles(token).into_iter().map(|rules| (rules, credentials.clone())));
        }
        for (rules, credentials) in rows {
            for tls in [false, true] {
                let mut all = rules.as_array().unwrap().clone();
                all.push(tokens(
                    json!("1-"),
                    json!({"reply": {"status": 201, "json": {"token": ISSUED}}}),
                ));
                let devices = fleet(1);
                let mut builder = Simulator::builder().ubidots_devices(devices).faults(script(all.into()));
                builder = builder.static_token(ISSUED).static_token(GIVEN);
                if tls {
                    builder = builder.tls(made.cert.pem(), made.signing_key.serialize_pem());
                }
                let simulator = service.spawn(builder.start()).await.unwrap().unwrap();
                let account = Account::at(simulator.url()).unwrap();
                exercise(&mut shown, account, credentials.clone(), made.cert.der()).await;
                received += simulator.counts().deletion_requests;
            }
        }
    });
    assert!(received > 20, "the service was reached: {received}");
    let logged = log.text();
    assert!(logged.contains("TRACE") && logged.contains("token"), "the log is there");
    for canary in [API_KEY, ISSUED, GIVEN] {
        let near = |text: &str| {
            let at = text.find(canary)?;
            let start = text.floor_char_boundary(at.saturating_sub(300));
            Some(text[start..text.floor_char_boundary(at + 100)].to_owned())
        };
        assert_eq!(near(&shown), None, "{canary} is shown");
        assert_eq!(near(&logged), None, "{canary} is logged");
    }
}
