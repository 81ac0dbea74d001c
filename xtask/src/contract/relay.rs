//! A relay between a client and a server: it adds a header to every request, and keeps what both sides said.
//!
//! For plain HTTP/1.1 between two processes of this machine, one request a connection upstream.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, bail};
use serde_json::Value;

/// One exchange as it passed.
#[derive(Clone)]
pub(super) struct Exchange {
    /// The request line and the headers.
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    reply: Vec<u8>,
}

impl Exchange {
    /// A header of the request.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// The reply's body, if it is JSON.
    pub(super) fn reply_json(&self) -> Option<Value> {
        let end = end_of_head(&self.reply)?;
        serde_json::from_slice(&self.reply[end..]).ok()
    }
}

/// What the relay's threads share.
#[derive(Default)]
struct Shared {
    header: Mutex<String>,
    exchanges: Mutex<Vec<Exchange>>,
}

pub(super) struct Relay {
    pub(super) url: String,
    shared: Arc<Shared>,
}

impl Relay {
    /// Starts a relay to the server at this URL. Its threads end with the process.
    pub(super) fn to(url: &str) -> anyhow::Result<Self> {
        let upstream = url
            .strip_prefix("http://")
            .context("the relay speaks plain HTTP")?
            .to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::<Shared>::default();
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (shared, upstream) = (Arc::clone(&for_thread), upstream.clone());
                // A client that is cut off sees a closed connection, and its answer says so.
                thread::spawn(move || relay(client, &upstream, &shared));
            }
        });
        Ok(Self { url, shared })
    }

    /// From now on every request has this header, `Name: value`.
    pub(super) fn add_header(&self, line: &str) {
        *lock(&self.shared.header) = format!("{line}\r\n");
    }

    /// The exchanges since this was last asked.
    pub(super) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *lock(&self.shared.exchanges))
    }
}

/// One connection: one request, whose reply ends with the connection.
fn relay(mut client: TcpStream, upstream: &str, shared: &Shared) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = end_of_head(&bytes) {
            break end;
        }
        more(&mut client, &mut bytes)?;
    };
    let mut exchange = Exchange {
        head: String::from_utf8(bytes[..end].to_vec())?,
        body: bytes.split_off(end),
        reply: Vec::new(),
    };
    let length: usize = exchange
        .header("content-length")
        .context("a request without a length")?
        .parse()?;
    while exchange.body.len() < length {
        more(&mut client, &mut exchange.body)?;
    }
    let mut server = TcpStream::connect(upstream)?;
    let kept = exchange
        .head
        .lines()
        .filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("connection:"));
    let mut request: String = kept.flat_map(|line| [line, "\r\n"]).collect();
    request += &lock(&shared.header);
    request += "Connection: close\r\n\r\n";
    server.write_all(request.as_bytes())?;
    server.write_all(&exchange.body)?;
    server.read_to_end(&mut exchange.reply)?;
    let reply = exchange.reply.clone();
    // Kept before it is passed on: who has heard the answer can ask what it was.
    lock(&shared.exchanges).push(exchange);
    client.write_all(&reply)?;
    client.shutdown(Shutdown::Both)?;
    Ok(())
}

fn more(from: &mut TcpStream, to: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut chunk = [0; 16 * 1024];
    match from.read(&mut chunk)? {
        0 => bail!("closed within a request"),
        read => to.extend_from_slice(&chunk[..read]),
    }
    Ok(())
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    Some(bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
