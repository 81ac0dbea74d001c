//! The stream of outcomes.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;

use super::events::DeletionEvents;
use super::item::BulkItem;
use super::options::BulkOptions;
use super::reader::{BulkEvent, Reader};
use super::report::{DeletionReport, DeviceOutcome};
use crate::event::Input;
use crate::journal::Journal;
use crate::notices::{BatchAnomaly, Notices};
use crate::service::DeletionService;
use crate::stop::StopReason;
use crate::wait::Wait;

/// Sends every device that the stream yields. `screen` decides for each whether it may be sent; it must keep the key,
/// which is the device's place in the stream, from 0.
///
/// The run starts when the result is first polled. It is a task of its own, and reads ahead only a bounded number of
/// devices. Dropping the stream of outcomes stops it as [`StopHandle::stop`](crate::StopHandle::stop) does: requests in
/// flight are finished, no other starts, and the input is dropped. An attempt whose request has not left is called off,
/// if the service can do that ([`DeletionService::submit_unless`]). The results of those in flight are then only logged.
pub fn delete_stream<S, I>(
    service: S,
    devices: I,
    screen: impl FnMut(u64, S::Device) -> Input<S::Device> + Send + 'static,
    options: &BulkOptions,
) -> DeletionStream<S::Device, <I::Item as BulkItem<S::Device>>::Data>
where
    S: DeletionService,
    I: Stream + Send + 'static,
    I::Item: BulkItem<S::Device>,
{
    DeletionStream {
        reader: Reader::new(service, devices, screen, options),
        notices: Notices::new(),
    }
}

/// The outcomes of a bulk deletion, in the order of its input.
///
/// Configure it ([`journal`](Self::journal)), then read it: as a [`Stream`] of outcomes, as a stream of all
/// [`events`](Self::events), or at once with [`collect_report`](Self::collect_report). The run starts when it is first
/// polled; until then nothing is read or sent, and dropping it has no effect.
///
/// It keeps anomalies of replies and waits until they are taken.
///
/// # Panics
///
/// Polling it first outside a Tokio runtime panics.
#[derive(Debug)]
#[must_use = "nothing is sent until the stream is polled"]
pub struct DeletionStream<D, T = ()> {
    reader: Reader<D, T>,
    notices: Notices,
}

impl<D, T> DeletionStream<D, T> {
    /// Records each attempt in `journal`: durably before its request is sent, and its result before anything else is done.
    ///
    /// The journal names a device by its place in the stream, from 0. Devices that are skipped do not reach it. If the
    /// journal fails, the run stops with [`StopReason::Journal`]: an attempt whose intent was not recorded is not sent,
    /// and the devices of an attempt whose result was not recorded are `unknown`.
    ///
    /// # Panics
    ///
    /// If the stream has been polled.
    pub fn journal(mut self, journal: impl Journal) -> Self {
        self.reader.set_journal(journal);
        self
    }

    /// Reads all that happens instead of the outcomes alone.
    ///
    /// Call it before the first poll. Anomalies and waits that this stream has already collected are not repeated.
    pub fn events(self) -> DeletionEvents<D, T> {
        DeletionEvents(self.reader)
    }

    /// Why the run stopped before the end of its input, once the stream has ended. `None`: it did not.
    #[must_use]
    pub fn stopped(&self) -> Option<&StopReason> {
        self.reader.stopped()
    }

    /// The error of the input, if it failed. `downcast_ref` finds its type.
    #[must_use]
    pub fn source_error(&self) -> Option<&Arc<dyn Error + Send + Sync>> {
        self.reader.source_error()
    }

    /// Takes the anomalies of the replies that came since the last call.
    ///
    /// They are complete for a device as soon as its outcome was returned. The stream keeps at most 10,000 anomalies and
    /// as many waits; [`dropped_notices`](Self::dropped_notices) counts the others.
    pub fn take_anomalies(&mut self) -> Vec<BatchAnomaly> {
        std::mem::take(&mut self.notices.anomalies).into()
    }

    /// Takes the waits that began since the last call, except pauses that only keep to the rate.
    pub fn take_waits(&mut self) -> Vec<Wait> {
        std::mem::take(&mut self.notices.waits).into()
    }

    /// How many anomalies and waits were lost because they were not taken.
    #[must_use]
    pub fn dropped_notices(&self) -> u64 {
        self.notices.dropped
    }

    /// Waits for all outcomes and keeps them in memory, with all anomalies and waits that were not taken.
    ///
    /// Dropping the future stops the run as dropping the stream does.
    pub async fn collect_report(mut self) -> DeletionReport<D, T> {
        self.notices.keep_all();
        let mut devices = Vec::new();
        while let Some(outcome) = self.next().await {
            devices.push(outcome);
        }
        DeletionReport {
            devices,
            stopped: self.reader.stopped().cloned(),
            source_error: self.reader.source_error().cloned(),
            anomalies: self.notices.anomalies.into(),
            waits: self.notices.waits.into(),
        }
    }
}

impl<D, T> Stream for DeletionStream<D, T> {
    type Item = DeviceOutcome<D, T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<DeviceOutcome<D, T>>> {
        let this = self.get_mut();
        loop {
            match ready!(this.reader.poll(cx)) {
                Some(BulkEvent::Outcome(outcome)) => return Poll::Ready(Some(outcome)),
                Some(BulkEvent::Anomaly(anomaly)) => this.notices.anomaly(anomaly),
                Some(BulkEvent::Waiting(wait)) => this.notices.waiting(wait),
                Some(BulkEvent::Started { .. } | BulkEvent::Landed { .. }) => {}
                None => return Poll::Ready(None),
            }
        }
    }
}
