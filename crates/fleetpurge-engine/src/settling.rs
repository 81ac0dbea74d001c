//! Attempts that are answered for good and not recorded yet. Their requests are over, so that others may start.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many attempts of a run are answered and not recorded yet. Clones count the same run's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settling(Arc<Counter>);

#[derive(Debug, Default)]
struct Counter {
    count: AtomicUsize,
    more: Notify,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct One(Arc<Counter>);

impl Settling {
    /// An attempt is answered.
    pub(crate) fn one(&self) -> One {
        self.0.count.fetch_add(1, Ordering::AcqRel);
        self.0.more.notify_one();
        One(Arc::clone(&self.0))
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.count.load(Ordering::Acquire)
    }

    /// Ready when there was another since the last call.
    pub(crate) async fn another(&self) {
        self.0.more.notified().await;
    }
}

impl Drop for One {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
    }
}
