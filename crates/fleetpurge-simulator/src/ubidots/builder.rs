//! The settings of the Ubidots account.

use std::time::Duration;

use super::deletions::Limits;
use super::device::UbidotsDevice;
use super::traps::PageTraps;
use crate::builder::Builder;

/// The settings of the Ubidots account.
impl Builder {
    /// The devices of the Ubidots account; none by default. One that is deleted in bulk leaves the account
    /// [`removal_delay`](Self::removal_delay) later; one that is named by its label is looked up then, not before.
    ///
    /// A key that names no device is part of the task all the same, and nothing comes of it: what the service says to
    /// one is not documented. So without devices every well-formed key is accepted.
    pub fn ubidots_devices(mut self, devices: impl IntoIterator<Item = UbidotsDevice>) -> Self {
        self.ubidots.devices = devices.into_iter().collect();
        self
    }

    /// Issues Ubidots tokens for this API key only; by default for any that is not empty.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.ubidots.api_key = Some(key.into());
        self
    }

    /// How long a token of Ubidots is good for; six hours by default. The reply that brings one does not say.
    pub fn ubidots_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.ubidots.token_lifetime = lifetime;
        self
    }

    /// The status of a bulk deletion that was accepted; 202 by default. It is not documented: 200 and 201 are
    /// conceivable.
    pub fn ubidots_accepted_status(mut self, status: u16) -> Self {
        self.ubidots.accepted_status = status;
        self
    }

    /// The most keys and the most bytes a bulk deletion may have; a larger one gets a 413. By default any number of
    /// keys in 10,000 bytes, which is what is documented for requests that bring data.
    pub fn ubidots_limits(mut self, keys: Option<usize>, bytes: Option<usize>) -> Self {
        self.ubidots.limits = Limits { keys, bytes };
        self
    }

    /// How the lists of the account mislead; by default as the documentation's samples do, and no more.
    pub fn page_traps(mut self, traps: PageTraps) -> Self {
        self.ubidots.traps = traps;
        self
    }
}
