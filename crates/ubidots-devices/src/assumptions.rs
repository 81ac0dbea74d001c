//! What Ubidots' documentation leaves open, as settings with a default and its reason.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

/// What the documentation leaves open. The defaults are what is likely and does the least harm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Assumptions {
    /// Which statuses, together with a task id, say that a batch was taken. The page prints none: 200 to 299.
    pub accepted: RangeInclusive<u16>,
    /// How many keys one request may name. No maximum is documented: 300, which fit
    /// [`max_bytes`](Self::max_bytes) as ids.
    pub max_keys: NonZeroUsize,
    /// How long the body of one request may be, in bytes; a single key always goes. Only documented for sending data:
    /// 10,000.
    pub max_bytes: NonZeroUsize,
    /// What a refused batch (400 with code 400001) leaves behind.
    pub refused_batch: RefusedBatch,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            accepted: 200..=299,
            max_keys: const { NonZeroUsize::new(300).unwrap() },
            max_bytes: const { NonZeroUsize::new(10_000).unwrap() },
            refused_batch: RefusedBatch::Untouched,
        }
    }
}

/// What a refused batch leaves behind. Whether a request is taken whole or not at all is not documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefusedBatch {
    /// No device was deleted: a refusal names no task, and deletions happen in a task. The batch is searched for the
    /// key that is to blame.
    #[default]
    Untouched,
    /// Some may have been deleted: all devices of the batch are `unknown`, and the run stops.
    Unknown,
}
