//! Any number of devices: a stream in, one outcome per device out, in the order of the input.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use fleetpurge_engine::{
    Done, Event, Input, NoJournal, Order, Outcome, OutcomeKind, Policy, Rest, RunEnd, RunOptions, SourceError,
    StopHandle, StopReason, run,
};
use futures_core::Stream;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::client::Client;
use crate::device::{Device, UidKey, UidValidation};

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
pub struct DeviceOutcome {
    /// The device, as it was given.
    pub device: Device,
    /// What is known of it.
    pub outcome: Outcome,
    /// The `x-request-id` of the last request that named it, as the service answered it, or else as it was sent.
    pub request_id: Option<String>,
    /// The `x-trace-id` of the last reply about it.
    pub trace_id: Option<String>,
    /// How many requests have named it.
    pub attempts: u32,
}

impl DeviceOutcome {
    fn of(done: Done<Device>) -> Self {
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
pub struct DeletionReport {
    /// One outcome a device, in the order of the list.
    pub devices: Vec<DeviceOutcome>,
    /// Why the run stopped before its end, if it did.
    pub stopped: Option<StopReason>,
}

impl DeletionReport {
    /// How many devices have this outcome.
    #[must_use]
    pub fn count(&self, kind: OutcomeKind) -> usize {
        self.devices.iter().filter(|device| device.outcome.kind == kind).count()
    }
}

impl Client {
    /// Asks for the deletion of every device that the stream yields: exactly one outcome for each, in input order.
    ///
    /// Devices with a blank field, and those whose uid was in the stream before, are `skipped`: the first would make
    /// the service refuse its whole batch, the second would be asked for twice. Under
    /// [`UidValidation::Strict`] so are malformed UIDs. To know the repeats, 24 bytes and the text of every malformed
    /// UID are held for each device.
    ///
    /// The run is a task of its own that begins at once; it reads ahead only so far, and dropping the stream stops it
    /// after the requests in flight. Outcomes are kept nowhere else: a program that may be killed should keep a
    /// journal, as the command `fleetpurge` does.
    ///
    /// ```
    /// # use nexthink_data_management::{BulkOptions, Client, Device, OutcomeKind};
    /// # async fn example(client: Client, devices: Vec<Device>) {
    /// use futures_util::StreamExt;
    ///
    /// let mut outcomes = client.delete_stream(futures_util::stream::iter(devices), &BulkOptions::default());
    /// while let Some(device) = outcomes.next().await {
    ///     println!("{} {}", device.device.uid, device.outcome.kind);
    /// }
    /// if let Some(reason) = outcomes.stopped() {
    ///     println!("stopped: {reason}");
    /// }
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn delete_stream<I>(&self, devices: I, options: &BulkOptions) -> DeletionStream
    where
        I: Stream<Item = Device> + Send + 'static,
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
        let mut screen = Screen::new(self.uid_validation());
        let source = devices
            .enumerate()
            .map(move |(n, device)| Ok::<_, SourceError>(screen.pass(n as u64, device)));
        let run = run(
            Arc::new(self.clone()),
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

    /// Asks for the deletion of every device of a list, and waits for the outcome of each.
    ///
    /// As [`delete_stream`](Self::delete_stream), with all outcomes in memory.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn delete_all<I>(&self, devices: I, options: &BulkOptions) -> DeletionReport
    where
        I: IntoIterator<Item = Device>,
        I::IntoIter: Send + 'static,
    {
        let mut stream = self.delete_stream(futures_util::stream::iter(devices), options);
        let mut outcomes = Vec::new();
        while let Some(outcome) = stream.next().await {
            outcomes.push(outcome);
        }
        DeletionReport {
            devices: outcomes,
            stopped: stream.stopped,
        }
    }
}

/// Decides what of a stream may be sent at all.
struct Screen {
    mode: UidValidation,
    /// Where each UID was first seen.
    uuids: HashMap<Uuid, u64>,
    texts: HashMap<String, u64>,
}

impl Screen {
    fn new(mode: UidValidation) -> Self {
        Self {
            mode,
            uuids: HashMap::new(),
            texts: HashMap::new(),
        }
    }

    fn pass(&mut self, key: u64, device: Device) -> Input<Device> {
        match self.objection(key, &device) {
            Some(why) => Input::decided(key, device, Outcome::because(OutcomeKind::Skipped, why)),
            None => Input::send(key, device),
        }
    }

    fn objection(&mut self, key: u64, device: &Device) -> Option<String> {
        if let Some(field) = device.blank_field() {
            return Some(format!("its {field} is blank"));
        }
        let first = match UidKey::of(&device.uid) {
            UidKey::Uuid(uuid) => *self.uuids.entry(uuid).or_insert(key),
            UidKey::Text(_) if self.mode == UidValidation::Strict => return Some("its uid is malformed".to_owned()),
            UidKey::Text(text) => *self.texts.entry(text.to_owned()).or_insert(key),
        };
        if first == key {
            if self.mode == UidValidation::Warn && !device.has_canonical_uid() {
                tracing::warn!(uid = device.uid, "malformed uid");
            }
            return None;
        }
        Some(format!("its uid was given before, as device {}", first + 1))
    }
}

/// The outcomes of a bulk deletion, in the order of its input.
#[derive(Debug)]
pub struct DeletionStream {
    events: mpsc::Receiver<Event<Device>>,
    end: Option<JoinHandle<RunEnd>>,
    stopped: Option<StopReason>,
    /// The device whose outcome comes next.
    next: u64,
    /// Outcomes of devices further on.
    early: BTreeMap<u64, DeviceOutcome>,
    ready: VecDeque<DeviceOutcome>,
}

impl DeletionStream {
    /// Why the run stopped before the end of its input, once the stream has ended; None: it did not.
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.stopped.as_ref()
    }

    fn arrange(&mut self, done: Vec<Done<Device>>) {
        for done in done {
            self.early.insert(done.key, DeviceOutcome::of(done));
        }
        while let Some(outcome) = self.early.remove(&self.next) {
            self.ready.push_back(outcome);
            self.next += 1;
        }
    }
}

impl Stream for DeletionStream {
    type Item = DeviceOutcome;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<DeviceOutcome>> {
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
