//! What the simulator remembers, and what it does in the background.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::time::Duration;

use fleetpurge_simulator::{LogLevel, Simulator};
use http::Version;
use serde_json::{Value, json};
use support::*;

#[tokio::test]
async fn a_request_is_recorded_as_it_was_received() {
    let simulator = simulator().await;
    let id = "0af76519-16cd-43dd-8448-eb211c80319c";
    let body = format!(r#"{{ "devices":[{{"name":"p\u0063","uid":"{A}"}}] }}"#);
    let mut raw = Raw::connect(&simulator).await;
    raw.ask(&request(
        "POST",
        DELETIONS,
        &[BEARER, JSON, ("x-request-id", id), ("X-Odd", "1")],
        &body,
    ))
    .await;
    raw.ask(&request("POST", DELETIONS, &[BEARER, JSON], "{")).await;
    delete(&simulator, &[(B, "b")]).await;
    let [first, second, third] = &simulator.requests()[..] else {
        panic!("not three")
    };
    assert_eq!((first.number, second.number, third.number), (1, 2, 3));
    assert_eq!((first.connection, second.connection, third.connection), (1, 1, 2));
    assert_eq!(
        (first.status, second.status, third.status),
        (Some(202), Some(400), Some(202))
    );
    assert_eq!((&first.body[..], &second.body[..]), (body.as_bytes(), &b"{"[..]));
    assert_eq!((&first.devices, &second.devices), (&owned(&[(A, "pc")]), &vec![]));
    assert_eq!((first.header("x-odd"), first.header("api-version")), (Some("1"), None));
    assert_eq!(
        (first.request_id.as_str(), first.version, first.fully_read),
        (id, Version::HTTP_11, true)
    );
    assert!(first.at <= second.at && second.at <= third.at);
}

#[tokio::test]
async fn a_body_that_never_arrives_in_full_is_recorded_as_such() {
    let simulator = simulator().await;
    let whole = deletion(&[(A, "pc")]);
    let mut raw = Raw::connect(&simulator).await;
    raw.send(&whole[..whole.len() - 1]).await;
    drop(raw);
    simulator.wait_for_requests(1).await;
    let request = &simulator.requests()[0];
    assert_eq!(
        (request.fully_read, request.status, request.devices.len()),
        (false, None, 0)
    );
    assert!(simulator.scheduled_devices().is_empty());
}

#[tokio::test]
async fn a_device_received_in_two_requests_is_a_duplicate() {
    for (level, duplicates) in [
        (LogLevel::Full, 2),
        (LogLevel::CountsAndDuplicates, 2),
        (LogLevel::CountsOnly, 0),
    ] {
        let simulator = start(Simulator::builder().log(level)).await;
        for devices in [
            &[(A, "a"), (A, "a"), (B, "b")][..],
            &[(A, "a"), (C, "c")],
            &[(A, "a"), (B, "other")],
        ] {
            assert_eq!(delete(&simulator, devices).await.status, 202);
        }
        let counts = simulator.counts();
        assert_eq!(counts.duplicates, duplicates, "{level:?}");
        assert_eq!(
            (counts.deletion_requests, counts.connections, counts.devices_received),
            (3, 3, 7)
        );
        assert_eq!(
            (counts.devices_scheduled, counts.max_in_flight, counts.in_flight),
            (7, 1, 0)
        );
        let remembered = if level == LogLevel::Full { 3 } else { 0 };
        assert_eq!(simulator.requests().len(), remembered);
        assert_eq!(simulator.scheduled_devices().is_empty(), remembered == 0);
    }
}

#[tokio::test]
async fn requests_in_hand_at_once_are_counted() {
    let simulator = faulty(json!([{"then": {"hang": true}}])).await;
    let mut open = Vec::new();
    for number in 1..=5 {
        let mut raw = Raw::connect(&simulator).await;
        raw.send(&deletion(&[(A, "pc")])).await;
        simulator.wait_for_requests(number).await;
        open.push(raw);
    }
    assert_eq!((simulator.counts().max_in_flight, simulator.counts().in_flight), (5, 5));
    assert!(
        simulator
            .requests()
            .iter()
            .all(|request| request.status.is_none() && request.fully_read)
    );
}

#[tokio::test]
async fn a_scheduled_device_leaves_the_inventory_later() {
    let devices = [(A, "a"), (B, "b"), (C, "c")];
    let simulator = start(
        Simulator::builder()
            .inventory(devices)
            .removal_delay(Duration::from_millis(30)),
    )
    .await;
    let upper = A.to_uppercase();
    let before = std::time::Instant::now();
    let reply = delete(&simulator, &[(&upper, "a"), (B, "other name"), ("nonsense", "c")]).await;
    assert_eq!(reply.json()["scheduledCount"], 2);
    simulator.wait_until_removed(A).await;
    assert!(before.elapsed() >= Duration::from_millis(30));
    assert_eq!(simulator.inventory(), owned(&[(B, "b"), (C, "c")]));
    delete(&simulator, &[(B, "b"), (C, "c")]).await;
    simulator.wait_until_left(0).await;
    assert_eq!(simulator.inventory(), []);
}

#[tokio::test]
async fn other_processes_read_the_log_over_http() {
    let simulator = start(Simulator::builder().inventory([(A, "a")])).await;
    delete(&simulator, &[(B, "b"), (C, "c")]).await;
    ask(&simulator, &request("POST", DELETIONS, &[JSON], "{}")).await;
    let read = async |path| ask(&simulator, &request("GET", path, &[], "")).await;
    let lines = String::from_utf8(read("/_simulator/requests").await.body).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (lines.len(), &lines[0]["number"], &lines[0]["status"]),
        (2, &json!(1), &json!(202))
    );
    assert_eq!(lines[0]["devices"], json!([[B, "b"], [C, "c"]]));
    assert_eq!(lines[0]["request_id"], json!(simulator.requests()[0].request_id));
    assert_eq!(
        (&lines[1]["status"], &lines[1]["fully_read"]),
        (&json!(401), &json!(true))
    );
    let counts = read("/_simulator/counts").await.json();
    assert_eq!(
        (&counts["deletion_requests"], &counts["devices_received"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(read("/_simulator/inventory").await.json(), json!([[A, "a"]]));
}

#[tokio::test]
async fn the_log_file_has_a_line_for_every_request_that_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("requests.ndjson");
    for level in [LogLevel::Full, LogLevel::CountsOnly] {
        let simulator = start(Simulator::builder().log(level).log_file(&path)).await;
        delete(&simulator, &[(A, "a")]).await;
    }
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "appended, not overwritten");
    for line in &lines {
        assert_eq!((&line["status"], &line["devices"]), (&json!(202), &json!([[A, "a"]])));
    }
    let error = Simulator::builder()
        .log_file(directory.path())
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), fleetpurge_simulator::ErrorKind::LogFile);
}

#[tokio::test]
async fn a_simulator_that_is_shut_down_or_dropped_no_longer_listens() {
    let stopped = simulator().await;
    let port = stopped.port();
    assert_eq!(stopped.url(), format!("http://127.0.0.1:{port}"));
    let taken = Simulator::builder().port(port).start().await.unwrap_err();
    assert_eq!(taken.kind(), fleetpurge_simulator::ErrorKind::Listen);
    let mut open = Raw::connect(&stopped).await;
    open.ask(&deletion(&[(A, "a")])).await;
    stopped.shutdown().await;
    assert_eq!(open.rest().await, (String::new(), Ended::Closed));
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());

    let dropped = simulator().await;
    let mut open = Raw::connect(&dropped).await;
    open.ask(&deletion(&[(A, "a")])).await;
    drop(dropped);
    assert_eq!(open.rest().await, (String::new(), Ended::Closed));
}
