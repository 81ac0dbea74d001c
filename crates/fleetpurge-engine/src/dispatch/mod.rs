//! Starts attempts and applies the judge's verdicts: one task per batch, and at most as many open attempts as the
//! concurrency.
//!
//! | module | question it answers |
//! |---|---|
//! | `dispatcher` | what is waited for, and how many devices are read? |
//! | `starting` | which batch starts, and when may the next? |
//! | `landing` | what is done with an attempt that has ended? |
//! | `ending` | what is reported of the devices that are left? |

mod dispatcher;
mod ending;
mod landing;
mod starting;

pub(crate) use dispatcher::Dispatcher;
