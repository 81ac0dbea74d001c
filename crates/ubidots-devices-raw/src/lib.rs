//! Generated client of what bulk deletion needs of Ubidots' API, with the hooks it needs.
//!
//! - [`generated`] is written by `cargo xtask regen` from `openapi/ubidots-devices.json`, which is ours: Ubidots
//!   publishes no spec, and ours says of each of its parts on what it rests. It is committed, so that a change is
//!   reviewed as a diff.
//! - [`hooks`] carries an attempt's authorization in and everything the service answered out.
//!
//! There is no judgement here: what a reply means is decided by the crate `ubidots-devices`, which is what a program
//! should depend on. What the types cannot refuse is to be refused there: an empty `DeviceKeyList` can be made.

#[allow(
    missing_docs,
    unreachable_pub,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rustdoc::all,
    reason = "generated: its manner is the generator's; `cargo xtask regen` would undo every mend"
)]
pub mod generated;
pub mod hooks;

pub use generated::{Client, builder, types};
pub use hooks::{AttemptContext, Exchange};
