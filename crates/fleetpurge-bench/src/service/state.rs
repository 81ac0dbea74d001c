//! What all connections share.

use std::cell::RefCell;
use std::time::{Duration, SystemTime};

use super::limit::{Limit, Share};

/// What all connections share.
pub(super) struct Service {
    pub(super) delay: Duration,
    pub(super) limit: RefCell<Option<Limit>>,
    pub(super) refusals: RefCell<Share>,
    pub(super) failures: RefCell<Share>,
    pub(super) counts: RefCell<Counts>,
}

/// What has come in since the counts were last asked for.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) connections: u64,
    pub(super) deletions: u64,
    pub(super) refused: u64,
    pub(super) devices: u64,
    pub(super) most_open: u64,
    pub(super) open: u64,
    /// When the first deletion came, and when the last was answered.
    pub(super) first: Option<SystemTime>,
    pub(super) last: Option<SystemTime>,
}
