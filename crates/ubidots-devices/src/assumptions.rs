//! What Ubidots' documentation leaves open, as settings with a default and its reason.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;

/// What the documentation leaves open: fields to read, and a setter of the same name for each. The defaults are what is
/// likely and does the least harm.
///
/// ```
/// use ubidots_devices::{Assumptions, RefusedBatch};
///
/// let assumptions = Assumptions::default().refused_batch(RefusedBatch::Unknown);
/// assert_eq!(assumptions.accepted, 200..=299);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(default))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
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

impl Assumptions {
    /// Sets [`accepted`](Self::accepted).
    #[must_use]
    pub const fn accepted(mut self, statuses: RangeInclusive<u16>) -> Self {
        self.accepted = statuses;
        self
    }

    /// Sets [`max_keys`](Self::max_keys).
    #[must_use]
    pub const fn max_keys(mut self, keys: NonZeroUsize) -> Self {
        self.max_keys = keys;
        self
    }

    /// Sets [`max_bytes`](Self::max_bytes).
    #[must_use]
    pub const fn max_bytes(mut self, bytes: NonZeroUsize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets [`refused_batch`](Self::refused_batch).
    #[must_use]
    pub const fn refused_batch(mut self, means: RefusedBatch) -> Self {
        self.refused_batch = means;
        self
    }
}

/// What a refused batch leaves behind. Whether a request is taken whole or not at all is not documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub enum RefusedBatch {
    /// No device was deleted: a refusal names no task, and deletions happen in a task. The batch is searched for the
    /// key that is to blame.
    #[default]
    Untouched,
    /// Some may have been deleted: all devices of the batch are `unknown`, and the run stops.
    Unknown,
}
