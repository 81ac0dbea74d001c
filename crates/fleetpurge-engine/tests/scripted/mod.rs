//! A service that answers what a closure says.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::result_large_err, reason = "the size of an error does not matter here")]

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fleetpurge_engine::{
    Attempt, DeletionService, Disposition, Entry, EntryStatus, ErrorKind, Input, Receipt, SourceError, SubmitError,
    Trail,
};
use futures_util::{Stream, StreamExt};
use tokio::time::Instant;

pub(crate) type Answer = Result<Vec<EntryStatus>, Disposition>;
type Script = dyn Fn(&[u64], usize) -> Answer + Send + Sync;

/// A service that answers what a closure says, given the batch and how many requests came before.
pub(crate) struct Scripted {
    answer: Box<Script>,
    limit: usize,
    pub(crate) received: Mutex<Vec<Vec<u64>>>,
    pub(crate) at: Mutex<Vec<Instant>>,
    pub(crate) answered: Mutex<usize>,
}

impl Scripted {
    /// A service that takes `limit` devices at once and 10 ms for each request.
    pub(crate) fn new(limit: usize, answer: impl Fn(&[u64], usize) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            limit,
            received: Mutex::default(),
            at: Mutex::default(),
            answered: Mutex::default(),
        })
    }
}

impl DeletionService for Scripted {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.limit).unwrap()
    }

    async fn submit(&self, batch: &[&u64], _: &Attempt) -> Result<Receipt, SubmitError> {
        let batch: Vec<u64> = batch.iter().map(|device| **device).collect();
        let before = {
            let mut received = self.received.lock().unwrap();
            received.push(batch.clone());
            self.at.lock().unwrap().push(Instant::now());
            received.len() - 1
        };
        tokio::time::sleep(Duration::from_millis(10)).await;
        *self.answered.lock().unwrap() += 1;
        match (self.answer)(&batch, before) {
            Ok(entries) => Ok(Receipt {
                entries: entries.into_iter().map(Entry::of).collect(),
                anomalies: Vec::new(),
                trail: Trail::default(),
            }),
            Err(disposition) => Err(SubmitError {
                kind: ErrorKind::Refused,
                disposition,
                detail: "so it is scripted".to_owned(),
                trail: Trail {
                    status: (disposition != Disposition::Backoff).then_some(400),
                    ..Trail::default()
                },
                body_head: None,
                source: None,
            }),
        }
    }
}

/// The same service for several runs, or for what takes it by value.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<Scripted>);

impl DeletionService for Shared {
    type Device = u64;

    fn batch_limit(&self) -> NonZeroUsize {
        self.0.batch_limit()
    }

    async fn submit(&self, batch: &[&u64], attempt: &Attempt) -> Result<Receipt, SubmitError> {
        self.0.submit(batch, attempt).await
    }
}

/// An input of these devices, all there at once.
pub(crate) fn devices(keys: std::ops::Range<u64>) -> impl Stream<Item = Result<Input<u64>, SourceError>> {
    futures_util::stream::iter(keys).map(|key| Ok(Input::send(key, key)))
}

pub(crate) fn all(batch: &[u64], status: EntryStatus) -> Answer {
    Ok(vec![status; batch.len()])
}

pub(crate) fn scheduled(batch: &[u64]) -> Answer {
    all(batch, EntryStatus::Scheduled)
}
