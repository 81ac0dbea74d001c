//! `plan`: device lists become a frozen plan.
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | in which order are lists read, labels resolved, and the plan frozen? |
//! | `input`, `ahead` | how is one list read into the draft? |
//! | `query` | what does a saved query list? |
//! | `protect` | how are protect lists read, and what did they match? |
//! | `names` | what did the patterns for names match? |
//! | `labels`, `undecided` | how do labels become ids? |
//! | `others` | which other plans may send the same devices? |
//! | `planned`, `show`, `kinds`, `record` | what was planned, and how is it shown to people and programs? |
//! | `place`, `places` | where does a person find a row of a list again? |
//! | `refused`, `list` | why is a plan refused, row by row? |
//! | `failures` | what do the errors of this command have in common? |

mod ahead;
mod command;
mod failures;
mod input;
mod kinds;
mod labels;
mod list;
mod names;
mod others;
mod place;
mod places;
mod planned;
mod protect;
mod query;
mod record;
mod refused;
mod show;
mod undecided;

pub(crate) use command::{run, write};
pub(crate) use show::show;
