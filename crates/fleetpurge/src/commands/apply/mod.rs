//! `apply`: asks the service for exactly the devices of a plan, and records the outcome of each.
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | in which order is a plan opened, confirmed, sent and closed? |
//! | `age` | is the plan too old? |
//! | `dry_run` | what would be sent? |
//! | `first` | which devices come first? |
//! | `sending` | how are the devices sent, and what happens on a signal? |
//! | `messages` | what does a person read before and while it runs? |
//! | `ending` | what is said at the end, and what is the exit code? |
//! | `disturbed` | what is said if the plan's files were moved meanwhile? |

pub(crate) mod age;
mod command;
mod disturbed;
mod dry_run;
pub(crate) mod ending;
mod first;
mod messages;
mod sending;

pub(crate) use command::{execute, run};
