//! Generated client of Nexthink's Data Management API, with the hooks it needs.
//!
//! - [`generated`] is written by `cargo xtask regen` from `openapi/data-management.json` and its overlay. It is
//!   committed, so that a change of the API is reviewed as a diff.
//! - [`hooks`] carries an attempt's authorization in and everything the service answered out.
//!
//! There is no judgement here: what a reply means is decided by the crate `nexthink-data-management`, which is what a
//! program should depend on.

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
