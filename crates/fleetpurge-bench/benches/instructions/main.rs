//! How many instructions the parts take that every device passes through: `cargo bench -p fleetpurge-bench`.
//!
//! Needs valgrind, and its runner: `cargo install gungraun-runner` of the version in Cargo.lock. No sockets and no clock are
//! in it: what is counted is nearly the same in each run, and what has changed since the last one is shown.
#![allow(missing_docs, reason = "the macros write public functions")]
#![cfg_attr(target_os = "linux", allow(clippy::unwrap_used, reason = "a benchmark"))]

#[cfg(target_os = "linux")]
mod exchanges;
#[cfg(target_os = "linux")]
mod lists;
#[cfg(target_os = "linux")]
mod runs;
#[cfg(target_os = "linux")]
mod runtime;

#[cfg(target_os = "linux")]
use {exchanges::all_exchanges, gungraun::main, lists::all_lists, runs::all_runs};

#[cfg(target_os = "linux")]
main!(library_benchmark_groups = [all_exchanges, all_lists, all_runs]);

// valgrind runs nowhere else that we could use it.
#[cfg(not(target_os = "linux"))]
fn main() {}
