//! Starts attempts and applies the judge's verdicts: one task per batch, and at most as many open attempts as the
//! concurrency.
//!
//! | file | what is there |
//! |---|---|
//! | `dispatcher.rs` | the state of the dispatcher |
//! | `starting.rs` | starting batches |
//! | `landing.rs` | applying verdicts |
//! | `ending.rs` | the end of a run |
//! | `turns.rs` | the loop |

mod dispatcher;
mod ending;
mod landing;
mod starting;
mod turns;

pub(crate) use dispatcher::Dispatcher;
