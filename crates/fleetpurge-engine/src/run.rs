//! How all of a list is sent: the run as its caller sees it.

use std::sync::Arc;

use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::dispatch::Dispatcher;
use crate::event::{Event, Input, RunEnd, SourceError};
use crate::journal::Journal;
use crate::policy::RunOptions;
use crate::service::DeletionService;
use crate::stop::StopHandle;
use crate::trace::Instrument;

/// How many events wait for their reader at most, however great the concurrency.
const EVENTS: usize = 1024;

/// A run under way.
///
/// It goes on by itself; dropping [`events`](Self::events) asks it to stop as [`StopHandle::stop`] does, so that what is
/// in flight is still finished and recorded; an attempt whose request has not left is called off and recorded as such.
#[derive(Debug)]
pub struct Run<D> {
    /// What happens, as it happens. Reading them slowly slows the run down.
    pub events: mpsc::Receiver<Event<D>>,
    /// How it ended, once everything in flight was recorded.
    pub end: JoinHandle<RunEnd>,
}

/// Sends everything that `source` yields, in batches, and writes it down in `journal`.
///
/// Keys are the caller's: each names one device of the run and is what the journal sees. The run is a task of its own on
/// the current runtime; `stop` ends it early.
///
/// # Panics
///
/// Outside a Tokio runtime.
pub fn run<S, J, I>(
    service: Arc<S>,
    journal: Arc<J>,
    source: I,
    options: &RunOptions,
    stop: StopHandle,
) -> Run<S::Device>
where
    S: DeletionService,
    J: Journal,
    I: Stream<Item = Result<Input<S::Device>, SourceError>> + Send + 'static,
{
    let (sender, events) = mpsc::channel(options.most_concurrent().saturating_mul(2).min(EVENTS));
    let dispatcher = Dispatcher::new(service, journal, options, stop, sender);
    let end = tokio::spawn(dispatcher.dispatch(source).in_current_span());
    Run { events, end }
}
