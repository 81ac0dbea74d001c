//! Sends a list without a journal, for library users: a stream in, one outcome per device out, in the order of the
//! input.
//!
//! The [`DeletionStream`] keeps anomalies of replies and waits until they are taken; a [`DeletionReport`] has all of
//! them.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::error_kind::ErrorKind;
use crate::event::{Done, Event, Input, RunEnd, SourceError};
use crate::journal::NoJournal;
use crate::notices::{BatchAnomaly, Notices};
use crate::outcome::{Outcome, OutcomeKind};
use crate::policy::{Order, Policy, Rest, RunOptions};
use crate::rate::Rate;
use crate::run::run;
use crate::service::DeletionService;
use crate::stop::{StopHandle, StopReason};
use crate::wait::Wait;

/// How long devices of a slow producer wait for their batch to be filled, unless told otherwise.
const LINGER: Duration = Duration::from_secs(1);

/// How a bulk deletion is to go.
///
/// ```
/// use std::time::Duration;
///
/// use fleetpurge_engine::bulk::BulkOptions;
/// use fleetpurge_engine::{NotARate, Rate, Rest};
///
/// # fn main() -> Result<(), NotARate> {
/// let mut options = BulkOptions::default();
/// options.rate = Some(Rate::per_second(2.0)?);
/// // For a channel that nobody closes: short batches soon, and a stop that ends it at once.
/// options.linger = Duration::from_millis(200);
/// options.rest = Rest::Leave;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkOptions {
    /// How many requests may be open at a time; 4 unless told otherwise.
    pub concurrency: Option<NonZeroUsize>,
    /// How many requests may be started per second, at most; as many as the service takes unless told otherwise.
    pub rate: Option<Rate>,
    /// How it tries again, waits and gives up.
    pub policy: Policy,
    /// Asks the run to stop: what is in flight is finished, the rest stays pending.
    pub stop: StopHandle,
    /// What happens to devices that were not read when the run stops: [`Rest::Report`] unless told otherwise, so that each
    /// device of a list has its outcome. A producer that is slow or silent is read on for [`linger`](Self::linger), once.
    /// With [`Rest::Leave`] nothing more is read, and what is not read is not reported.
    pub rest: Rest,
    /// How long a device may wait for its batch to be filled; one second unless told otherwise. Once so much has passed
    /// since the first of them was read, and the producer has nothing ready, they are sent as a short batch. A producer
    /// that always has devices ready gets full batches, however short this is. `Duration::MAX`: full batches only, until
    /// the end of the input.
    pub linger: Duration,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            concurrency: None,
            rate: None,
            policy: Policy::default(),
            stop: StopHandle::default(),
            rest: Rest::Report,
            linger: LINGER,
        }
    }
}

/// What is known of one device of a bulk deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceOutcome<D> {
    /// The device, as it was given.
    pub device: D,
    /// What is known of it.
    pub outcome: Outcome,
    /// The id of the last request that named it, as the service answered it, or else as it was sent. None where none was
    /// sent: the request never left, or the service is sent no such ids.
    pub request_id: Option<String>,
    /// The service's trace id of the last reply about it.
    pub trace_id: Option<String>,
    /// How many requests have named it.
    pub attempts: u32,
    /// What went wrong with the last request that named it, if that brought no receipt. It tells apart what the outcome
    /// alone does not: a lost connection from a server error, a service that was not reached from one that refused.
    pub error: Option<ErrorKind>,
}

impl<D> DeviceOutcome<D> {
    fn of(done: Done<D>) -> Self {
        Self {
            device: done.device,
            outcome: done.outcome,
            request_id: done.trail.known_request_id().map(str::to_owned),
            trace_id: done.trail.trace_id.clone(),
            attempts: done.attempts,
            error: done.error,
        }
    }
}

/// What became of every device of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeletionReport<D> {
    /// One outcome a device, in the order of the list.
    pub devices: Vec<DeviceOutcome<D>>,
    /// Why the run stopped before its end, if it did.
    pub stopped: Option<StopReason>,
    /// What was odd about replies, in the order in which they came. An empty list means that each reply was as documented.
    pub anomalies: Vec<BatchAnomaly>,
    /// When the run waited, and why, but for what its rate demanded.
    pub waits: Vec<Wait>,
}

impl<D> DeletionReport<D> {
    /// How many devices have this outcome.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.devices.iter().filter(|device| device.outcome.kind == kind).count()
    }
}

