//! `verify`: which devices of a plan are still there?
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | is a fresh export compared, or the account asked? |
//! | `export` | which are in a fresh export? |
//! | `fresh` | which export is it? |
//! | `refused` | why does an export prove nothing? |
//! | `account` | which are in the account? |
//! | `tally` | what was found, how is it printed, and what is the exit code? |
//! | `failures` | what do the errors of this command have in common? |

mod account;
mod command;
mod export;
mod failures;
mod fresh;
mod refused;
mod tally;

pub(crate) use command::{execute, run};
