#![doc = include_str!("../README.md")]

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
