//! Exports from the simulator over real sockets: the whole result, or an error; and what the other host was told.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_simulator::{ExportFault, FaultScript, SavedQuery, Simulator};
use nexthink_data_management as nexthink;
use nexthink_nql::{Client, Compression, Error, ErrorKind, ExportCall, Parameters, Progress, QueryId};

const SECRET: &str = "s3cret-of-the-client";

fn devices(count: u32) -> Vec<(String, String)> {
    (0..count)
        .map(|n| {
            (
                format!("{n:08x}-7d1c-4d3e-8f40-{n:012x}"),
                format!("OLD-{n}, \"spare\"\nroom {n}"),
            )
        })
        .collect()
}

fn builder() -> fleetpurge_simulator::Builder {
    Simulator::builder()
        .inventory(devices(50))
        .saved_query("#all_devices", SavedQuery::all())
        .saved_query("#by_prefix", SavedQuery::all().prefix_parameter("prefix"))
}

fn both(simulator: &Simulator) -> (nexthink::Client, Client) {
    let endpoints = nexthink::Endpoints::at(simulator.url(), None).unwrap();
    let client = nexthink::Client::builder(endpoints, nexthink::Credentials::client("id", SECRET))
        .build()
        .unwrap();
    let nql = Client::of(&client);
    (client, nql)
}

fn all(client: &Client) -> ExportCall<'static> {
    let query = QueryId::new("#all_devices").unwrap();
    client
        .export(&query, &Parameters::default())
        .poll_interval(Duration::from_millis(1))
}

/// Every row, once the result is known to be whole.
async fn rows(call: ExportCall<'_>) -> Result<Vec<Vec<String>>, Error> {
    let mut export = call.await?;
    let mut rows = Vec::new();
    while let Some(row) = export.next_row().await? {
        rows.push(row.iter().map(str::to_owned).collect());
    }
    assert_eq!(export.summary().unwrap().rows, rows.len() as u64);
    // Nothing comes after the end.
    assert!(export.next_row().await?.is_none());
    Ok(rows)
}

fn expected() -> Vec<Vec<String>> {
    devices(50).into_iter().map(|(uid, name)| vec![uid, name]).collect()
}

/// No header of a request to the other host says who asks.
fn tells_nobody(simulator: &Simulator, token: Option<&str>) {
    let requests = simulator.file_requests();
    assert!(!requests.is_empty());
    for request in requests {
        assert!(request.headers.get("authorization").is_none(), "{:?}", request.headers);
        for (name, value) in &request.headers {
            let value = value.to_str().unwrap();
            assert!(
                !value.contains(SECRET) && token.is_none_or(|token| !value.contains(token)),
                "{name}"
            );
            assert!(!name.as_str().starts_with("x-"), "{name}");
        }
    }
}

#[tokio::test]
async fn the_whole_result_comes_however_it_is_compressed() {
    let simulator = builder().start().await.unwrap();
    let (nexthink, client) = both(&simulator);
    nexthink.authenticate().await.unwrap();
    let mut sums = Vec::new();
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let copy = Copy::default();
        let mut export = all(&client)
            .compression(compression)
            .copy_to(copy.clone())
            .on_progress(move |progress| telling.lock().unwrap().push(progress))
            .await
            .unwrap();
        assert_eq!(export.headings(), ["device.uid", "device.name"]);
        let mut found = Vec::new();
        while let Some(row) = export.next_row().await.unwrap() {
            found.push(row.iter().map(str::to_owned).collect::<Vec<_>>());
        }
        assert_eq!(found, expected(), "{compression}");
        let summary = export.summary().unwrap().clone();
        assert_eq!(copy.0.lock().unwrap().len() as u64, summary.bytes);
        sums.push(summary.sha256);
        let told = told.lock().unwrap();
        assert!(matches!(told[0], Progress::Submitted { .. }), "{told:?}");
        assert_eq!(
            told.iter()
                .filter(|told| matches!(told, Progress::Running { .. }))
                .count(),
            2
        );
        assert!(
            matches!(told.last(), Some(Progress::Fetching { bytes: Some(_) })),
            "{told:?}"
        );
    }
    assert_eq!(sums[0], sums[1]);
    assert_eq!(sums[0], sums[2]);
    // One login for everything, and nothing of it for the other host.
    assert_eq!(simulator.token_requests().len(), 1);
    tells_nobody(&simulator, None);
}