/// Sends every device that the stream yields. `screen` decides of each what may be sent at all; its key is the place in
/// the stream, from 0.
///
/// The run is a task of its own that begins at once; it reads ahead only so far. Dropping the stream of outcomes stops it
/// as [`StopHandle::stop`] does: no attempt is cut off, those in flight are finished, no other starts, and the input is
/// dropped. An attempt whose request has not left is called off, where the service can do that
/// ([`DeletionService::submit_unless`]). What became of those in flight is then only logged.
///
/// # Panics
///
/// Outside a Tokio runtime.
pub fn delete_stream<S, I>(
    service: S,
    devices: I,
    mut screen: impl FnMut(u64, S::Device) -> Input<S::Device> + Send + 'static,
    options: &BulkOptions,
) -> DeletionStream<S::Device>
where
    S: DeletionService,
    I: Stream<Item = S::Device> + Send + 'static,
{
    let defaults = RunOptions::default();
    let run_options = RunOptions {
        concurrency: options.concurrency.unwrap_or(defaults.concurrency),
        rate: options.rate,
        policy: options.policy.clone(),
        order: Order::Input,
        rest: options.rest,
        linger: Some(options.linger),
        seed: None,
    };
    let source = devices
        .enumerate()
        .map(move |(n, device)| Ok::<_, SourceError>(screen(n as u64, device)));
    let run = run(
        Arc::new(service),
        Arc::new(NoJournal),
        source,
        &run_options,
        options.stop.clone(),
    );
    DeletionStream {
        events: run.events,
        end: Some(run.end),
        stopped: None,
        next: 0,
        early: BTreeMap::new(),
        ready: VecDeque::new(),
        notices: Notices::new(),
    }
}

/// The outcomes of a bulk deletion, in the order of its input.
#[derive(Debug)]
pub struct DeletionStream<D> {
    events: mpsc::Receiver<Event<D>>,
    end: Option<JoinHandle<RunEnd>>,
    stopped: Option<StopReason>,
    /// The device whose outcome comes next.
    next: u64,
    /// Outcomes of devices further on.
    early: BTreeMap<u64, DeviceOutcome<D>>,
    ready: VecDeque<DeviceOutcome<D>>,
    notices: Notices,
}

impl<D> DeletionStream<D> {
    /// Why the run stopped before the end of its input, once the stream has ended; None: it did not.
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.stopped.as_ref()
    }

    /// Takes what was odd about the replies that came since it was last asked for.
    ///
    /// It is complete for a device as soon as its outcome was handed out. At most 10,000 anomalies and as many waits are
    /// kept for whoever does not take them; [`dropped_notices`](Self::dropped_notices) counts those beyond.
    pub fn take_anomalies(&mut self) -> Vec<BatchAnomaly> {
        std::mem::take(&mut self.notices.anomalies).into()
    }

    /// Takes the waits that began since it was last asked for, but for what the rate demanded.
    pub fn take_waits(&mut self) -> Vec<Wait> {
        std::mem::take(&mut self.notices.waits).into()
    }

    /// How many anomalies and waits were lost because nobody took them.
    #[must_use]
    pub fn dropped_notices(&self) -> u64 {
        self.notices.dropped
    }

    /// Waits for all outcomes and keeps them in memory, with all anomalies and waits that were not taken.
    pub async fn collect_report(mut self) -> DeletionReport<D>
    where
        D: Unpin,
    {
        self.notices.keep_all();
        let mut devices = Vec::new();
        while let Some(outcome) = self.next().await {
            devices.push(outcome);
        }
        DeletionReport {
            devices,
            stopped: self.stopped,
            anomalies: self.notices.anomalies.into(),
            waits: self.notices.waits.into(),
        }
    }

    fn arrange(&mut self, done: Vec<Done<D>>) {
        for done in done {
            self.early.insert(done.key, DeviceOutcome::of(done));
        }
        while let Some(outcome) = self.early.remove(&self.next) {
            self.ready.push_back(outcome);
            self.next += 1;
        }
    }
}

impl<D: Unpin> Stream for DeletionStream<D> {
    type Item = DeviceOutcome<D>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<DeviceOutcome<D>>> {
        loop {
            if let Some(outcome) = self.ready.pop_front() {
                return Poll::Ready(Some(outcome));
            }
            match ready!(self.events.poll_recv(cx)) {
                Some(Event::Done(done)) => self.arrange(done),
                Some(Event::Landed {
                    attempt,
                    trail,
                    anomalies,
                    ..
                }) => self.notices.landed(attempt, &trail, anomalies),
                Some(Event::Waiting(wait)) => self.notices.waiting(wait),
                None => {
                    let Some(end) = self.end.as_mut() else {
                        return Poll::Ready(None);
                    };
                    self.stopped = match ready!(Pin::new(end).poll(cx)) {
                        Ok(end) => end.stopped,
                        Err(_) => Some(StopReason::Panicked),
                    };
                    self.end = None;
                }
            }
        }
    }
}
