//! What was received, in arrival order, for tests to read.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Uri, Version};
use serde::Serialize;
use tokio::sync::Notify;

/// How much the simulator remembers of the requests it received.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// Every request with its headers and body. Memory grows with the traffic.
    #[default]
    Full,
    /// Counters, and 16 bytes a device to tell which were received more than once.
    CountsAndDuplicates,
    /// Counters only: constant memory, for load tests.
    CountsOnly,
}

/// One request as it was received.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// 1 for the first request of its kind, in the order in which the heads arrived: deletions, tokens, reads and
    /// writes are counted apart, the two services together.
    pub number: u64,
    /// When the head had arrived.
    pub at: Instant,
    /// Which connection it came over, counted from 1.
    pub connection: u64,
    /// HTTP/1.1 or HTTP/2.
    pub version: Version,
    /// `POST` for a deletion.
    pub method: Method,
    /// The path, and the query that came with it.
    pub uri: Uri,
    /// Every header as received.
    pub headers: HeaderMap,
    /// The body exactly as received; empty unless `fully_read`.
    pub body: Bytes,
    /// `(uid, name)` of each device asked for; empty when the body is not of the documented shape. For Ubidots `(id,
    /// label)`, with an empty label where the account has no such device, or `("~label", label)`: the key as it was
    /// sent comes first.
    pub devices: Vec<(String, String)>,
    /// The `x-request-id` of the reply: the one given, else the one generated. Ubidots replies with none.
    pub request_id: String,
    /// The status replied; `None` while there is no reply, and for ever when the connection ended without.
    pub status: Option<u16>,
    /// The body arrived to its last byte.
    pub fully_read: bool,
}

impl RecordedRequest {
    /// A header as text; `None` when it was not sent, or not as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What has been counted since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Deletion requests, to either service, whose head arrived.
    pub deletion_requests: u64,
    /// Token requests, to either service, whose head arrived.
    pub token_requests: u64,
    /// Requests that read a Ubidots account, whose head arrived.
    pub reads: u64,
    /// Requests that change a Ubidots account otherwise than in bulk (one device deleted, data sent), whose head
    /// arrived.
    pub writes: u64,
    /// Ubidots deletion requests whose body was an empty array. What the service makes of one is not known: it might
    /// delete every device.
    pub empty_deletions: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Deletion requests in hand at this moment.
    pub in_flight: u64,
    /// The most deletion requests that were in hand at once.
    pub max_in_flight: u64,
    /// Devices in the requests that were fully read, each time it was received.
    pub devices_received: u64,
    /// How often a device was received in a request although an earlier one, fully read too, had asked for it.
    /// Always 0 with [`LogLevel::CountsOnly`].
    pub duplicates: u64,
    /// Devices scheduled for deletion, each time it was scheduled, whatever the reply said.
    pub devices_scheduled: u64,
    /// Deletion requests refused by the rate limit.
    pub throttled: u64,
    /// How often each rule of the fault script fired, in the order of the script.
    pub faults: Vec<u64>,
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) connections: AtomicU64,
    pub(crate) in_flight: AtomicU64,
    pub(crate) max_in_flight: AtomicU64,
    pub(crate) devices_received: AtomicU64,
    pub(crate) duplicates: AtomicU64,
    pub(crate) devices_scheduled: AtomicU64,
    pub(crate) throttled: AtomicU64,
    pub(crate) empty_deletions: AtomicU64,
}

/// The requests of one kind.
#[derive(Debug, Default)]
pub(crate) struct Book {
    arrived: AtomicU64,
    received: AtomicU64,
    changed: Notify,
    records: Mutex<Vec<RecordedRequest>>,
}

