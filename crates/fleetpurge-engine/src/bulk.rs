//! A library's way to send a list: a stream in, one outcome per device out, in the order of the input. Without a
//! journal.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::journal::NoJournal;
use crate::outcome::{Outcome, OutcomeKind};
use crate::policy::{Order, Policy, Rest, RunOptions};
use crate::run::{Done, Event, Input, RunEnd, SourceError, run};
use crate::service::DeletionService;
use crate::stop::{StopHandle, StopReason};

/// How a bulk deletion is to go.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct BulkOptions {
    /// How many requests may be open at a time; 4 unless told otherwise.
    pub concurrency: Option<NonZeroUsize>,
    /// How many requests may be started per second, at most; as many as the service takes unless told otherwise.
    pub rate: Option<f64>,
    /// How it tries again, waits and gives up.
    pub policy: Policy,
    /// Asks the run to stop: what is in flight is finished, the rest stays pending.
    pub stop: StopHandle,
}

/// What is known of one device of a bulk deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceOutcome<D> {
    /// The device, as it was given.
    pub device: D,
    /// What is known of it.
    pub outcome: Outcome,
    /// The id of the last request that named it, as the service answered it, or else as the attempt had it.
    pub request_id: Option<String>,
    /// The service's trace id of the last reply about it.
    pub trace_id: Option<String>,
    /// How many requests have named it.
    pub attempts: u32,
}

impl<D> DeviceOutcome<D> {
    fn of(done: Done<D>) -> Self {
        let sent = done.attempt.map(|attempt| attempt.request_id.to_string());
        Self {
            device: done.device,
            outcome: done.outcome,
            request_id: done.trail.request_id.clone().or(sent),
            trace_id: done.trail.trace_id.clone(),
            attempts: done.attempts,
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
/// The run is a task of its own that begins at once; it reads ahead only so far, and dropping the stream of outcomes
/// stops it after the attempts in flight.
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
        rest: Rest::Report,
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
}

impl<D> DeletionStream<D> {
    /// Why the run stopped before the end of its input, once the stream has ended; None: it did not.
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.stopped.as_ref()
    }

    /// Waits for all outcomes and keeps them in memory.
    pub async fn collect_report(mut self) -> DeletionReport<D>
    where
        D: Unpin,
    {
        let mut devices = Vec::new();
        while let Some(outcome) = self.next().await {
            devices.push(outcome);
        }
        DeletionReport {
            devices,
            stopped: self.stopped,
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
                Some(Event::Landed { .. } | Event::Waiting(_)) => {}
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
