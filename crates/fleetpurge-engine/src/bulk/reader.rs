//! Starts a run when it is first read, and turns its events into those of a bulk deletion.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;
use uuid::Uuid;

use super::item::BulkItem;
use super::journal::AnyJournal;
use super::options::BulkOptions;
use super::report::DeviceOutcome;
use crate::error_kind::ErrorKind;
use crate::event::{Done, Event, Input, SourceError};
use crate::journal::{Journal, NoJournal};
use crate::notices::BatchAnomaly;
use crate::outcome::Applied;
use crate::run::{Run, run};
use crate::service::{DeletionService, Trail};
use crate::stop::StopReason;
use crate::wait::Wait;

type SharedError = Arc<dyn Error + Send + Sync>;
type Start<D> = Box<dyn FnOnce(AnyJournal) -> Run<D> + Send>;

/// Something that happened in a bulk deletion.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum BulkEvent<D, T = ()> {
    /// An attempt starts: its intent is written to the journal, and then its request is sent.
    #[non_exhaustive]
    Started {
        /// Which batch of the run, from 1.
        batch: u64,
        /// Which attempt for this batch, from 1.
        attempt: u32,
        /// The id that the request is sent with. `None`: the service takes no such ids.
        request_id: Option<Uuid>,
        /// The places of its devices in the input, from 0.
        devices: Vec<u64>,
    },
    /// An attempt has ended, and the journal has its result. An attempt whose result could not be recorded has no such
    /// event; the outcomes of its devices say so.
    #[non_exhaustive]
    Landed {
        /// Which batch of the run, from 1.
        batch: u64,
        /// Which attempt for this batch, from 1.
        attempt: u32,
        /// Whether the service may have acted on any of its devices.
        applied: Applied,
        /// Status, code and ids of the reply.
        trail: Arc<Trail>,
        /// What went wrong, if no receipt came back.
        error: Option<ErrorKind>,
        /// How many of its devices are sent again in this run.
        again: usize,
    },
    /// A reply was not as documented.
    Anomaly(BatchAnomaly),
    /// The run starts nothing for some time: until when, for how long, and why.
    Waiting(Wait),
    /// The outcome of a device. These come in the order of the input, one for each device.
    Outcome(DeviceOutcome<D, T>),
}

/// A run that starts when it is first polled.
pub(crate) struct Reader<D, T> {
    /// Present until the run starts. The mutex is never locked: it only makes the type `Sync`.
    start: Mutex<Option<(Start<D>, AnyJournal)>>,
    run: Option<Run<D>>,
    stopped: Option<StopReason>,
    sends_request_ids: bool,
    source_error: Arc<OnceLock<SharedError>>,
    /// The data of the devices that were read and have not come back, in the order of the input.
    data: Arc<Mutex<VecDeque<T>>>,
    /// The place of the device whose outcome comes next.
    next: u64,
    /// What is known of it and of the devices after it, by how far on they are. The window of the run bounds that.
    early: VecDeque<Option<Done<D>>>,
    ready: VecDeque<BulkEvent<D, T>>,
}

impl<D, T> fmt::Debug for Reader<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("next", &self.next)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

/// Nothing in it is pinned.
impl<D, T> Unpin for Reader<D, T> {}

