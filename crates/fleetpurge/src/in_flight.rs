//! Counts the devices of open requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fleetpurge_engine::{Begun, Conclusion, Intent, Journal, JournalError, Settlement};

/// The number, for whoever has to tell it at any moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFlight(Arc<AtomicU64>);

impl InFlight {
    pub(crate) fn devices(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A journal whose open attempts are counted: those that are durable as begun and not as settled.
#[derive(Clone, Debug)]
pub(crate) struct Counted<J> {
    pub(crate) journal: J,
    pub(crate) in_flight: InFlight,
}

impl<J: Journal> Journal for Counted<J> {
    async fn begin(&self, intent: Intent) -> Result<Begun, JournalError> {
        let devices = intent.keys.len() as u64;
        let begun = self.journal.begin(intent).await?;
        if matches!(begun, Begun::Recorded(_)) {
            self.in_flight.0.fetch_add(devices, Ordering::Relaxed);
        }
        Ok(begun)
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), JournalError> {
        let devices = settlement.outcomes.len() as u64;
        self.journal.settle(settlement).await?;
        self.in_flight.0.fetch_sub(devices, Ordering::Relaxed);
        Ok(())
    }

    async fn conclude(&self, conclusions: Vec<Conclusion>) -> Result<(), JournalError> {
        self.journal.conclude(conclusions).await
    }
}
