//! Any number of devices: a stream in, one outcome per device out, in the order of the input.

use std::collections::HashMap;

pub use fleetpurge_engine::bulk::BulkOptions;
use fleetpurge_engine::{Input, Outcome, OutcomeKind, bulk};
use futures_core::Stream;

use crate::client::Client;
use crate::key::DeviceId;

/// What is known of one device of a bulk deletion.
pub type DeviceOutcome = bulk::DeviceOutcome<DeviceId>;
/// The outcome of every device of a list.
pub type DeletionReport = bulk::DeletionReport<DeviceId>;
/// The outcomes of a bulk deletion, in the order of its input.
pub type DeletionStream = bulk::DeletionStream<DeviceId>;

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
    /// The run is a task of its own that begins at once; it reads ahead only so far. Outcomes are kept nowhere else: a
    /// program that may be killed should keep a journal, as the command `fleetpurge` does.
    ///
    /// A slow producer's devices wait for their batch to be filled, but no longer than
    /// [`BulkOptions::linger`]. A producer that never ends by itself, such as a channel, is left with
    /// [`BulkOptions::stop`], and with [`Rest::Leave`](crate::Rest::Leave) in [`BulkOptions::rest`] what was not read is not
    /// reported.
    ///
    /// What was odd about replies, an entry that nobody asked for, say, and when the run had to wait, comes beside the
    /// outcomes: [`DeletionStream::take_anomalies`], [`DeletionStream::take_waits`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream cuts no request off: those that have left are finished, those that still wait for a token or
    /// a connection are called off, no other starts, and what was not read of the producer is not read any more. The
    /// outcomes that were not handed out are lost to the program; a request that is answered after that is told in the
    /// log, as a warning. To know every outcome, ask the run to stop with [`BulkOptions::stop`] and read the stream to
    /// its end.
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
    /// Outside a Tokio runtime.
    pub fn delete_stream<I>(&self, ids: I, options: &BulkOptions) -> DeletionStream
    where
        I: Stream<Item = DeviceId> + Send + 'static,
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
