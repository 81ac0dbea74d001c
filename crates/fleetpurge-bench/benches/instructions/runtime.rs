//! The runtime that requests are counted on.

use tokio::runtime::Runtime;

/// One thread: what two do is not the same in each run.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}
