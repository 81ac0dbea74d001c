//! A process that was stopped for longer than the timeout reads the reply that arrived meanwhile. The test advances the
//! client's clock while the reply is in its socket.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use fleetpurge_testing::raw::{Raw, Request, read_request, reply_with, write};
use nexthink_data_management::{Client, Credentials, Endpoints};
use support::*;

const TIMEOUT: Duration = Duration::from_secs(30);

/// How the service answers: with this text, of which so much comes before the client's process is stopped.
type Answer = fn(&Request) -> (String, usize);

/// A service on a runtime of its own, on so many connections. It says when it has read its requests; told to, it answers
/// all of them, and says that it has.
struct Service {
    url: String,
    said: mpsc::Receiver<()>,
    answer: mpsc::Sender<()>,
    thread: JoinHandle<usize>,
}

impl Service {
    fn start(connections: usize, answer: Answer) -> Self {
        let (tell_url, url) = mpsc::channel();
        let (tell, said) = mpsc::channel();
        let (go, gone) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let raw = Raw::bind().await;
                tell_url.send(raw.url.clone()).unwrap();
                let mut open = Vec::new();
                for _ in 0..connections {
                    let mut stream = raw.accept().await;
                    let request = read_request(&mut stream).await.unwrap();
                    let (text, before) = answer(&request);
                    write(&mut stream, &text[..before]).await;
                    open.push((stream, text[before..].to_owned()));
                }
                tell.send(()).unwrap();
                gone.recv().unwrap();
                for (stream, rest) in &mut open {
                    write(stream, rest).await;
                }
                tell.send(()).unwrap();
                // Nothing more comes, or the test counts it.
                let mut more = 0;
                for (stream, _) in &mut open {
                    more += usize::from(read_request(stream).await.is_some());
                }
                more
            })
        });
        Self {
            url: url.recv().unwrap(),
            said,
            answer: go,
            thread,
        }
    }

    /// Lets the client run until its requests have come.
    async fn has_requests(&self) {
        while self.said.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    }

    /// How many requests came once all was answered. The client's thread is not blocked: it has connections to close.
    async fn more(self) -> usize {
        let thread = self.thread;
        tokio::task::spawn_blocking(|| thread.join().unwrap()).await.unwrap()
    }

    /// Blocks the client's only thread while the service answers, and moves its clock on.
    async fn sleeps_through_the_answer(&self) {
        self.answer.send(()).unwrap();
        self.said.recv().unwrap();
        tokio::time::advance(TIMEOUT * 20).await;
    }
}

fn accepted(request: &Request) -> (String, usize) {
    (request.accepted(), 0)
}

fn accepted_in_parts(request: &Request) -> (String, usize) {
    let text = request.accepted();
    let within_the_body = text.len() - 20;
    (text, within_the_body)
}

fn accepted_but_for_the_head(request: &Request) -> (String, usize) {
    (request.accepted(), 12)
}

fn issued(_: &Request) -> (String, usize) {
    (
        reply_with(
            "200 OK",
            "application/json",
            r#"{"access_token":"t0ken","expires_in":900}"#,
        ),
        0,
    )
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_came_while_the_process_was_stopped_is_read() {
    let cases: [(&str, Answer); 3] = [
        ("whole", accepted),
        ("within the body", accepted_in_parts),
        ("within the head", accepted_but_for_the_head),
    ];
    for (case, answer) in cases {
        let service = Service::start(4, answer);
        let endpoints = Endpoints::at(&service.url, None).unwrap();
        let client = with_token(endpoints).timeout(TIMEOUT).build().unwrap();
        let attempts: Vec<_> = (0..4)
            .map(|n| {
                let client = client.clone();
                tokio::spawn(async move { client.delete_devices(&[device(n)]).await })
            })
            .collect();
        service.has_requests().await;
        service.sleeps_through_the_answer().await;
        for attempt in attempts {
            let receipt = attempt.await.unwrap();
            let receipt = receipt.unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(receipt.outcomes()[0].kind.as_str(), "scheduled", "{case}");
        }
        drop(client);
        assert_eq!(service.more().await, 0, "{case}: nothing is sent twice");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_came_while_the_process_was_stopped_is_used() {
    let service = Service::start(1, issued);
    let credentials = Credentials::client("id", "secret");
    let client = Client::builder(Endpoints::at(&service.url, None).unwrap(), credentials);
    let client = client.timeout(TIMEOUT).build().unwrap();
    let login = tokio::spawn({
        let client = client.clone();
        async move { client.authenticate().await }
    });
    service.has_requests().await;
    service.sleeps_through_the_answer().await;
    login.await.unwrap().unwrap();
    drop(client);
    assert_eq!(service.more().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_never_comes_is_not_waited_for() {
    let simulator = faulty(serde_json::json!([{"then": {"hang": true}}])).await;
    let began = tokio::time::Instant::now();
    let error = client(&simulator).delete_devices(&devices(1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no answer came in time, and the service may have acted"
    );
    let took = began.elapsed();
    assert!(took >= TIMEOUT && took < 2 * TIMEOUT, "{took:?}");
}
