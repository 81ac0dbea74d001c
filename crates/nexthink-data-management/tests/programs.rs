//! The programs of `examples/`, run as a reader would run them: what they print, and what the service received.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod support;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fleetpurge_simulator::Simulator;
use fleetpurge_testing::raw::{Raw, read_request, write};
use serde_json::{Value, json};
use support::*;
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

/// `cargo test` builds examples, too, and puts them next to the folder of the test programs.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.parent().unwrap().parent().unwrap().join("examples");
    let example = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(example.exists(), "cargo build --examples --all-features builds it");
    example
}

/// Runs an example with this service, these variables and this input.
async fn run_program(name: &str, base_url: &str, variables: &[(&str, &str)], input: &'static str) -> Output {
    let mut command = Command::new(example(name));
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NEXTHINK_TOKEN"] {
        command.env_remove(variable);
    }
    command
        .env("NEXTHINK_BASE_URL", base_url)
        .env("NEXTHINK_CLIENT_ID", "id")
        .env("NEXTHINK_CLIENT_SECRET", "secret")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = move || {
        let mut child = command.spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// What a program prints that ends well.
async fn printed(name: &str, simulator: &Simulator, variables: &[(&str, &str)]) -> String {
    let output = run_program(name, simulator.url(), variables, "").await;
    assert!(output.status.success(), "{name}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn service() -> Simulator {
    start(Simulator::builder()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request() {
    let simulator = service().await;
    assert_eq!(printed("one_request", &simulator, &[]).await, "2 of 2 scheduled\n");
    assert_eq!(named(&simulator), "1..3");
}

#[tokio::test(flavor = "multi_thread")]
async fn uid_modes() {
    let simulator = service().await;
    let expected = "warn: invalid\npermissive: invalid\n";
    assert_eq!(printed("uid_modes", &simulator, &[]).await, expected);
    assert_eq!(simulator.requests().len(), 2, "the strict one sent nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn request_id() {
    let simulator = service().await;
    let printed = printed("request_id", &simulator, &[]).await;
    let sent = simulator.requests()[0].request_id.clone();
    assert!(printed.starts_with(&format!("sent {sent}, trace ")), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn inspect_outcomes() {
    let edit = json!({"edit": [{"omit": {"of": "PC-3"}}]});
    let simulator = faulty(json!([{"then": edit}])).await;
    let printed = printed("inspect_outcomes", &simulator, &[]).await;
    assert!(
        printed.starts_with("PC-1: will be deleted\nPC-2: invalid, "),
        "{printed}"
    );
    assert!(
        printed.contains("PC-3: may be deleted, do not just send it again\n"),
        "{printed}"
    );
    assert!(printed.contains("the reply is odd: "), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthorized() {
    let simulator = service().await;
    let printed = printed("unauthorized", &simulator, &[]).await;
    assert!(printed.starts_with("log in again: "), "{printed}");
    assert!(simulator.scheduled_devices().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn channel() {
    let simulator = service().await;
    let printed = printed("channel", &simulator, &[]).await;
    assert!(
        printed.starts_with("500 outcomes, 500 scheduled\n1000 outcomes, 1000 scheduled\n"),
        "{printed}"
    );
    assert!(printed.ends_with(", the run was interrupted\n"), "{printed}");
    let scheduled = simulator.scheduled_devices().len();
    assert!((1_000..5_000).contains(&scheduled), "{scheduled}");
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_stream() {
    let simulator = service().await;
    let rows = "uid,name\na36f0a3c-9e2b-4b6f-8a57-000000000001,PC-1\na36f0a3c-9e2b-4b6f-8a57-000000000002,\"PC-2\"\n";
    let output = run_program("csv_stream", simulator.url(), &[], rows).await;
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "PC-1\tscheduled\nPC-2\tscheduled\n"
    );
    assert!(output.status.success());

    let torn = "uid,name\na36f0a3c-9e2b-4b6f-8a57-000000000003,PC-3\nshort\n";
    let output = run_program("csv_stream", simulator.url(), &[], torn).await;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "PC-3\tpending\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("line: 3"), "{said}");
    assert_eq!(named(&simulator), "1..3");
}

#[tokio::test(flavor = "multi_thread")]
async fn token_provider() {
    let simulator = service().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let variables = [("TOKEN_FILE", file.to_str().unwrap())];
    assert_eq!(printed("token_provider", &simulator, &variables).await, "scheduled\n");
    assert!(simulator.token_requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn proxy() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let builder = Simulator::builder().tls(made.cert.pem(), made.signing_key.serialize_pem());
    let simulator = start(builder.client_credentials("id", "secret")).await;
    let host = simulator.url().trim_start_matches("https://").to_owned();
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, made.cert.pem()).unwrap();

    let proxy = Raw::bind().await;
    let url = proxy.url.clone();
    tokio::spawn(async move {
        loop {
            let mut near = proxy.accept().await;
            let host = host.clone();
            tokio::spawn(async move {
                let head = read_request(&mut near).await.unwrap().head;
                assert!(head.starts_with(&format!("CONNECT {host} ")), "{head}");
                write(&mut near, "HTTP/1.1 200 OK\r\n\r\n").await;
                let mut far = TcpStream::connect(host).await.unwrap();
                // It ends as the client closes the connection.
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    let variables = [("PROXY", &*url), ("CA_FILE", authority.to_str().unwrap())];
    assert_eq!(printed("proxy", &simulator, &variables).await, "scheduled\n");
    let agent = simulator.requests()[0].header("user-agent").unwrap().to_owned();
    assert!(agent.ends_with(" fleet-cleanup/2.1"), "{agent}");
    // Without the proxy it does not work: the program has used it.
    let nobody = Raw::bind().await.url;
    let variables = [("PROXY", &*nobody), ("CA_FILE", authority.to_str().unwrap())];
    assert!(
        !run_program("proxy", simulator.url(), &variables, "")
            .await
            .status
            .success()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unit_test() {
    let simulator = service().await;
    assert_eq!(printed("unit_test", &simulator, &[]).await, "both hold\n");
    assert!(simulator.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking() {
    let simulator = service().await;
    let printed = printed("blocking", &simulator, &[]).await;
    let expected: String = (0..250).map(|n| format!("PC-{n}\tscheduled\n")).collect();
    assert_eq!(printed, expected);
    assert_eq!(simulator.requests().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_as_json() {
    let simulator = service().await;
    let printed = printed("outcomes_as_json", &simulator, &[]).await;
    let lines: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[2]["device"], json!({"uid": device(2).uid, "name": "PC-2"}));
    assert_eq!(
        (&lines[2]["outcome"], &lines[2]["attempts"]),
        (&json!("scheduled"), &json!(1))
    );
    assert_eq!(lines[2]["request_id"], simulator.requests()[0].request_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn journal() {
    let simulator = service().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal");
    let variables = [("JOURNAL", file.to_str().unwrap())];
    assert_eq!(printed("journal", &simulator, &variables).await, "150 scheduled\n");
    let text = std::fs::read_to_string(&file).unwrap();
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sent: Vec<&str> = records
        .iter()
        .filter_map(|record| record["intent"]["attempt"]["request_id"].as_str())
        .collect();
    let requests = simulator.requests();
    assert_eq!(sent.len(), 2, "{text}");
    assert!(requests.iter().all(|request| sent.contains(&&*request.request_id)));
    let settled = records.iter().filter(|record| record["settlement"]["applied"] == "yes");
    assert_eq!(settled.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_client() {
    let simulator = service().await;
    assert_eq!(printed("raw_client", &simulator, &[]).await, "202 Accepted Some(1)\n");
    assert_eq!(named(&simulator), "1..2");
}

#[tokio::test(flavor = "multi_thread")]
async fn own_ids() {
    let simulator = service().await;
    let expected = "4711 (Sales): scheduled\n4712 (Support): scheduled\n";
    assert_eq!(printed("own_ids", &simulator, &[]).await, expected);
    assert!(!String::from_utf8_lossy(&simulator.requests()[0].body).contains("4711"));
}
