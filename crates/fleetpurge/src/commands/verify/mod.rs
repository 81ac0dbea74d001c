//! `verify`: which devices of a plan are still there?
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | is a fresh export compared, or the account asked? |
//! | `comparing` | which are in a list, and does it prove anything? |
//! | `export` | when was a fresh export written? |
//! | `fresh` | which export is it? |
//! | `refused` | why does an export prove nothing? |
//! | `query` | which are in the result of a saved query? |
//! | `account` | which are in the account? |
//! | `rounds` | is it asked once, or again and again until all are gone? |
//! | `round` | what does one look find? |
//! | `keeping` | is it kept in the plan? |
//! | `tally` | what was found, how is it printed, and what is the exit code? |
//! | `failures` | what do the errors of this command have in common? |

mod account;
mod command;
mod comparing;
mod export;
mod failures;
mod fresh;
mod keeping;
mod query;
mod refused;
mod round;
mod rounds;
mod tally;

pub(crate) use command::{execute, run};
