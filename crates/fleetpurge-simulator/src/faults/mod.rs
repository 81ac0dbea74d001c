//! Faults on request: a script of rules, read from JSON. `FAULTS.md` beside this crate's manifest is its grammar.

mod actions;
mod active;
#[cfg(feature = "schema")]
mod constraints;
mod edit;
mod matching;
mod model;
#[cfg(feature = "schema")]
mod schema;
mod script;

pub(crate) use active::{ActiveScript, Fired, Seen};
pub(crate) use edit::{edit, edit_reply};
pub(crate) use model::{Goaway, LastStream, RetryAfter};
pub use script::FaultScript;
pub(crate) use script::{Action, CannedReply, Plan, Stage};
