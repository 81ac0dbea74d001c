//! Was the request sent? The first poll of its body decides; each case shows how often the service got the bytes.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::{Arc, mpsc};

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::raw::{Raw, read_request, write};
use nexthink_data_management::{Applied, Client, Endpoints, ErrorKind, StopReason};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use support::*;
use tokio_rustls::TlsAcceptor;

#[test]
fn a_pooled_connection_that_the_service_closed_before_the_request_is_a_sure_no() {
    let block_on = |name: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    // The service lives on a runtime of its own. While the client's thread waits for it to have closed the connection,
    // the client's own tasks see nothing of that.
    let (tell, told) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    let service = std::thread::spawn(move || {
        block_on("service").block_on(async move {
            let raw = Raw::bind().await;
            tell.send(raw.url.clone()).unwrap();
            let mut first = raw.accept().await;
            let request = read_request(&mut first).await.unwrap();
            write(&mut first, &request.accepted()).await;
            gone.recv().unwrap();
            drop(first);
            tell.send(String::new()).unwrap();
            let mut second = raw.accept().await;
            let request = read_request(&mut second).await.unwrap();
            write(&mut second, &request.accepted()).await;
        });
    });
    let client = with_token(Endpoints::at(&told.recv().unwrap(), None).unwrap())
        .build()
        .unwrap();
    block_on("client").block_on(async {
        let two = devices(2);
        client.delete_devices(&two).await.unwrap();
        // The connection goes back into the pool.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        told.recv().unwrap();
        let error = client.delete_devices(&two).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::Unreachable, Applied::No),
            "{error:?}"
        );
        client.delete_devices(&two).await.unwrap();
    });
    service.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_closed_upon_the_head_is_never_read_and_never_counts_as_done() {
    // The service may close before or after the body has left: the first is a sure no, the second nobody can know.
    for then in [json!({"close_before_read": true}), json!({"reset": "before_read"})] {
        let simulator = faulty(json!([{"when": {"request": 1}, "then": then.clone()}])).await;
        let client = client(&simulator);
        let error = client.delete_devices(&devices(100)).await.unwrap_err();
        let expected = match error.applied() {
            Applied::No => ErrorKind::Unreachable,
            _ => ErrorKind::NoReply,
        };
        assert_eq!(error.kind(), expected, "{then}");
        assert_eq!(simulator.requests().len(), 1, "{then}");
        assert!(!simulator.requests()[0].fully_read, "{then}");
        assert_eq!(simulator.scheduled_devices(), [], "{then}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_reached_was_not_sent() {
    let refused = Raw::bind().await.url;
    for url in [&*refused, "https://nonexistent.invalid"] {
        let client = with_token(Endpoints::at(url, None).unwrap()).build().unwrap();
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.applied()),
            (ErrorKind::Unreachable, Applied::No),
            "{url}"
        );
        assert_eq!(error.to_string(), "the service was not reached", "{url}");
        assert!(
            std::error::Error::source(&error).is_some(),
            "{url}: why is in the source"
        );

        let report = run(&client, 3).await;
        assert_eq!(outcomes(&report), "0..3 pending", "{url}");
        assert!(matches!(report.stopped, Some(StopReason::Unreachable { .. })), "{url}");
        assert_eq!(report.devices[0].attempts, 5, "{url}");
    }
}

