//! Any number of devices: a stream in, one outcome per device out, in the order of the input.

use std::collections::HashMap;

use fleetpurge_engine::{Input, Outcome, OutcomeKind, bulk};
use futures_core::Stream;

use crate::client::Client;
use crate::key::DeviceId;

pub use fleetpurge_engine::bulk::{BulkItem, BulkOptions};

/// What is known of one device of a bulk deletion, with the caller's own data `T`.
pub type DeviceOutcome<T = ()> = bulk::DeviceOutcome<DeviceId, T>;
/// The outcomes of all devices of a list.
pub type DeletionReport<T = ()> = bulk::DeletionReport<DeviceId, T>;
/// The outcomes of a bulk deletion, in the order of its input.
pub type DeletionStream<T = ()> = bulk::DeletionStream<DeviceId, T>;
/// All that happens in a bulk deletion.
pub type DeletionEvents<T = ()> = bulk::DeletionEvents<DeviceId, T>;
/// Something that happened in a bulk deletion.
pub type BulkEvent<T = ()> = bulk::BulkEvent<DeviceId, T>;

impl Client {
    /// Asks for the deletion of every device that the stream yields: exactly one outcome for each, in input order.
    ///
    /// It takes ids and no labels, because a label that is sent a second time deletes another device; [`Client::devices`]
    /// finds the ids of labels. An id that was in the stream before is `skipped`: to know the repeats, all ids
    /// are held.
    ///
    /// A device is `scheduled` once the request that named it was answered with a task id, which the outcome's detail
    /// has; whether it existed is not said.
    ///
    /// The stream may yield `DeviceId`, `(T, DeviceId)` with data of your own that comes back in
    /// [`DeviceOutcome::data`](fleetpurge_engine::bulk::DeviceOutcome::data), or a `Result` of either ([`BulkItem`]). An
    /// `Err` stops the run with [`StopReason::Source`](crate::StopReason::Source). Every device that was read before it
    /// has its one outcome, and [`source_error`](DeletionStream::source_error) returns the error.
    ///
    /// The run starts when the result is first polled, as a task of its own; it reads ahead only a bounded number of
    /// devices. Outcomes are kept nowhere else: a program that may be killed should keep a
    /// [`journal`](DeletionStream::journal). [`events`](DeletionStream::events) reports attempts and waits as well.
    ///
    /// A slow producer's devices wait for their batch to be filled, but no longer than
    /// [`BulkOptions::linger`]. A producer that never ends by itself, such as a channel, is left with
    /// [`BulkOptions::stop`], and with [`Rest::Leave`](crate::Rest::Leave) in [`BulkOptions::rest`] what was not read is not
    /// reported.
    ///
    /// Anomalies of replies, such as an entry for a device that was not in the request, and waits of the run are
    /// returned separately: [`DeletionStream::take_anomalies`], [`DeletionStream::take_waits`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream before it is polled has no effect: nothing was read or sent. Later, requests that have left are
    /// finished, attempts that still wait for a token or a connection are called off, no other starts, and the input is
    /// dropped. The program loses the outcomes that were not returned yet; a request that is answered after that is
    /// logged as a warning. To get every outcome, stop the run with [`BulkOptions::stop`] and read the stream to its end.
    ///
    /// ```
    /// # use ubidots_devices::{BulkOptions, Client, DeviceId};
    /// # async fn example(client: Client, ids: Vec<DeviceId>) {
    /// use futures_util::StreamExt;
    ///
    /// let mut outcomes = client.delete_stream(futures_util::stream::iter(ids), &BulkOptions::default());
    /// while let Some(device) = outcomes.next().await {
    ///     for odd in outcomes.take_anomalies() {
    ///         eprintln!("batch {}: {}", odd.batch, odd.anomaly.detail);
    ///     }
    ///     println!("{} {}", device.device, device.outcome.kind);
    /// }
    /// if let Some(reason) = outcomes.stopped() {
    ///     println!("stopped: {reason}");
    /// }
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Polling the stream outside a Tokio runtime panics.
    pub fn delete_stream<I>(
        &self,
        ids: I,
        options: &BulkOptions,
    ) -> DeletionStream<<I::Item as BulkItem<DeviceId>>::Data>
    where
        I: Stream<Item: BulkItem<DeviceId>> + Send + 'static,
    {
        let mut seen: HashMap<[u8; 12], u64> = HashMap::new();
        let screen = move |key: u64, id: DeviceId| {
            let first = *seen.entry(id.bytes()).or_insert(key);
            if first == key {
                Input::send(key, id)
            } else {
                let why = format!("its id was given before, as device {}", first + 1);
                Input::decided(key, id, Outcome::because(OutcomeKind::Skipped, why))
            }
        };
        bulk::delete_stream(self.clone(), ids, screen, options)
    }

    /// Asks for the deletion of every device of a list, and waits for the outcome of each.
    ///
    /// As [`delete_stream`](Self::delete_stream), with all outcomes, anomalies and waits in memory. Dropping the future
    /// stops the run as dropping the stream does.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn delete_all<I>(&self, ids: I, options: &BulkOptions) -> DeletionReport
    where
        I: IntoIterator<Item = DeviceId>,
        I::IntoIter: Send + 'static,
    {
        self.delete_stream(futures_util::stream::iter(ids), options)
            .collect_report()
            .await
    }
}
