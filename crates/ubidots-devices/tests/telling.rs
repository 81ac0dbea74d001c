//! What a run reports beside its outcomes, what happens to a dropped future, and how long it waits.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::log::Log;
use futures_util::StreamExt;
use serde_json::{Value, json};
use support::*;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use ubidots_devices::{
    Account, BulkOptions, Client, Credentials, ErrorKind, Filter, OutcomeKind, Rate, StopReason, WaitReason,
};

/// Longer than anything here takes: paused time is not to end a request.
const LONG: Duration = Duration::from_secs(86_400);

fn patient(simulator: &Simulator, credentials: Credentials) -> Client {
    let builder = Client::builder(Account::at(simulator.url()).unwrap(), credentials);
    let builder = builder.timeout(LONG).connect_timeout(LONG / 2);
    builder.read_rate(Rate::per_second(10_000.0).unwrap()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_that_was_never_sent_is_none() {
    let reply = |reply: Value| json!([{"then": {"reply": reply}}]);
    for (rules, kind) in [
        (json!([]), OutcomeKind::Scheduled),
        (reply(json!({"status": 500})), OutcomeKind::Unknown),
        (reply(json!({"status": 403})), OutcomeKind::Pending),
        (json!([{"then": {"close_after_read": true}}]), OutcomeKind::Unknown),
    ] {
        let simulator = faulty(rules.clone()).await;
        let report = run(&client(&simulator), 2).await;
        for of in &report.devices {
            assert_eq!((of.outcome.kind, of.attempts), (kind, 1), "{rules}");
            assert_eq!(
                (of.request_id.as_deref(), of.trace_id.as_deref()),
                (None, None),
                "{rules}"
            );
        }
        let requests = simulator.requests();
        assert!(
            requests.iter().all(|request| request.header("x-request-id").is_none()),
            "{rules}"
        );
    }
    // One that the service answers with is known to it.
    let answered = json!({"status": 403, "headers": {"x-request-id": "theirs"}});
    let report = run(&client(&faulty(reply(answered)).await), 1).await;
    assert_eq!(report.devices[0].request_id.as_deref(), Some("theirs"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_what_exactly_went_wrong() {
    use ErrorKind as K;
    let reply = |reply: Value| json!({"reply": reply});
    for (then, of_device, of_run) in [
        (reply(json!({"status": 403})), Some(K::Refused), Some(K::Refused)),
        (
            json!({"unauthorized": true}),
            Some(K::Unauthorized),
            Some(K::Unauthorized),
        ),
        (
            reply(json!({"status": 403, "error_code": 401_001})),
            Some(K::Unauthorized),
            Some(K::Unauthorized),
        ),
        (
            reply(json!({"status": 420, "retry_after": 601})),
            Some(K::Throttled),
            Some(K::Throttled),
        ),
        (reply(json!({"status": 500})), Some(K::ServerError), None),
        (reply(json!({"status": 204})), Some(K::AmbiguousReply), None),
        (json!({"close_after_read": true}), Some(K::NoReply), None),
    ] {
        let simulator = faulty(json!([{"then": then.clone()}])).await;
        let report = run(&client(&simulator), 2).await;
        let stopped = report.stopped.as_ref().and_then(StopReason::error_kind);
        assert_eq!((report.devices[0].error, stopped), (of_device, of_run), "{then}");
    }
    let simulator = faulty(json!([tokens(json!("1-"), json!({"unauthorized": true}))])).await;
    let report = run(&with_key(&simulator), 2).await;
    assert_eq!(report.stopped.unwrap().error_kind(), Some(K::LoginRefused));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_says_at_once_each_time_is_not_flooded() {
    for status in [420, 429, 503, 408] {
        for wait in [
            json!("0"),
            json!("Sunday, 06-Nov-94 08:49:37 GMT"),
            json!("Sun Nov  6 08:49:37 1994"),
        ] {
            let reply = json!({"reply": {"status": status, "retry_after": wait}});
            let simulator = faulty(json!([{"then": reply.clone()}, reads(json!("1-"), reply.clone())])).await;
            let client = patient(&simulator, Credentials::token(TOKEN));
            let report = client.delete_all(ids(0..900), &BulkOptions::default()).await;
            assert_eq!(outcomes(&report), "0..900 pending", "{reply}");
            assert!(
                matches!(report.stopped, Some(StopReason::OnlyThrottled { .. })),
                "{reply}"
            );
            let received = simulator.requests().len();
            assert!(received <= 3 * 50, "{reply}: {received} requests");

            // What only reads is asked a few times, ever later.
            let began = Instant::now();
            let error = client.devices(Filter::all()).next_page().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Throttled, "{reply}");
            assert!(simulator.reads().len() <= 6, "{reply}");
            assert!(
                began.elapsed() >= Duration::from_secs(7),
                "{reply}: {:?}",
                began.elapsed()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_any_form_is_waited_for_by_runs_reads_and_logins() {
    let date = "Sun, 06 Nov 1994 08:49:00 GMT";
    for wait in [
        "300",
        "299.5",
        "Sunday, 06-Nov-94 08:54:00 GMT",
        "Sun Nov  6 08:54:00 1994",
        "sun, 6 nov 1994 08:54:00 utc",
    ] {
        let others: &[u16] = if wait == "300" { &[420, 429, 503] } else { &[503] };
        for status in others {
            let reply = json!({"reply": {"status": status, "retry_after": wait, "headers": {"Date": date}}});
            let rules = json!([{"when": {"request": 1}, "then": reply.clone()}, reads(json!(1), reply.clone())]);
            let simulator = start(Simulator::builder().faults(script(rules)).ubidots_devices(fleet(3))).await;
            let client = patient(&simulator, Credentials::token(TOKEN));
            let began = Instant::now();
            let report = client.delete_all(ids(0..2), &BulkOptions::default()).await;
            assert_eq!(outcomes(&report), "0..2 scheduled", "{reply}");
            let waits: Vec<_> = report
                .waits
                .iter()
                .map(|wait| (wait.reason, wait.length.as_secs()))
                .collect();
            assert_eq!(waits, [(WaitReason::Throttled, 300)], "{reply}");
            client.devices(Filter::all()).next_page().await.unwrap();
            assert!(
                (600..=603).contains(&began.elapsed().as_secs()),
                "{reply}: {:?}",
                began.elapsed()
            );
            assert_eq!((simulator.requests().len(), simulator.reads().len()), (2, 2), "{reply}");
        }
        let others: &[u16] = if wait == "300" { &[408, 429, 503] } else { &[503] };
        for status in others {
            let reply = json!({"reply": {"status": status, "retry_after": wait, "headers": {"Date": date}}});
            let simulator = faulty(json!([tokens(json!(1), reply.clone())])).await;
            let client = patient(&simulator, Credentials::api_key(KEY));
            let began = Instant::now();
            let report = client.delete_all(ids(0..900), &BulkOptions::default()).await;
            assert_eq!(outcomes(&report), "0..900 scheduled", "{reply}");
            assert_eq!(
                (simulator.token_requests().len(), simulator.requests().len()),
                (2, 3),
                "{reply}"
            );
            assert!(
                (300..=302).contains(&began.elapsed().as_secs()),
                "{reply}: {:?}",
                began.elapsed()
            );
        }
    }
}

#[tokio::test]
async fn a_request_whose_future_is_dropped_is_seen_through_and_its_answer_is_logged() {
    for (then, words) in [
        (
            json!({"delay_reply_ms": 100}),
            "accepted after its caller had gone away",
        ),
        (
            json!({"delay_reply_ms": 100, "reply": {"status": 500}}),
            "failed after its caller had gone away",
        ),
    ] {
        let simulator = faulty(json!([{"then": then.clone()}])).await;
        let client = client(&simulator);
        let (log, _guard) = Log::warnings_of_this_thread();
        let three = keys(0..3);
        tokio::select! {
            biased;
            _ = client.delete_devices(&three) => panic!("{then}: it was answered"),
            () = simulator.wait_for_requests(1) => {}
        }
        log.says(words).await;
        let text = || log.text();
        assert!(three.iter().all(|key| text().contains(&key.to_string())), "{}", text());
        let requests = simulator.requests();
        assert_eq!(requests.len(), 1, "{then}: not made a second time");
        assert!(requests[0].fully_read, "{then}: no half a request");
    }
}

#[tokio::test]
async fn a_future_or_stream_that_is_dropped_starts_nothing_more() {
    let simulator = faulty(json!([tokens(json!("1-"), json!({"delay_reply_ms": 50}))])).await;
    let client = with_key(&simulator);
    let one = keys(0..1);
    tokio::select! {
        biased;
        _ = client.delete_devices(&one) => panic!("it was answered"),
        () = async { while simulator.counts().token_requests == 0 { tokio::task::yield_now().await } } => {}
    }
    client.authenticate().await.unwrap();
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(simulator.requests().len(), 0);

    let simulator = faulty(json!([{"when": {"request": "2-"}, "then": {"delay_reply_ms": 50}}])).await;
    let client = support::client(&simulator);
    let mut stream = client.delete_stream(futures_util::stream::iter(ids(0..3_000)), &options(1));
    stream.next().await.unwrap();
    simulator.wait_for_requests(2).await;
    drop(stream);
    while simulator.scheduled_devices().len() < 600 {
        tokio::task::yield_now().await;
    }
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn what_is_dropped_while_it_connects_sends_nothing_once_it_is_connected() {
    for way in ["future", "stream", "report"] {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let simulator = start(Simulator::builder().tls(made.cert.pem(), made.signing_key.serialize_pem())).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let client = with_token(&url).root_certificate(made.cert.der().to_vec());
        let client = client.build().unwrap();
        let one = keys(0..1);
        let deleting = async {
            match way {
                "future" => drop(client.delete_devices(&one).await),
                "stream" => drop(
                    client
                        .delete_stream(futures_util::stream::iter(ids(0..1)), &options(1))
                        .next()
                        .await,
                ),
                _ => drop(client.delete_all(ids(0..1), &options(1)).await),
            }
        };
        // The connection is there, and its TLS handshake waits.
        let mut held = tokio::select! {
            biased;
            () = deleting => panic!("{way}: it came to its end"),
            accepted = listener.accept() => accepted.unwrap().0,
        };
        drop(client);
        let mut onward = TcpStream::connect(simulator.url().trim_start_matches("https://"))
            .await
            .unwrap();
        // Ends once the client has closed its connection. That it is cut off may be an error.
        let _ = tokio::io::copy_bidirectional(&mut held, &mut onward).await;
        assert_eq!(simulator.requests().len(), 0, "{way}");
        assert_eq!(simulator.counts().deletion_requests, 0, "{way}");
    }
}

#[tokio::test]
async fn a_stream_or_report_dropped_while_it_waits_for_a_token_sends_nothing() {
    for as_report in [false, true] {
        let simulator = faulty(json!([tokens(json!("1-"), json!({"delay_reply_ms": 50}))])).await;
        let client = with_key(&simulator);
        let deleting = async {
            if as_report {
                drop(client.delete_all(ids(0..1), &options(1)).await);
            } else {
                drop(
                    client
                        .delete_stream(futures_util::stream::iter(ids(0..1)), &options(1))
                        .next()
                        .await,
                );
            }
        };
        tokio::select! {
            biased;
            () = deleting => panic!("it came to its end"),
            () = async { while simulator.counts().token_requests == 0 { tokio::task::yield_now().await } } => {}
        }
        // The token comes, to whoever asks next; what was called off is not sent by that.
        client.authenticate().await.unwrap();
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(simulator.requests().len(), 0, "as a report: {as_report}");
    }
}

#[test]
fn a_read_rate_is_a_rate_and_a_timeout_of_zero_is_refused_when_the_client_is_made() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9] {
        assert!(Rate::per_second(rate).is_err(), "{rate}");
    }
    for rate in [Rate::LEAST, Rate::MOST] {
        let builder = Client::builder(Account::industrial(), Credentials::token(TOKEN)).read_rate(rate);
        builder.build().unwrap();
    }
    for timeout in [Duration::ZERO, Duration::MAX] {
        let builder = Client::builder(Account::industrial(), Credentials::token(TOKEN)).timeout(timeout);
        assert_eq!(builder.build().is_err(), timeout.is_zero(), "{timeout:?}");
        let builder = Client::builder(Account::industrial(), Credentials::token(TOKEN)).connect_timeout(timeout);
        assert_eq!(builder.build().is_err(), timeout.is_zero(), "{timeout:?}");
    }
}
