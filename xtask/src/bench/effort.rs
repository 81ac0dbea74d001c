//! How long a run of the benchmark may take.

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub(super) rounds: u32,
    pub(super) is_quick: bool,
}

impl Effort {
    /// So many requests, or a tenth of it.
    pub(super) fn requests(self, requests: u64) -> u64 {
        if self.is_quick { requests / 10 } else { requests }
    }

    /// For what takes minutes.
    pub(super) fn few(self) -> u32 {
        self.rounds.min(3)
    }
}