impl Book {
    fn records(&self) -> MutexGuard<'_, Vec<RecordedRequest>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn snapshot(&self) -> Vec<RecordedRequest> {
        self.records().clone()
    }

    pub(crate) fn count(&self) -> u64 {
        self.arrived.load(Ordering::Acquire)
    }

    pub(crate) async fn wait_for(&self, count: u64) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Before the look, or a change between the look and the wait would be missed.
            changed.as_mut().enable();
            if self.received.load(Ordering::Acquire) >= count {
                return;
            }
            changed.await;
        }
    }

    fn edit(&self, number: u64, edit: impl FnOnce(&mut RecordedRequest)) {
        let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
        if let Some(record) = self.records().get_mut(index) {
            edit(record);
        }
    }
}

/// Everything remembered.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) level: LogLevel,
    pub(crate) started: Instant,
    pub(crate) deletions: Book,
    pub(crate) tokens: Book,
    pub(crate) reads: Book,
    pub(crate) writes: Book,
    pub(crate) tally: Tally,
    /// Of each device the last request it was in. Keyed by hash: a fleet of names would weigh ten times as much.
    seen: Mutex<HashMap<u64, u64>>,
    hasher: RandomState,
    file: Option<Mutex<File>>,
}

/// Which of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Deletion,
    Token,
    Read,
    Write,
}

/// The head of a request, for its record.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) connection: u64,
    pub(crate) version: Version,
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) request_id: &'a str,
}

/// One line of the log file and of `/_simulator/requests`.
#[derive(Debug, Serialize)]
struct Line<'a> {
    number: u64,
    at_ms: u64,
    request_id: &'a str,
    status: Option<u16>,
    fully_read: bool,
    devices: &'a [(String, String)],
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Log {
    pub(crate) fn new(level: LogLevel, file: Option<File>) -> Self {
        Self {
            level,
            started: Instant::now(),
            deletions: Book::default(),
            tokens: Book::default(),
            reads: Book::default(),
            writes: Book::default(),
            tally: Tally::default(),
            seen: Mutex::default(),
            hasher: RandomState::new(),
            file: file.map(Mutex::new),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Acquire);
        Counts {
            deletion_requests: self.deletions.count(),
            token_requests: self.tokens.count(),
            reads: self.reads.count(),
            writes: self.writes.count(),
            empty_deletions: read(&self.tally.empty_deletions),
            connections: read(&self.tally.connections),
            in_flight: read(&self.tally.in_flight),
            max_in_flight: read(&self.tally.max_in_flight),
            devices_received: read(&self.tally.devices_received),
            duplicates: read(&self.tally.duplicates),
            devices_scheduled: read(&self.tally.devices_scheduled),
            throttled: read(&self.tally.throttled),
            faults: Vec::new(),
        }
    }

    /// The deletion requests as NDJSON.
    pub(crate) fn ndjson(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for record in self.deletions.records().iter() {
            self.line(record, &mut out);
        }
        out
    }

    fn line(&self, record: &RecordedRequest, out: &mut Vec<u8>) {
        let line = Line {
            number: record.number,
            at_ms: millis(record.at.saturating_duration_since(self.started)),
            request_id: &record.request_id,
            status: record.status,
            fully_read: record.fully_read,
            devices: &record.devices,
        };
        // Strings and numbers into memory: nothing here can fail.
        if serde_json::to_writer(&mut *out, &line).is_ok() {
            out.push(b'\n');
        }
    }

    fn book(&self, kind: Kind) -> &Book {
        match kind {
            Kind::Deletion => &self.deletions,
            Kind::Token => &self.tokens,
            Kind::Read => &self.reads,
            Kind::Write => &self.writes,
        }
    }

    /// Notes a request whose head has arrived; the ticket goes with it until its end.
    pub(crate) fn arrived(self: &Arc<Self>, kind: Kind, arrival: &Arrival<'_>) -> Ticket {
        let book = self.book(kind);
        let record = |number| RecordedRequest {
            number,
            at: Instant::now(),
            connection: arrival.connection,
            version: arrival.version,
            method: arrival.method.clone(),
            // HTTP/2 has the host in it too, HTTP/1.1 has not.
            uri: arrival
                .uri
                .path_and_query()
                .cloned()
                .map_or_else(Uri::default, Uri::from),
            headers: arrival.headers.clone(),
            body: Bytes::new(),
            devices: Vec::new(),
            request_id: arrival.request_id.to_owned(),
            status: None,
            fully_read: false,
        };
        let number = if self.level == LogLevel::Full {
            // Numbered under the lock, so that the number is the place in the book.
            let mut records = book.records();
            let number = records.len() as u64 + 1;
            records.push(record(number));
            book.arrived.store(number, Ordering::Release);
            number
        } else {
            book.arrived.fetch_add(1, Ordering::AcqRel) + 1
        };
        if kind == Kind::Deletion {
            let now = self.tally.in_flight.fetch_add(1, Ordering::AcqRel) + 1;
            self.tally.max_in_flight.fetch_max(now, Ordering::AcqRel);
        }
        // The file wants the devices whatever the level: the ticket carries them.
        let note = (self.file.is_some() && kind == Kind::Deletion).then(|| {
            let mut note = record(number);
            note.headers.clear();
            Box::new(note)
        });
        Ticket {
            log: Arc::clone(self),
            kind,
            number,
            received: false,
            note,
        }
    }

    fn count_devices<'a>(&self, number: u64, devices: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
        self.tally
            .devices_received
            .fetch_add(devices.len() as u64, Ordering::AcqRel);
        if self.level == LogLevel::CountsOnly {
            return;
        }
        let keys: Vec<u64> = devices.map(|device| self.hasher.hash_one(device)).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let repeated = keys
            .into_iter()
            .filter(|key| seen.insert(*key, number).is_some_and(|last| last != number))
            .count();
        self.tally.duplicates.fetch_add(repeated as u64, Ordering::AcqRel);
    }
}

