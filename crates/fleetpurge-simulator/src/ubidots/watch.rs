//! What can be asked of, and done to, the account of a running simulator.

use super::account::now;
use super::device::{UbidotsDevice, UbidotsValue};
use super::keys::Key;
use super::traps::PageTraps;
use crate::log::RecordedRequest;
use crate::simulator::Simulator;

/// The Ubidots account.
impl Simulator {
    /// The devices the Ubidots account still has, the oldest first.
    #[must_use]
    pub fn ubidots_devices(&self) -> Vec<UbidotsDevice> {
        let devices = self.shared.ubidots.account.snapshot();
        devices.iter().map(|device| UbidotsDevice::clone(device)).collect()
    }

    /// The requests that read the account, in the order in which they arrived. Empty unless everything is
    /// [logged](crate::LogLevel::Full).
    #[must_use]
    pub fn reads(&self) -> Vec<RecordedRequest> {
        self.shared.log.reads.snapshot()
    }

    /// The requests that changed the account, or were to, otherwise than in bulk: one device deleted, data sent.
    #[must_use]
    pub fn writes(&self) -> Vec<RecordedRequest> {
        self.shared.log.writes.snapshot()
    }

    /// Sends a value to this label, as a device in the field does. Where no device has the label any more, one comes
    /// into being, with a new id. Gives the id.
    pub fn send_data(&self, label: &str) -> String {
        let value = UbidotsValue::new(now(), 1.0);
        self.shared
            .ubidots
            .account
            .send(label, vec![("value".to_owned(), vec![value])])
    }

    /// Waits until the Ubidots account has no device with this key: an id, or a label behind a `~`.
    pub async fn wait_until_ubidots_removed(&self, key: &str) {
        if let Some(key) = Key::parse(key) {
            let gone = |account: &super::Account| account.find(&key).is_none();
            self.shared.ubidots.account.wait_until(gone).await;
        }
    }

    /// Waits until the Ubidots account has at most so many devices left.
    pub async fn wait_until_ubidots_left(&self, count: usize) {
        self.shared
            .ubidots
            .account
            .wait_until(|account| account.len() <= count)
            .await;
    }

    /// Replaces how the lists of the account mislead. `PageTraps::new()` has no traps but those that are always there.
    pub fn set_page_traps(&self, traps: PageTraps) {
        self.shared.ubidots.set_traps(traps);
    }

    /// Removes a device at once, as another administrator might. `key` is an id, or a label behind a `~`; `false` where
    /// there is no such device.
    pub fn remove_ubidots_device(&self, key: &str) -> bool {
        Key::parse(key).is_some_and(|key| self.shared.ubidots.account.remove(&key).is_some())
    }

    /// A fresh token for Ubidots, for tests that have no use for the token endpoint.
    #[must_use]
    pub fn issue_ubidots_token(&self) -> String {
        self.shared.ubidots.tokens.issue()
    }
}
