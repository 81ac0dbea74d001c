//! Bulk deletions for programs without an async runtime.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures_util::StreamExt;
use tokio::runtime::{Builder, Runtime};

use super::report::{DeletionReport, DeviceOutcome};
use super::stream::DeletionStream;
use crate::journal::Journal;
use crate::notices::BatchAnomaly;
use crate::stop::StopReason;
use crate::wait::Wait;

/// A runtime of one thread, for a client that is called by blocking code. Clones share it.
///
/// What is under way goes on in its thread between calls. Dropping the last clone cuts it off.
#[derive(Clone)]
pub struct BlockingRuntime(Arc<Running>);

/// Shut down without waiting, so that it may be dropped anywhere.
struct Running(Option<Runtime>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for BlockingRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingRuntime").finish_non_exhaustive()
    }
}

impl BlockingRuntime {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Self(Arc::new(Running(Some(runtime)))))
    }

    /// Waits for `work`.
    ///
    /// # Panics
    ///
    /// Within an async runtime.
    pub fn block_on<F: Future>(&self, work: F) -> F::Output {
        match &self.0.0 {
            Some(runtime) => runtime.block_on(work),
            None => unreachable!("it is only taken as the last clone is dropped"),
        }
    }

    /// The outcomes of a stream, one after the other.
    pub fn outcomes<D, T>(&self, stream: DeletionStream<D, T>) -> BlockingOutcomes<D, T> {
        BlockingOutcomes {
            stream,
            runtime: self.clone(),
        }
    }
}

/// The outcomes of a bulk deletion, in the order of its input: an iterator that waits for each.
///
/// The run starts with the first call of `next`. Dropping the iterator stops it: requests that have left are finished as long
/// as the client is there, and no other starts.
///
/// # Panics
///
/// Within an async runtime.
#[derive(Debug)]
#[must_use = "nothing is sent until the iterator is used"]
pub struct BlockingOutcomes<D, T = ()> {
    stream: DeletionStream<D, T>,
    runtime: BlockingRuntime,
}

impl<D, T> BlockingOutcomes<D, T> {
    /// As [`DeletionStream::journal`].
    pub fn journal(mut self, journal: impl Journal) -> Self {
        self.stream = self.stream.journal(journal);
        self
    }

    /// As [`DeletionStream::stopped`].
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.stream.stopped()
    }

    /// As [`DeletionStream::source_error`].
    #[must_use]
    pub fn source_error(&self) -> Option<&Arc<dyn Error + Send + Sync>> {
        self.stream.source_error()
    }

    /// As [`DeletionStream::take_anomalies`].
    pub fn take_anomalies(&mut self) -> Vec<BatchAnomaly> {
        self.stream.take_anomalies()
    }

    /// As [`DeletionStream::take_waits`].
    pub fn take_waits(&mut self) -> Vec<Wait> {
        self.stream.take_waits()
    }

    /// As [`DeletionStream::collect_report`].
    pub fn collect_report(self) -> DeletionReport<D, T> {
        self.runtime.block_on(self.stream.collect_report())
    }
}

impl<D, T> Iterator for BlockingOutcomes<D, T> {
    type Item = DeviceOutcome<D, T>;

    fn next(&mut self) -> Option<DeviceOutcome<D, T>> {
        self.runtime.block_on(self.stream.next())
    }
}
