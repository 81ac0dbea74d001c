//! `fleetpurge serve` in a process of its own, and the sockets that ask it.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "it serves tests only")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::common::{Bench, Running};

/// When a test gives up waiting for what must happen. Nothing is judged by how long it takes.
const GIVE_UP: Duration = Duration::from_secs(120);

/// A page that is served.
pub(crate) struct Serving {
    running: Running,
    /// The first line of stdout.
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(bench: &Bench, line: &str) -> Self {
        let mut running = Running::start(&mut bench.command(line));
        let mut first = String::new();
        BufReader::new(running.child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let url = first.trim_end().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "first line: {first:?}");
        Self { running, url }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        self.url.split('/').nth(2).unwrap()
    }

    /// `/TOKEN/`.
    pub(crate) fn path(&self) -> &str {
        self.url
            .strip_prefix("http://")
            .unwrap()
            .split_at(self.address().len())
            .1
    }

    pub(crate) fn id(&self) -> u32 {
        self.running.child.id()
    }

    /// Sends these bytes, and reads until the connection ends.
    pub(crate) fn raw(&self, request: &str) -> Reply {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Reply {
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// As a browser asks, of this host.
    pub(crate) fn ask(&self, method: &str, path: &str, host: &str) -> Reply {
        self.raw(&format!(
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"
        ))
    }

    pub(crate) fn page(&self) -> Reply {
        self.ask("GET", self.path(), self.address())
    }

    /// The events, from now on.
    pub(crate) fn events(&self) -> Events {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(GIVE_UP)).unwrap();
        // Each event is a chunk; what stands between them is passed over.
        write!(
            stream,
            "GET {}events HTTP/1.1\r\nHost: {}\r\n\r\n",
            self.path(),
            self.address()
        )
        .unwrap();
        let mut events = Events {
            from: BufReader::new(stream),
        };
        let head = events.block();
        assert!(head.contains(" 200 ") && head.contains("text/event-stream"), "{head}");
        events
    }

    /// Reads stderr on until it says so.
    #[track_caller]
    pub(crate) fn says(&mut self, part: &str) {
        self.running.says(part);
    }

    pub(crate) fn signal(&self, name: &str) {
        self.running.signal(name);
    }

    /// What it has said on stderr.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> String {
        self.running.exits(code).1
    }
}

/// A reply, its head in lower case.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn has_status(&self, status: u16) {
        assert_eq!(
            self.head.split(' ').nth(1),
            Some(status.to_string().as_str()),
            "{}",
            self.head
        );
    }
}

/// Events as they come.
pub(crate) struct Events {
    from: BufReader<TcpStream>,
}

impl Events {
    /// The lines up to a blank one.
    fn block(&mut self) -> String {
        let mut text = String::new();
        loop {
            let before = text.len();
            self.from.read_line(&mut text).unwrap();
            assert!(text.len() > before, "the events have ended: {text}");
            if text[before..].trim_end().is_empty() {
                return text;
            }
        }
    }

    /// Reads on until an event has all of these.
    pub(crate) fn until(&mut self, parts: &[&str]) -> String {
        loop {
            let event = self.block();
            if parts.iter().all(|part| event.contains(part)) {
                return event;
            }
        }
    }
}
