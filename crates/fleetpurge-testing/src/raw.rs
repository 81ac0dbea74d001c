//! A server that a test leads by the hand, for what the simulator cannot do.

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that accepts connections, and answers what the test writes.
#[derive(Debug)]
pub struct Raw {
    listener: TcpListener,
    /// Where it listens.
    pub url: String,
}

/// A request as it came in.
#[derive(Debug)]
pub struct Request {
    /// Its first line and its headers.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl Request {
    /// The values of the headers of that name.
    #[must_use]
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// The reply of Nexthink that accepts all of it.
    #[must_use]
    pub fn accepted(&self) -> String {
        let asked: Value = serde_json::from_slice(&self.body).unwrap();
        let entry = |device: &Value| json!({"uid": device["uid"], "name": device["name"], "status": "SCHEDULED"});
        let devices: Vec<Value> = asked["devices"].as_array().unwrap().iter().map(entry).collect();
        let reply = json!({"status": "ACCEPTED", "scheduledCount": devices.len(), "devices": devices});
        reply_with("202 Accepted", "application/json", &reply.to_string())
    }
}

/// A reply of HTTP/1.1 with this body.
#[must_use]
pub fn reply_with(status: &str, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl Raw {
    /// Listens on a port of its own.
    pub async fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    /// The next connection.
    pub async fn accept(&self) -> TcpStream {
        self.listener.accept().await.unwrap().0
    }
}

/// One request of HTTP/1.1, to its last byte; `None`: the client closed the connection first.
pub async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    };
    let mut body = bytes.split_off(head);
    let head = String::from_utf8(bytes).unwrap();
    let mut request = Request { head, body: Vec::new() };
    let length = request
        .headers("content-length")
        .first()
        .map_or(0, |length| length.parse().unwrap());
    while body.len() < length {
        if stream.read_buf(&mut body).await.unwrap_or(0) == 0 {
            return None;
        }
    }
    request.body = body;
    Some(request)
}

/// Writes all of it.
pub async fn write(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}