/// Goes with one request until its end, however it ends.
#[derive(Debug)]
pub(crate) struct Ticket {
    log: Arc<Log>,
    kind: Kind,
    pub(crate) number: u64,
    received: bool,
    note: Option<Box<RecordedRequest>>,
}

impl Ticket {
    /// Notes the body, now that it has arrived to its last byte.
    pub(crate) fn received<'a>(
        &mut self,
        body: &Bytes,
        devices: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone,
    ) {
        let owned = || {
            devices
                .clone()
                .map(|(uid, name)| (uid.to_owned(), name.to_owned()))
                .collect()
        };
        if self.log.level == LogLevel::Full {
            let devices: Vec<_> = owned();
            self.log.book(self.kind).edit(self.number, |record| {
                record.body = body.clone();
                record.devices = devices;
                record.fully_read = true;
            });
        }
        if let Some(note) = &mut self.note {
            note.devices = owned();
            note.fully_read = true;
        }
        if self.kind == Kind::Deletion {
            self.log.count_devices(self.number, devices);
        }
        self.count();
    }

    /// Notes the status that is about to be sent.
    pub(crate) fn replied(&mut self, status: u16) {
        if self.log.level == LogLevel::Full {
            self.log
                .book(self.kind)
                .edit(self.number, |record| record.status = Some(status));
        }
        if let Some(note) = &mut self.note {
            note.status = Some(status);
        }
    }

    fn count(&mut self) {
        if !self.received {
            self.received = true;
            let book = self.log.book(self.kind);
            book.received.fetch_add(1, Ordering::AcqRel);
            book.changed.notify_waiters();
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.count();
        if self.kind == Kind::Deletion {
            self.log.tally.in_flight.fetch_sub(1, Ordering::AcqRel);
        }
        if let (Some(note), Some(file)) = (&self.note, &self.log.file) {
            let mut line = Vec::new();
            self.log.line(note, &mut line);
            // One write a line, so that a reader never sees half of one. A full disk is not the client's business.
            let _ = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
        }
    }
}