impl<D: Send + 'static, T: Send + 'static> Reader<D, T> {
    pub(crate) fn new<S, I>(
        service: S,
        source: I,
        mut screen: impl FnMut(u64, D) -> Input<D> + Send + 'static,
        options: &BulkOptions,
    ) -> Self
    where
        S: DeletionService<Device = D>,
        I: Stream + Send + 'static,
        I::Item: BulkItem<D, Data = T>,
    {
        let data: Arc<Mutex<VecDeque<T>>> = Arc::default();
        let source_error: Arc<OnceLock<SharedError>> = Arc::default();
        let sends_request_ids = service.sends_request_ids();
        let source = {
            let (data, source_error) = (Arc::clone(&data), Arc::clone(&source_error));
            let mut key = 0;
            source.map(move |item| match item.split() {
                Ok((datum, device)) => {
                    let input = screen(key, device);
                    key += 1;
                    data.lock().unwrap_or_else(PoisonError::into_inner).push_back(datum);
                    Ok(input)
                }
                Err(error) => {
                    let error: SharedError = error.into();
                    let _ = source_error.set(Arc::clone(&error));
                    Err(SourceError(Box::new(error)))
                }
            })
        };
        let (run_options, stop) = (options.run_options(), options.stop.clone());
        let start: Start<D> =
            Box::new(move |journal| run(Arc::new(service), Arc::new(journal), source, &run_options, stop));
        Self {
            start: Mutex::new(Some((start, AnyJournal::new(NoJournal)))),
            run: None,
            stopped: None,
            sends_request_ids,
            source_error,
            data,
            next: 0,
            early: VecDeque::new(),
            ready: VecDeque::new(),
        }
    }
}

impl<D, T> Reader<D, T> {
    /// # Panics
    ///
    /// If the run has started.
    pub(crate) fn set_journal(&mut self, journal: impl Journal) {
        let start = self.start.get_mut().unwrap_or_else(PoisonError::into_inner);
        assert!(start.is_some(), "the journal is set before the stream is first polled");
        if let Some((_, current)) = start {
            *current = AnyJournal::new(journal);
        }
    }

    pub(crate) fn stopped(&self) -> Option<&StopReason> {
        self.stopped.as_ref()
    }

    pub(crate) fn source_error(&self) -> Option<&SharedError> {
        self.source_error.get()
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<BulkEvent<D, T>>> {
        let start = self.start.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some((start, journal)) = start.take() {
            self.run = Some(start(journal));
        }
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Poll::Ready(Some(event));
            }
            let Some(run) = self.run.as_mut() else {
                return Poll::Ready(None);
            };
            match ready!(run.events.poll_recv(cx)) {
                Some(event) => self.arrange(event),
                None => {
                    self.stopped = match ready!(Pin::new(&mut run.end).poll(cx)) {
                        Ok(end) => end.stopped,
                        Err(_) => Some(StopReason::Panicked),
                    };
                    self.run = None;
                }
            }
        }
    }

    fn arrange(&mut self, event: Event<D>) {
        match event {
            Event::Started { attempt, keys } => self.ready.push_back(BulkEvent::Started {
                batch: attempt.batch,
                attempt: attempt.number,
                request_id: self.sends_request_ids.then_some(attempt.request_id),
                devices: keys,
            }),
            Event::Landed {
                attempt,
                applied,
                trail,
                anomalies,
                error,
                again,
            } => {
                let anomalies = BatchAnomaly::all(attempt, &trail, anomalies);
                self.ready.push_back(BulkEvent::Landed {
                    batch: attempt.batch,
                    attempt: attempt.number,
                    applied,
                    trail,
                    error,
                    again,
                });
                self.ready.extend(anomalies.map(BulkEvent::Anomaly));
            }
            Event::Waiting(wait) => self.ready.push_back(BulkEvent::Waiting(wait)),
            Event::Done(done) => {
                for done in done {
                    // Keys count from 0, and each device is done once.
                    let place = done
                        .key
                        .checked_sub(self.next)
                        .and_then(|place| usize::try_from(place).ok());
                    let Some(place) = place else { continue };
                    if self.early.len() <= place {
                        self.early.resize_with(place + 1, || None);
                    }
                    self.early[place] = Some(done);
                }
                let mut data = self.data.lock().unwrap_or_else(PoisonError::into_inner);
                while let Some(done) = self.early.front_mut().and_then(Option::take) {
                    self.early.pop_front();
                    self.next += 1;
                    // Each device was read with its data, and both queues are in the order of the input.
                    if let Some(datum) = data.pop_front() {
                        self.ready.push_back(BulkEvent::Outcome(DeviceOutcome::of(done, datum)));
                    }
                }
            }
        }
    }
}
