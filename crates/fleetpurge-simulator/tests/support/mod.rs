//! Requests written byte by byte, so that nothing between a test and the simulator is clever.
#![allow(dead_code, unreachable_pub, reason = "every test file uses some of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test says what it expects by failing"
)]
#![allow(clippy::needless_pass_by_value, reason = "`json!` values are made for the call")]

pub mod ubidots;

use std::io::ErrorKind;
use std::time::Duration;

use fleetpurge_simulator::{Builder, FaultScript, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const A: &str = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
pub const B: &str = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";
pub const C: &str = "6ba7b812-9dad-11d1-80b4-00c04fd430c8";
pub const DELETIONS: &str = "/api/v1/data-management/device/deletions";
pub const TOKEN: &str = "/oauth2/default/v1/token";
pub const BEARER: (&str, &str) = ("Authorization", "Bearer test");
pub const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A simulator that accepts the token `test`.
pub async fn simulator() -> Simulator {
    start(Simulator::builder()).await
}

pub async fn start(builder: Builder) -> Simulator {
    builder.static_token("test").start().await.unwrap()
}

/// A simulator with these rules.
pub async fn faulty(rules: Value) -> Simulator {
    start(Simulator::builder().faults(script(rules))).await
}

pub fn script(rules: Value) -> FaultScript {
    FaultScript::from_value(json!({"seed": 7, "rules": rules})).unwrap()
}

/// The body that asks for these devices.
pub fn batch(devices: &[(&str, &str)]) -> String {
    let devices: Vec<_> = devices
        .iter()
        .map(|(uid, name)| json!({"uid": uid, "name": name}))
        .collect();
    json!({"devices": devices}).to_string()
}

pub fn owned(devices: &[(&str, &str)]) -> Vec<(String, String)> {
    devices
        .iter()
        .map(|(uid, name)| ((*uid).to_owned(), (*name).to_owned()))
        .collect()
}

/// A request in HTTP/1.1.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text += "\r\n";
    text += body;
    text.into_bytes()
}

/// A deletion request that is in order.
pub fn deletion(devices: &[(&str, &str)]) -> Vec<u8> {
    request("POST", DELETIONS, &[BEARER, JSON], &batch(devices))
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// With FIN.
    Closed,
    /// With RST.
    Reset,
}

pub struct Raw {
    pub stream: TcpStream,
    buffer: Vec<u8>,
}

impl Raw {
    pub async fn connect(simulator: &Simulator) -> Self {
        Self {
            stream: TcpStream::connect(("127.0.0.1", simulator.port())).await.unwrap(),
            buffer: Vec::new(),
        }
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// The next reply of the connection.
    pub async fn reply(&mut self) -> Reply {
        let end = loop {
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert_ne!(
                soon(self.stream.read_buf(&mut self.buffer)).await.unwrap(),
                0,
                "closed before a reply"
            );
        };
        let head = String::from_utf8(self.buffer.drain(..end).collect()).unwrap();
        let mut reply = Reply {
            status: head[9..12].parse().unwrap(),
            head,
            body: Vec::new(),
        };
        let length = reply.header("content-length").map_or(0, |value| value.parse().unwrap());
        while self.buffer.len() < length {
            assert_ne!(
                soon(self.stream.read_buf(&mut self.buffer)).await.unwrap(),
                0,
                "closed within a reply"
            );
        }
        reply.body = self.buffer.drain(..length).collect();
        reply
    }

    /// Everything until the end.
    pub async fn rest(&mut self) -> (String, Ended) {
        let ended = loop {
            match soon(self.stream.read_buf(&mut self.buffer)).await {
                Ok(0) => break Ended::Closed,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break Ended::Reset,
                Err(error) => panic!("{error}"),
            }
        };
        (String::from_utf8(std::mem::take(&mut self.buffer)).unwrap(), ended)
    }

    pub async fn ask(&mut self, request: &[u8]) -> Reply {
        self.send(request).await;
        self.reply().await
    }
}

/// What a broken simulator never does, so that its test fails instead of hanging.
pub async fn soon<F: Future>(expected: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), expected)
        .await
        .expect("nothing happened")
}

/// One request over a connection of its own.
pub async fn ask(simulator: &Simulator, request: &[u8]) -> Reply {
    Raw::connect(simulator).await.ask(request).await
}

/// One deletion request that is in order.
pub async fn delete(simulator: &Simulator, devices: &[(&str, &str)]) -> Reply {
    ask(simulator, &deletion(devices)).await
}
