//! The raw client as a build script makes it of the spec, compiled with the hooks of the committed one.
//!
//! Nobody depends on this crate. It shows that generating at build time works, and its test that the client committed
//! in `nexthink-data-management-raw` is the same, byte for byte. Why the committed one is used: ARCHITECTURE.md.
#![cfg(not(packaged))]

/// The client, fresh from the spec.
#[allow(
    missing_docs,
    unreachable_pub,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    rustdoc::all,
    reason = "generated: its manner is the generator's"
)]
pub mod generated {
    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

#[path = "../../nexthink-data-management-raw/src/hooks.rs"]
pub mod hooks;

/// The source of [`generated`], as the build script wrote it.
pub const GENERATED: &str = include_str!(concat!(env!("OUT_DIR"), "/generated.rs"));

/// The program in the README of the repository compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
