//! What tests of programs need: replies and errors that no service has made.

use std::fmt;
use std::sync::Arc;

use fleetpurge_engine::{Anomaly, AnomalyKind, Disposition, Entry, EntryStatus, Outcome, OutcomeKind, Trail};

use crate::error::{Error, ErrorKind};
use crate::receipt::Receipt;
use crate::transport::{Bytes, Failure, Request, Response, Sent, Transport, TransportError};

type Answering<D, R> = dyn Fn(&[D]) -> Result<R, Error> + Send + Sync;

/// What takes the place of a service: it answers a batch of `D` with an `R`, or an error.
pub struct Fake<D, R>(Arc<Answering<D, R>>);

impl<D, R> Fake<D, R> {
    /// A service that answers like this.
    pub fn new(answer: impl Fn(&[D]) -> Result<R, Error> + Send + Sync + 'static) -> Self {
        Self(Arc::new(answer))
    }

    /// Its answer for a batch.
    ///
    /// # Errors
    ///
    /// Its own.
    pub fn answer(&self, batch: &[&D]) -> Result<fleetpurge_engine::Receipt, Error>
    where
        D: Clone + PartialEq,
        R: AsRef<Receipt<D>>,
    {
        let batch: Vec<D> = batch.iter().map(|device| (*device).clone()).collect();
        Ok(answered((self.0)(&batch)?.as_ref(), &batch))
    }
}

impl<D, R> Clone for Fake<D, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D, R> fmt::Debug for Fake<D, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").finish_non_exhaustive()
    }
}

/// The transport of a client whose service is a [`Fake`]: nothing leaves. The fake answers for deletions alone, and whatever
/// else is asked for must not reach a real service.
#[derive(Clone, Copy, Debug)]
pub struct NoService;

impl Transport for NoService {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        // Guarded and never taken: certainly not sent.
        drop(sent.guard(request));
        Err(TransportError::of(Failure::Local).with_source("a fake client has no service for this request"))
    }
}

impl<D> AsRef<Self> for Receipt<D> {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// For tests.
impl<D> Receipt<D> {
    /// A receipt with these outcomes: [`OutcomeKind::Scheduled`], `Invalid`, `Failed` or `Unknown`, alone or as an
    /// [`Outcome`] with its detail.
    ///
    /// # Panics
    ///
    /// For an outcome that no receipt has: a device that is `rejected`, `pending` or `skipped` has none.
    pub fn fake<O: Into<Outcome>>(outcomes: impl IntoIterator<Item = (D, O)>) -> Self {
        let (devices, outcomes): (_, Vec<Outcome>) = outcomes
            .into_iter()
            .map(|(device, outcome)| (device, outcome.into()))
            .unzip();
        let entries = outcomes.into_iter().map(entry).collect();
        Self::of(
            devices,
            fleetpurge_engine::Receipt {
                entries,
                anomalies: Vec::new(),
                trail: Trail::default(),
            },
        )
    }
}

/// What a receipt says of the devices of a batch. A device that it does not name is `unknown`, as with a real reply.
fn answered<D: PartialEq>(receipt: &Receipt<D>, batch: &[D]) -> fleetpurge_engine::Receipt {
    let mut anomalies = receipt.anomalies().to_vec();
    let mut of = |device: &D| match receipt.iter().find(|(named, _)| *named == device) {
        Some((_, outcome)) => entry(outcome.clone()),
        None => {
            anomalies.push(Anomaly {
                kind: AnomalyKind::MissingEntry,
                detail: "a device of the batch has no entry".to_owned(),
            });
            Entry {
                detail: Some("the reply does not name it".to_owned()),
                ..Entry::of(EntryStatus::Unknown)
            }
        }
    };
    fleetpurge_engine::Receipt {
        entries: batch.iter().map(&mut of).collect(),
        anomalies,
        trail: Trail {
            status: receipt.status(),
            request_id: receipt.request_id().map(str::to_owned),
            trace_id: receipt.trace_id().map(str::to_owned),
            ..Trail::default()
        },
    }
}

fn entry(outcome: Outcome) -> Entry {
    let status = match outcome.kind {
        OutcomeKind::Scheduled => EntryStatus::Scheduled,
        OutcomeKind::Invalid => EntryStatus::Invalid,
        OutcomeKind::Failed => EntryStatus::Failed,
        OutcomeKind::Unknown => EntryStatus::Unknown,
        OutcomeKind::Rejected | OutcomeKind::Pending | OutcomeKind::Skipped => {
            panic!("no receipt says `{}`: return an error instead", outcome.kind)
        }
    };
    Entry {
        status,
        detail: outcome.detail,
        code: outcome.code,
    }
}

/// For tests.
impl Error {
    /// An error of this kind, which asks of a run what such errors usually ask: an unreachable service is tried again, one
    /// that may have acted is not, and a refused token stops the run.
    #[must_use]
    pub fn fake(kind: ErrorKind) -> Self {
        let disposition = match kind {
            ErrorKind::Unreachable => Disposition::Backoff,
            ErrorKind::Throttled => Disposition::Throttled(None),
            ErrorKind::BatchTooLarge => Disposition::TooLarge,
            ErrorKind::InvalidRequest => Disposition::Poisoned,
            ErrorKind::ServerError | ErrorKind::AmbiguousReply | ErrorKind::NoReply => Disposition::Ambiguous,
            _ => Disposition::Stop,
        };
        Self::new(kind, disposition, format!("a fake error ({kind})"))
    }

    /// The same with the status and the error code of a reply.
    #[must_use]
    pub fn with_reply(self, status: u16, code: Option<&str>) -> Self {
        self.with_trail(Trail {
            status: Some(status),
            code: code.map(str::to_owned),
            ..Trail::default()
        })
    }
}
