//! Drives the real binary, and a simulated tenant in a process of its own.
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "it serves tests only")]
#![allow(unused_imports, reason = "each test binary uses its part")]

mod bench;
mod command;
mod ended;
mod running;
mod schemas;
mod service;
mod simulate;
mod text;

pub(crate) use bench::{Bench, exists};
pub(crate) use command::{NO_CONFIG, ended, fleetpurge, with_credentials};
pub(crate) use ended::Ended;
pub(crate) use running::{Running, signal};
pub(crate) use service::{Service, csv, devices, over_both, uid};
pub(crate) use simulate::Simulate;
pub(crate) use text::{each, records, stable};