#[derive(Clone, Default)]
struct Copy(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Copy {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_parameter_reaches_the_query() {
    let simulator = builder().start().await.unwrap();
    let (_, client) = both(&simulator);
    let query = QueryId::new("#by_prefix").unwrap();
    for (prefix, count) in [("OLD-1,", 1), ("OLD-", 50), ("NEW", 0)] {
        let parameters = Parameters::default().with("prefix", prefix).unwrap();
        let call = client
            .export(&query, &parameters)
            .poll_interval(Duration::from_millis(1));
        assert_eq!(rows(call).await.unwrap().len(), count, "{prefix}");
    }
}

#[tokio::test]
async fn what_is_not_the_whole_result_is_an_error() {
    let url = |url: &str| ExportFault::Url(url.to_owned());
    for (fault, kind, part) in [
        (
            ExportFault::Failed("too large".to_owned()),
            ErrorKind::Failed,
            "too large",
        ),
        (
            ExportFault::Status("PAUSED".to_owned()),
            ErrorKind::NotUnderstood,
            "PAUSED",
        ),
        (ExportFault::Truncated, ErrorKind::Truncated, "licence"),
        (ExportFault::CutFile, ErrorKind::Incomplete, "did not come whole"),
        (ExportFault::ShortFile, ErrorKind::Incomplete, "did not come whole"),
        (ExportFault::Redirect, ErrorKind::Refused, "307"),
        (url("http://files.example/a.csv"), ErrorKind::NotUnderstood, "not https"),
        (
            url("https://user:pass@files.example/a.csv"),
            ErrorKind::NotUnderstood,
            "user name",
        ),
        (url("nowhere"), ErrorKind::NotUnderstood, "not a URL"),
    ] {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let simulator = builder().export_faults([fault.clone()]).start().await.unwrap();
            let (_, client) = both(&simulator);
            let error = rows(all(&client).compression(compression)).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{fault:?} {compression}: {error:?}");
            assert!(error.to_string().contains(part), "{fault:?}: {error}");
            assert!(!format!("{error:?}").contains("X-Amz-Signature"), "{error:?}");
            // Nothing is wrong with the next.
            assert_eq!(rows(all(&client)).await.unwrap(), expected());
        }
    }
}

#[tokio::test]
async fn an_expired_url_is_asked_for_once_more() {
    let simulator = builder()
        .export_faults([ExportFault::ExpiredUrl])
        .start()
        .await
        .unwrap();
    let (_, client) = both(&simulator);
    assert_eq!(rows(all(&client)).await.unwrap(), expected());
    let files = simulator.file_requests();
    assert_eq!(files.len(), 2);
    assert_ne!(files[0].uri.query(), files[1].uri.query());
    tells_nobody(&simulator, None);

    let simulator = builder().export_url_lifetime(Duration::ZERO).start().await.unwrap();
    let (_, client) = both(&simulator);
    let error = rows(all(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), simulator.file_requests().len()),
        (ErrorKind::Refused, 2),
        "{error}"
    );
}

#[tokio::test]
async fn a_cut_off_result_is_taken_only_if_it_is_asked_for() {
    let simulator = builder().export_faults([ExportFault::Truncated]).start().await.unwrap();
    let (_, client) = both(&simulator);
    let export = all(&client).accept_truncated().await.unwrap();
    assert!(export.is_truncated());
}

#[tokio::test]
async fn a_wait_is_obeyed_in_either_form_and_a_long_one_is_told() {
    let script = |retry: &str| {
        FaultScript::from_json(&format!(
            r#"{{"rules": [{{"when": {{"endpoint": "reads", "request": 2}},
                "then": {{"reply": {{"status": 429, "retry_after": {retry}}}}}}}]}}"#
        ))
        .unwrap()
    };
    for retry in ["0", r#"{"date_in_seconds": 0}"#] {
        let simulator = builder().faults(script(retry)).start().await.unwrap();
        let (_, client) = both(&simulator);
        let told = Mutex::new(Vec::new());
        let call = all(&client).on_progress(|progress| told.lock().unwrap().push(progress));
        assert_eq!(rows(call).await.unwrap(), expected(), "{retry}");
        let told = told.into_inner().unwrap();
        assert!(
            told.iter().any(|told| matches!(told, Progress::Waiting { .. })),
            "{told:?}"
        );
    }
    for retry in ["86400", r#"{"date_in_seconds": 86400}"#] {
        let simulator = builder().faults(script(retry)).start().await.unwrap();
        let (_, client) = both(&simulator);
        let error = rows(all(&client)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Throttled, Some(429)),
            "{error}"
        );
        assert!(error.retry_after().unwrap() > Duration::from_secs(80_000), "{error:?}");
        assert_eq!(simulator.file_requests().len(), 0);
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_told_apart() {
    let simulator = builder().queries_forbidden().start().await.unwrap();
    let (_, client) = both(&simulator);
    let error = rows(all(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Forbidden, Some(403)),
        "{error:?}"
    );
    assert_eq!(error.message(), Some("Not authorized to execute queries"));
    assert!(error.request_id().is_some());

    let simulator = builder().start().await.unwrap();
    let (_, client) = both(&simulator);
    let query = QueryId::new("#nobody_saved_it").unwrap();
    let error = rows(client.export(&query, &Parameters::default())).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::NotFound, Some(404)),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_export_that_takes_too_long_is_given_up_and_a_dropped_one_is_not_fetched() {
    let simulator = builder().export_polls(u32::MAX).start().await.unwrap();
    let (_, client) = both(&simulator);
    let error = rows(all(&client).max_wait(Duration::from_millis(20)))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");

    // It is dropped as soon as the service has taken the request, and the result is there a moment later.
    let simulator = builder().export_polls(1).start().await.unwrap();
    let (_, client) = both(&simulator);
    let (told, mut submitted) = tokio::sync::mpsc::unbounded_channel();
    let call = all(&client).on_progress(move |progress| told.send(progress).unwrap());
    let waiting = tokio::spawn(call.poll_interval(Duration::from_secs(3_600)).into_future());
    while !matches!(submitted.recv().await, Some(Progress::Running { .. })) {}
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(simulator.file_requests().len(), 0);

    let simulator = builder().start().await.unwrap();
    let (_, client) = both(&simulator);
    let mut export = all(&client).await.unwrap();
    export.next_row().await.unwrap();
    drop(export);
    // The connections are still of use.
    assert_eq!(rows(all(&client)).await.unwrap(), expected());
}

