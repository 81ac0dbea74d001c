//! When the command began, and what the log says of that and of its end.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

static BEGUN: OnceLock<(String, Instant)> = OnceLock::new();
static IS_ENDED: AtomicBool = AtomicBool::new(false);

/// The command begins.
pub(crate) fn begins(command: &str) {
    tracing::info!(command = %command, version = env!("CARGO_PKG_VERSION"), "the command begins");
    let _ = BEGUN.set((command.to_owned(), Instant::now()));
}

/// The command ends: it is about to say what to type next, which is the last line, or it has said everything. Only the
/// first call counts.
pub(crate) fn ends() {
    let Some((command, begun)) = BEGUN.get() else { return };
    if !IS_ENDED.swap(true, Ordering::Relaxed) {
        tracing::info!(command = %command, took_ms = millis_since(*begun), "the command ends");
    }
}

/// How long something took, in milliseconds.
pub(crate) fn millis_since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}
