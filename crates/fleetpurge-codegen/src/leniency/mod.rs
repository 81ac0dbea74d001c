//! Rules for every spec, applied after its overlay: a reply that says more than the spec, or says it otherwise, can be read.
//!
//! | file | what is there |
//! |---|---|
//! | `reach.rs` | which schemas do requests reach, and which do only replies reach? |
//! | `replies.rs` | what such a schema demands of a value is dropped |
//! | `places.rs` | the operations of a spec, and what a reference leads to |
//! | `dropped.rs` | what a rule drops |
//! | `apply.rs` | all rules, in their order |
//! | `errors.rs` | error responses without a body, beside one with a body, are dropped |

mod apply;
mod dropped;
mod errors;
mod places;
mod reach;
mod replies;

pub use apply::apply;
pub use dropped::{Dropped, Rule};
pub(crate) use places::{METHODS, operations, step};
pub(crate) use reach::{of_requests, reached_from};

#[cfg(test)]
mod tests;