/// A simulator that speaks TLS, and a client that trusts it.
async fn over_tls(rules: Value) -> (Simulator, Client) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let builder = Simulator::builder().tls(made.cert.pem(), made.signing_key.serialize_pem());
    let simulator = start(builder.faults(script(rules))).await;
    let client = with_token(endpoints(&simulator)).root_certificate(made.cert.der().to_vec());
    (simulator, client.build().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_stops_at_once_and_gets_no_byte() {
    let (simulator, trusting) = over_tls(json!([])).await;
    let client = client(&simulator);
    let error = client.delete_devices(&devices(1)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.applied()),
        (ErrorKind::Certificate, Applied::No),
        "{error:?}"
    );
    let report = run(&client, 300).await;
    assert_eq!(outcomes(&report), "0..300 pending");
    assert_eq!(report.devices[0].attempts, 1);
    let reason = report.stopped.unwrap();
    assert!(matches!(reason, StopReason::Refused { .. }), "{reason:?}");
    assert!(reason.to_string().contains("certificate"), "{reason}");
    assert_eq!(simulator.counts().deletion_requests, 0);

    // The token endpoint's certificate counts as much.
    let login = with_login(&simulator).build().unwrap();
    let error = login.authenticate().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.applied()),
        (ErrorKind::Certificate, Applied::No),
        "{error:?}"
    );
    assert_eq!(simulator.counts().token_requests, 0);

    trusting.delete_devices(&devices(1)).await.unwrap();
    assert_eq!(simulator.requests()[0].version, http::Version::HTTP_2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_http2_says_was_not_processed_is_sent_again_and_no_other() {
    let all = "0..250 scheduled";
    let lost = "0..100 scheduled, 100..200 unknown, 200..250 scheduled";
    let again = "0..100, 100..200, 100..200, 200..250";
    // Refused upon its head, a request names no device.
    let unread = "0..100, [], 100..200, 200..250";
    let once = "0..100, 100..200, 200..250";
    let probed = "0..100, 100..200, 200..201, 201..250";
    let goaway = |last: &str, code: u32| json!({"h2_goaway": {"last_stream": last, "error_code": code}});
    let answered = json!({"h2_goaway": {"last_stream": "above", "answer": true}});
    let mut applied = goaway("above", 0);
    applied["applied"] = json!(true);
    let table = [
        (json!({"h2_refused_stream": true}), all, &[unread, again][..]),
        (goaway("below", 0), all, &[again]),
        (goaway("below", 2), all, &[again]),
        (goaway("above", 0), lost, &[probed]),
        (goaway("above", 2), lost, &[probed]),
        (applied, lost, &[probed]),
        (answered, all, &[once]),
    ];
    for (then, expected, requests) in table {
        let (simulator, client) = over_tls(json!([{"when": {"request": 2}, "then": then.clone()}])).await;
        let report = run(&client, 250).await;
        assert_eq!(outcomes(&report), expected, "{then}: {:?}", report.devices[100]);
        assert!(requests.contains(&&*named(&simulator)), "{then}: {}", named(&simulator));
        assert_eq!(simulator.faults_fired(), [1], "{then}");
        assert!(
            simulator
                .requests()
                .iter()
                .all(|request| request.version == http::Version::HTTP_2)
        );
        check_run(&simulator, &report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http2_connection_that_ends_without_a_word_leaves_open_what_it_carried() {
    for then in [
        json!({"close_after_read": true}),
        json!({"close_after_read": true, "applied": true}),
        json!({"reset": "after_read"}),
    ] {
        let (simulator, client) = over_tls(json!([{"when": {"request": 2}, "then": then.clone()}])).await;
        let report = run(&client, 250).await;
        assert_eq!(
            outcomes(&report),
            "0..100 scheduled, 100..200 unknown, 200..250 scheduled",
            "{then}"
        );
        assert_eq!(named(&simulator), "0..100, 100..200, 200..201, 201..250", "{then}");
        check_run(&simulator, &report);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_ways_to_reset_a_stream_only_refused_stream_is_a_sure_no() {
    use h2::Reason;

    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut tls = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let table = [
        (Reason::REFUSED_STREAM, Applied::No),
        (Reason::NO_ERROR, Applied::Maybe),
        (Reason::PROTOCOL_ERROR, Applied::Maybe),
        (Reason::INTERNAL_ERROR, Applied::Maybe),
        (Reason::CANCEL, Applied::Maybe),
        (Reason::STREAM_CLOSED, Applied::Maybe),
        (Reason::ENHANCE_YOUR_CALM, Applied::Maybe),
        (Reason::HTTP_1_1_REQUIRED, Applied::Maybe),
    ];
    for (reason, applied) in table {
        let raw = Raw::bind().await;
        let url = raw.url.replace("http:", "https:");
        let acceptor = acceptor.clone();
        let service = tokio::spawn(async move {
            let stream = acceptor.accept(raw.accept().await).await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let (request, mut respond) = connection.accept().await.unwrap().unwrap();
            let reading = async move {
                let mut body = request.into_body();
                let mut read = 0;
                while let Some(data) = body.data().await {
                    read += data.unwrap().len();
                }
                respond.send_reset(reason);
                read
            };
            let reading = tokio::spawn(reading);
            // Until the client has gone.
            let others = std::future::poll_fn(|cx| connection.poll_closed(cx)).await;
            drop(others);
            reading.await.unwrap()
        });
        let client = with_token(Endpoints::at(&url, None).unwrap()).root_certificate(made.cert.der().to_vec());
        let client = client.build().unwrap();
        let error = client.delete_devices(&devices(1)).await.unwrap_err();
        let kind = match applied {
            Applied::No => ErrorKind::Unreachable,
            _ => ErrorKind::NoReply,
        };
        assert_eq!(
            (error.kind(), error.applied()),
            (kind, applied),
            "{reason:?}: {error:?}"
        );
        drop(client);
        assert_eq!(service.await.unwrap(), 74, "{reason:?}: the whole body was read");
    }
}
