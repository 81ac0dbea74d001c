//! Makes a run die, or find the disk full, at a point that a test chooses. Has no effect in a release build.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fleetpurge_ledger::RunInfo;
use jiff::Timestamp;

/// The number, from 1, of the step of the ledger's writer at which the process aborts.
const DIE_AT_STEP: &str = "FLEETPURGE_TEST_DIE_AT_STEP";

/// How many pages the plan's file may have.
const MAX_PAGES: &str = "FLEETPURGE_TEST_MAX_PAGES";

/// After how many milliseconds a log gets its next line of progress.
const TELL_EVERY_MS: &str = "FLEETPURGE_TEST_TELL_EVERY_MS";

/// What time it is for a plan's age, in a test that cannot wait for days.
const NOW: &str = "FLEETPURGE_TEST_NOW";

/// What time it is, to tell a plan's age by.
pub(crate) fn now() -> Timestamp {
    let of_test = || env::var(NOW).ok()?.parse().ok();
    if cfg!(debug_assertions) {
        of_test().unwrap_or_else(Timestamp::now)
    } else {
        Timestamp::now()
    }
}

/// Another pace of a log's progress, for a test that does not want to wait for it.
pub(crate) fn told_every() -> Option<Duration> {
    if cfg!(debug_assertions) {
        number(TELL_EVERY_MS).map(Duration::from_millis)
    } else {
        None
    }
}

/// The default, unless a test of a build with debug assertions wants a run that comes to grief.
pub(crate) fn run_info() -> RunInfo {
    let mut info = RunInfo::default();
    if !cfg!(debug_assertions) {
        return info;
    }
    if let Some(last) = number(DIE_AT_STEP) {
        let steps = AtomicU64::new(0);
        info.observer = Some(Arc::new(move |_| {
            if steps.fetch_add(1, Ordering::Relaxed) + 1 == last {
                std::process::abort();
            }
        }));
    }
    info.max_pages = number(MAX_PAGES).and_then(|pages| u32::try_from(pages).ok());
    info
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}
