//! A simulated tenant in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use serde_json::Value;

use super::command::fleetpurge;

/// A simulated tenant in a process of its own: `fleetpurge simulate`.
pub(crate) struct Simulate {
    child: Child,
    pub(crate) url: String,
}

impl Simulate {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    pub(crate) fn with(arguments: &str) -> Self {
        let mut child = fleetpurge()
            .arg("simulate")
            .args(arguments.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let url = first.trim_end().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "first line: {first:?}");
        Self { child, url }
    }

    /// `host:port`, which is also the tenant of its plans.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        // HTTP/1.0, so that the end of the stream is the end of the reply.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{head}");
        body.to_owned()
    }

    /// The devices of each deletion request that it received, in order.
    pub(crate) fn requests(&self) -> Vec<Vec<(String, String)>> {
        self.get("/_simulator/requests")
            .lines()
            .map(|line| {
                let request: Value = serde_json::from_str(line).unwrap();
                serde_json::from_value(request["devices"].clone()).unwrap()
            })
            .collect()
    }

    pub(crate) fn counts(&self) -> Value {
        serde_json::from_str(&self.get("/_simulator/counts")).unwrap()
    }

    /// Asserts that it was asked to delete nothing.
    #[track_caller]
    pub(crate) fn received_nothing(&self) {
        assert_eq!(self.requests(), Vec::<Vec<_>>::new());
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
