//! What all connections share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::device::Device;
use crate::faults::ActiveScript;
use crate::limit::{Bucket, RateLimit, Throttled};
use crate::log::{Counts, Log, LogLevel};
use crate::nexthink::Nexthink;
use crate::ubidots::Ubidots;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) log: Arc<Log>,
    pub(crate) nexthink: Nexthink,
    pub(crate) ubidots: Ubidots,
    latency: AtomicU64,
    bucket: Mutex<Option<Bucket>>,
    faults: RwLock<Arc<ActiveScript>>,
    scheduled: Mutex<Vec<Device>>,
}

impl Shared {
    pub(crate) fn new(log: Log, nexthink: Nexthink, ubidots: Ubidots, faults: ActiveScript) -> Self {
        Self {
            log: Arc::new(log),
            nexthink,
            ubidots,
            latency: AtomicU64::new(0),
            bucket: Mutex::default(),
            faults: RwLock::new(Arc::new(faults)),
            scheduled: Mutex::default(),
        }
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_nanos(self.latency.load(Ordering::Acquire))
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        self.latency
            .store(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX), Ordering::Release);
    }

    pub(crate) fn set_rate(&self, limit: Option<RateLimit>) {
        let bucket = limit.map(|limit| Bucket::new(limit, Instant::now()));
        *self.bucket.lock().unwrap_or_else(PoisonError::into_inner) = bucket;
    }

    /// Takes a request's place under the rate limit.
    pub(crate) fn admit(&self) -> Result<(), Throttled> {
        let taken = match &mut *self.bucket.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bucket) => bucket.take(Instant::now()),
            None => Ok(()),
        };
        if taken.is_err() {
            self.log.tally.throttled.fetch_add(1, Ordering::AcqRel);
        }
        taken
    }

    pub(crate) fn faults(&self) -> Arc<ActiveScript> {
        Arc::clone(&self.faults.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_faults(&self, faults: ActiveScript) {
        *self.faults.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(faults);
    }

    /// Counts devices that are scheduled for deletion, and keeps them where everything is kept.
    pub(crate) fn note_scheduled(&self, devices: impl ExactSizeIterator<Item = Device>) {
        self.log
            .tally
            .devices_scheduled
            .fetch_add(devices.len() as u64, Ordering::AcqRel);
        if self.log.level == LogLevel::Full {
            self.scheduled
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(devices);
        }
    }

    pub(crate) fn scheduled(&self) -> Vec<Device> {
        self.scheduled.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = self.log.counts();
        counts.faults = self.faults().fired();
        counts
    }
}
