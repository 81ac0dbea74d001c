//! The devices the tenant has, and their removal in the background.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use crate::device::Device;

/// Devices to be removed when their time has come.
type Removal = (Instant, Vec<Device>);

#[derive(Debug)]
pub(crate) struct Inventory {
    delay: Duration,
    /// By uid in lower case: two spellings of a UUID name one device.
    devices: Mutex<BTreeMap<String, Device>>,
    changed: Notify,
    queue: mpsc::UnboundedSender<Removal>,
}

/// The other end of the queue, for [`Inventory::work`].
pub(crate) type Queue = mpsc::UnboundedReceiver<Removal>;

impl Inventory {
    pub(crate) fn new(devices: impl IntoIterator<Item = Device>, delay: Duration) -> (Self, Queue) {
        let (queue, receiver) = mpsc::unbounded_channel();
        let devices = devices
            .into_iter()
            .map(|device| (device.0.to_ascii_lowercase(), device))
            .collect();
        (
            Self {
                delay,
                devices: Mutex::new(devices),
                changed: Notify::new(),
                queue,
            },
            receiver,
        )
    }

    fn devices(&self) -> MutexGuard<'_, BTreeMap<String, Device>> {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn snapshot(&self) -> Vec<Device> {
        self.devices().values().cloned().collect()
    }

    pub(crate) fn schedule(&self, devices: Vec<Device>) {
        // Without a worker the simulator is shutting down, and nothing is removed any more.
        let _ = self.queue.send((Instant::now() + self.delay, devices));
    }

    /// Removes what is due, until the inventory is gone. All wait equally long, so the queue is in order of time.
    pub(crate) async fn work(&self, mut queue: Queue) {
        while let Some((due, scheduled)) = queue.recv().await {
            tokio::time::sleep_until(due).await;
            let mut devices = self.devices();
            for (uid, name) in scheduled {
                let uid = uid.to_ascii_lowercase();
                // A device is identified by both: another name under the uid is another device.
                if devices.get(&uid).is_some_and(|device| device.1 == name) {
                    devices.remove(&uid);
                }
            }
            drop(devices);
            self.changed.notify_waiters();
        }
    }

    /// Until `gone` holds of what is left.
    pub(crate) async fn wait_until(&self, gone: impl Fn(&BTreeMap<String, Device>) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if gone(&self.devices()) {
                return;
            }
            changed.await;
        }
    }
}
