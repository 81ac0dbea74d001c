//! Any number of devices: a stream in, one outcome per device out, in the order of the input.

use std::collections::HashMap;

use fleetpurge_engine::trace::warn;
use fleetpurge_engine::{Input, Outcome, OutcomeKind, bulk};
use futures_core::Stream;
use uuid::Uuid;

use crate::client::Client;
use crate::device::{Device, UidKey, UidValidation};

pub use fleetpurge_engine::bulk::{BulkItem, BulkOptions};

/// What is known of one device of a bulk deletion, with the caller's own data `T`.
pub type DeviceOutcome<T = ()> = bulk::DeviceOutcome<Device, T>;
/// The outcomes of all devices of a list.
pub type DeletionReport<T = ()> = bulk::DeletionReport<Device, T>;
/// The outcomes of a bulk deletion, in the order of its input.
pub type DeletionStream<T = ()> = bulk::DeletionStream<Device, T>;
/// All that happens in a bulk deletion.
pub type DeletionEvents<T = ()> = bulk::DeletionEvents<Device, T>;
/// Something that happened in a bulk deletion.
pub type BulkEvent<T = ()> = bulk::BulkEvent<Device, T>;

impl Client {
    /// Asks for the deletion of every device that the stream yields: exactly one outcome for each, in input order.
    ///
    /// Devices with a blank field, and those whose uid was in the stream before, are `skipped`: the first would make
    /// the service refuse its whole batch, the second would be asked for twice. Under
    /// [`UidValidation::Strict`] so are malformed UIDs. To know the repeats, 24 bytes and the text of every malformed
    /// UID are held for each device.
    ///
    /// The stream may yield `Device`, `(T, Device)` with data of your own that comes back in
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
    /// # use nexthink_data_management::{BulkOptions, Client, Device, OutcomeKind};
    /// # async fn example(client: Client, devices: Vec<Device>) {
    /// use futures_util::StreamExt;
    ///
    /// let mut outcomes = client.delete_stream(futures_util::stream::iter(devices), &BulkOptions::default());
    /// while let Some(device) = outcomes.next().await {
    ///     for odd in outcomes.take_anomalies() {
    ///         eprintln!("batch {}: {}", odd.batch, odd.anomaly.detail);
    ///     }
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
    /// Polling the stream outside a Tokio runtime panics.
    pub fn delete_stream<I>(
        &self,
        devices: I,
        options: &BulkOptions,
    ) -> DeletionStream<<I::Item as BulkItem<Device>>::Data>
    where
        I: Stream<Item: BulkItem<Device>> + Send + 'static,
    {
        let mut screen = Screen::new(self.uid_validation());
        bulk::delete_stream(
            self.clone(),
            devices,
            move |key, device| screen.pass(key, device),
            options,
        )
    }

    /// Asks for the deletion of every device of a list, and waits for the outcome of each.
    ///
    /// As [`delete_stream`](Self::delete_stream), with all outcomes, anomalies and waits in memory. Dropping the future
    /// stops the run as dropping the stream does.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub async fn delete_all<I>(&self, devices: I, options: &BulkOptions) -> DeletionReport
    where
        I: IntoIterator<Item = Device>,
        I::IntoIter: Send + 'static,
    {
        self.delete_stream(futures_util::stream::iter(devices), options)
            .collect_report()
            .await
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
                warn!(uid = device.uid, "malformed uid");
            }
            return None;
        }
        Some(format!("its uid was given before, as device {}", first + 1))
    }
}
