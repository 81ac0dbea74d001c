//! A running simulator.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::faults::{ActiveScript, FaultScript};
use crate::limit::RateLimit;
use crate::log::{Counts, RecordedRequest};
use crate::nexthink::{ExportFault, FileRequest, issue};
use crate::state::Shared;

#[derive(Debug)]
pub(crate) struct Tasks {
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) server: JoinHandle<()>,
    pub(crate) workers: Vec<JoinHandle<()>>,
}

/// A service that is up until [`shutdown`](Self::shutdown), or until this is dropped.
pub struct Simulator {
    url: String,
    port: u16,
    pub(crate) shared: Arc<Shared>,
    tasks: Tasks,
}

// Not what is inside: tokens and a log of requests that carry them.
impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Simulator {
    pub(crate) fn new(scheme: &str, port: u16, shared: Arc<Shared>, tasks: Tasks) -> Self {
        Self {
            url: format!("{scheme}://127.0.0.1:{port}"),
            port,
            shared,
            tasks,
        }
    }

    /// `http://127.0.0.1:PORT`, or `https://` when it serves TLS. The token endpoint is on the same port.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The deletion requests so far, to either service, in the order in which they arrived. Empty unless everything is
    /// [logged](crate::LogLevel::Full).
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.deletions.snapshot()
    }

    /// The token requests so far, likewise.
    #[must_use]
    pub fn token_requests(&self) -> Vec<RecordedRequest> {
        self.shared.log.tokens.snapshot()
    }

    /// `(uid, name)` of every device of every deletion request that was fully read, in that order.
    #[must_use]
    pub fn received_devices(&self) -> Vec<(String, String)> {
        self.requests()
            .into_iter()
            .flat_map(|request| request.devices)
            .collect()
    }

    /// `(uid, name)` of every device that was really scheduled for deletion, in that order, whatever the reply said.
    /// Empty unless everything is [logged](crate::LogLevel::Full).
    #[must_use]
    pub fn scheduled_devices(&self) -> Vec<(String, String)> {
        self.shared.scheduled()
    }

    /// `(uid, name)` of the devices the Nexthink tenant still has, by uid; empty without an inventory.
    #[must_use]
    pub fn inventory(&self) -> Vec<(String, String)> {
        self.shared
            .nexthink
            .inventory
            .as_ref()
            .map(|inventory| inventory.snapshot())
            .unwrap_or_default()
    }

    /// The requests to the host of the exported files so far, in the order in which they arrived.
    #[must_use]
    pub fn file_requests(&self) -> Vec<FileRequest> {
        self.shared.nexthink.exports.requests()
    }

    /// What goes wrong with the exports that are asked for next, one each; nothing with those after them.
    pub fn set_export_faults(&self, faults: impl IntoIterator<Item = ExportFault>) {
        self.shared.nexthink.exports.set_faults(faults);
    }

    /// What has been counted so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts()
    }

    /// Waits until so many deletion requests have been fully read, or have ended before they were.
    pub async fn wait_for_requests(&self, count: u64) {
        self.shared.log.deletions.wait_for(count).await;
    }

    /// Waits until so many token requests have been fully read, or have ended before they were.
    pub async fn wait_for_token_requests(&self, count: u64) {
        self.shared.log.tokens.wait_for(count).await;
    }

    /// Waits until no device with this uid is left in the inventory; returns at once without an inventory.
    pub async fn wait_until_removed(&self, uid: &str) {
        let uid = uid.to_ascii_lowercase();
        if let Some(inventory) = &self.shared.nexthink.inventory {
            inventory.wait_until(|devices| !devices.contains_key(&uid)).await;
        }
    }

    /// Waits until at most so many devices are left in the inventory; returns at once without an inventory.
    pub async fn wait_until_left(&self, count: usize) {
        if let Some(inventory) = &self.shared.nexthink.inventory {
            inventory.wait_until(|devices| devices.len() <= count).await;
        }
    }

    /// Replaces the fault script; its counters start anew, the numbers of the requests do not.
    /// `FaultScript::default()` has no rules.
    pub fn set_faults(&self, script: FaultScript) {
        self.shared.set_faults(ActiveScript::new(script));
    }

    /// How often each rule of the present script fired, in the order of the script.
    #[must_use]
    pub fn faults_fired(&self) -> Vec<u64> {
        self.shared.faults().fired()
    }

    /// Replaces the rate limit, with a full burst; `None` lifts it.
    pub fn set_rate(&self, limit: Option<RateLimit>) {
        self.shared.set_rate(limit);
    }

    /// Replaces the time the service takes over a deletion request.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.set_latency(latency);
    }

    /// A fresh bearer token for Nexthink, for tests that have no use for the token endpoint.
    #[must_use]
    pub fn issue_token(&self) -> String {
        issue(&self.shared.nexthink.tokens, &self.shared.nexthink.settings.permissions)
    }

    /// Makes every token issued so far, of either service, a bad one.
    pub fn revoke_tokens(&self) {
        self.shared.nexthink.tokens.revoke();
        self.shared.ubidots.tokens.revoke();
    }

    /// Stops listening and ends every connection; what is in hand is not answered.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.tasks.stop.take() {
            // An error means that it has stopped by itself.
            let _ = stop.send(());
        }
        let _ = (&mut self.tasks.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.tasks.server.abort();
        for worker in &self.tasks.workers {
            worker.abort();
        }
    }
}
