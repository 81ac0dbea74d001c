//! A proxy of the environment that refuses: the service cannot have seen the request. The environment belongs to a
//! whole process, so each case is a process of its own: this test program, asked for one test.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
#![allow(clippy::print_stdout, reason = "the child's answer to its parent")]

mod support;

use std::process::Command;

use fleetpurge_testing::raw::{Raw, read_request, write};
use nexthink_data_management::{Applied, Endpoints, ErrorKind};
use support::*;

const CHILD: &str = "one_request_in_a_child_process";

#[tokio::test]
#[ignore = "run by the others, with an environment of its own"]
async fn one_request_in_a_child_process() {
    let url = std::env::var("TEST_BASE_URL").unwrap();
    let mut builder = with_token(Endpoints::at(&url, None).unwrap());
    if let Ok(timeout) = std::env::var("TEST_TIMEOUT_MS") {
        builder = builder.timeout(std::time::Duration::from_millis(timeout.parse().unwrap()));
    }
    let client = builder.build().unwrap();
    match client.delete_devices(&devices(2)).await {
        Ok(_) => println!("answer: accepted"),
        Err(error) => println!("answer: {:?} {:?} {:?}", error.kind(), error.applied(), error.status()),
    }
}

async fn child(url: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", CHILD, "--ignored", "--nocapture"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command.env("TEST_BASE_URL", url).envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answer = text.lines().find_map(|line| line.split_once("answer: "));
    answer.unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_refuses_to_connect_is_a_sure_no_and_sees_no_token() {
    let unreachable = format!("{:?} {:?} None", ErrorKind::Unreachable, Applied::No);
    let replies = [
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "",
    ];
    for reply in replies {
        let proxy = Raw::bind().await;
        let url = proxy.url.clone();
        let asked = tokio::spawn(async move {
            let mut stream = proxy.accept().await;
            let request = read_request(&mut stream).await.unwrap();
            write(&mut stream, reply).await;
            request.head
        });
        // The host is never looked up: that is the proxy's business.
        let answer = child("https://acme.api.eu.nexthink.invalid", &[("HTTPS_PROXY", &url)]).await;
        assert_eq!(answer, unreachable, "{reply}");
        let head = asked.await.unwrap();
        assert!(head.starts_with("CONNECT acme.api.eu.nexthink.invalid:443 "), "{head}");
        assert!(!head.to_lowercase().contains(TOKEN), "{head}");
    }
    let nobody = Raw::bind().await.url;
    let answer = child("https://acme.api.eu.nexthink.invalid", &[("HTTPS_PROXY", &nobody)]).await;
    assert_eq!(answer, unreachable);
}

const VARIABLES: [&str; 6] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// A proxy that counts who comes, and answers nobody.
struct Counting {
    url: String,
    listener: std::net::TcpListener,
}

impl Counting {
    fn bind() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { url, listener }
    }

    fn was_asked(&self) -> bool {
        self.listener.accept().is_ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loopback_is_asked_directly_whatever_proxy_the_environment_names() {
    let simulator = faulty(serde_json::json!([])).await;
    let port = simulator.url().rsplit(':').next().unwrap().to_owned();
    let proxy = Counting::bind();
    for host in ["127.0.0.1", "localhost"] {
        for no_proxy in ["", "another.example"] {
            let mut variables = VARIABLES.map(|name| (name, &*proxy.url)).to_vec();
            variables.push(("NO_PROXY", no_proxy));
            let answer = child(&format!("http://{host}:{port}"), &variables).await;
            assert_eq!(answer, "accepted", "{host} {no_proxy:?}");
        }
    }
    assert_eq!(named(&simulator), "0..2, 0..2, 0..2, 0..2");
    assert!(!proxy.was_asked(), "the proxy was asked");
}

/// Nothing answers at these addresses (RFC 5737): what is asked there directly is not reached, and no proxy hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_proxy_names_is_asked_directly() {
    let refused = Raw::bind().await.url;
    let port = refused.rsplit(':').next().unwrap();
    for (host, no_proxy, is_asked) in [
        ("acme.invalid", "*", false),
        ("acme.invalid", " x.example , .invalid", false),
        ("acme.invalid", "acme.invalid:1", true),
        ("[::ffff:127.0.0.1]", "", false),
        ("0.0.0.0", "*", false),
        ("0.0.0.0", "0.0.0.0/8", false),
        ("0.0.0.0", "10.0.0.0/8", true),
    ] {
        let proxy = Counting::bind();
        let mut variables = VARIABLES.map(|name| (name, &*proxy.url)).to_vec();
        variables.extend([("NO_PROXY", no_proxy), ("TEST_TIMEOUT_MS", "500")]);
        let answer = child(&format!("https://{host}:{port}"), &variables).await;
        assert!(!answer.starts_with("accepted"), "{host} {no_proxy}: {answer}");
        assert_eq!(proxy.was_asked(), is_asked, "{host} {no_proxy:?}: {answer}");
    }
}
