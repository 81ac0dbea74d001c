//! Neither secret nor token shows anywhere: not in `Debug`, not in an error, not in the log at its most talkative.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use base64::Engine as _;
use fleetpurge_simulator::Simulator;
use fleetpurge_testing::log::Log;
use nexthink_data_management::{Client, Credentials};
use serde_json::json;
use support::*;

const ID: &str = "canary-client-id";
const SECRET: &str = "canary-secret-5f1d";
const ISSUED: &str = "canary-token-77ab";

#[test]
fn neither_secret_nor_token_shows_anywhere() {
    let log = Log::everything();
    let runtime = |threads| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(threads).enable_all().build().unwrap()
    };
    // What the service itself logs is its own affair.
    let service = runtime(1);
    let mut shown = String::new();
    runtime(2).block_on(async {
        let issue = json!({"access_token": ISSUED, "expires_in": 900, "token_type": "Bearer"});
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        for rules in [
            json!([]),
            json!([{"when": {"request": 1}, "then": {"unauthorized": true}}]),
            json!([{"then": {"reply": {"status": 500}}}]),
            json!([{"then": {"reply": {"status": 302, "headers": {"Location": "https://elsewhere.invalid/"}}}}]),
            json!([{"then": {"close_after_read": true}}]),
            json!([{"when": {"endpoint": "token"}, "then": {"unauthorized": true}}]),
            json!([{"when": {"endpoint": "token"}, "then": {"reply": {"status": 200, "json": {"access_token": format!("{ISSUED}\n")}}}}]),
            json!([{"when": {"endpoint": "token"}, "then": {"close_after_read": true}}]),
        ] {
            for tls in [false, true] {
                let mut all = rules.as_array().unwrap().clone();
                all.push(json!({"when": {"endpoint": "token"}, "then": {"reply": {"status": 200, "json": issue}}}));
                let mut builder = Simulator::builder().static_token(ISSUED).faults(script(all.into()));
                if tls {
                    builder = builder.tls(made.cert.pem(), made.signing_key.serialize_pem());
                }
                let simulator = service.spawn(builder.start()).await.unwrap().unwrap();
                let credentials = Credentials::client(ID, SECRET);
                shown += &format!("{credentials:?}");
                let builder = Client::builder(endpoints(&simulator), credentials).root_certificate(made.cert.der().to_vec());
                shown += &format!("{builder:?}");
                let client = builder.build().unwrap();
                let answer = client.delete_devices(&devices(1)).await;
                let report = run(&client, 150).await;
                shown += &format!("{client:?} {answer:?} {report:?} {:?}", report.stopped);
                if let Err(error) = &answer {
                    let mut source: Option<&dyn std::error::Error> = Some(error);
                    while let Some(error) = source {
                        shown += &format!("{error} {error:?}");
                        source = error.source();
                    }
                }
                let given = with_token(endpoints(&simulator));
                shown += &format!("{given:?} {:?}", given.clone().build());
            }
        }
    });
    let logged = log.text();
    assert!(
        logged.contains("TRACE") && logged.contains("attempt{"),
        "the log is there"
    );
    let basic = |secret: &str| base64::prelude::BASE64_STANDARD.encode(format!("{ID}:{secret}"));
    for canary in [SECRET, ISSUED, TOKEN, &basic(SECRET)] {
        let near = |text: &str| {
            let at = text.find(canary)?;
            Some(text[at.saturating_sub(200)..(at + 100).min(text.len())].to_owned())
        };
        assert_eq!(near(&shown), None, "{canary} is shown");
        assert_eq!(near(&logged), None, "{canary} is logged");
    }
}