#[tokio::test]
async fn more_bytes_than_are_to_be_read_are_refused_however_they_are_compressed() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let simulator = builder().start().await.unwrap();
        let (_, client) = both(&simulator);
        let error = rows(all(&client).compression(compression).limit(100))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{compression}: {error}");
        assert!(!error.is_worth_another_try());
    }
}

#[tokio::test]
async fn a_copy_that_cannot_be_written_is_told_and_is_no_fault_of_the_file() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
    }
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let simulator = builder().start().await.unwrap();
        let (_, client) = both(&simulator);
        let copies: [Box<dyn std::io::Write + Send>; 2] = [Box::new(Full), Box::new(std::io::BufWriter::new(Full))];
        for copy in copies {
            let call = all(&client).compression(compression).copy_to(copy);
            let error = rows(call).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotCopied, "{compression}: {error:?}");
            assert!(!error.is_worth_another_try());
        }
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let refused = |requests: &str| {
        FaultScript::from_json(&format!(
            r#"{{"rules": [{{"when": {{"endpoint": "reads", "request": {requests}}}, "then": {{"reply": {{"status": 401}}}}}}]}}"#
        ))
        .unwrap()
    };
    for request in [1, 2] {
        let simulator = builder().faults(refused(&request.to_string())).start().await.unwrap();
        let (_, client) = both(&simulator);
        assert_eq!(rows(all(&client)).await.unwrap(), expected(), "{request}");
        assert_eq!(simulator.token_requests().len(), 2);
    }
    let simulator = builder().faults(refused("\"1-\"")).start().await.unwrap();
    let (_, client) = both(&simulator);
    let error = rows(all(&client)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Unauthorized, Some(401)),
        "{error:?}"
    );
    assert_eq!(
        (simulator.token_requests().len(), simulator.file_requests().len()),
        (2, 0)
    );
}

#[tokio::test]
async fn a_host_of_the_file_that_has_no_time_is_asked_again_and_another_answer_is_told() {
    for (status, kind) in [
        (408, None),
        (429, None),
        (500, None),
        (503, None),
        (400, Some(ErrorKind::Refused)),
        (404, Some(ErrorKind::Refused)),
    ] {
        let simulator = builder()
            .export_faults([ExportFault::FileStatus(status)])
            .start()
            .await
            .unwrap();
        let (_, client) = both(&simulator);
        let found = rows(all(&client)).await;
        match kind {
            None => assert_eq!(found.unwrap(), expected(), "{status}"),
            Some(kind) => assert_eq!(found.unwrap_err().kind(), kind, "{status}"),
        }
        let asked = if kind.is_none() { 2 } else { 1 };
        assert_eq!(simulator.file_requests().len(), asked, "{status}");
    }
}

/// The program's own headers and its certificate are for the service; so is the suffix of its user agent.
#[tokio::test]
async fn the_host_of_the_file_gets_no_header_of_the_program_and_no_token() {
    for is_wrapped in [false, true] {
        let simulator = builder().static_token("t0ken-of-the-service").start().await.unwrap();
        let endpoints = nexthink::Endpoints::at(simulator.url(), None).unwrap();
        let mut nexthink = nexthink::Client::builder(endpoints, nexthink::Credentials::token("t0ken-of-the-service"))
            .header("x-gateway-key", "g4teway")
            .user_agent_suffix("our-program/1");
        if is_wrapped {
            nexthink = nexthink.wrap_transport(|inner| inner);
        }
        let client = Client::of(&nexthink.build().unwrap());
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            assert_eq!(rows(all(&client).compression(compression)).await.unwrap(), expected());
        }
        tells_nobody(&simulator, Some("t0ken-of-the-service"));
        for request in simulator.file_requests() {
            let headers = format!("{:?}", request.headers);
            assert!(
                !headers.contains("g4teway") && !headers.contains("our-program"),
                "{headers}"
            );
        }
    }
}
