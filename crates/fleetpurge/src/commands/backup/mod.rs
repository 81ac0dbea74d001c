//! `backup`: saves the devices of a plan, with all that they have recorded, before they are deleted.
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | in which order is a backup made? |
//! | `planned` | which devices are saved? |
//! | `opening` | may the folder be written to? |
//! | `saving` | how is each device saved? |
//! | `tally` | how many were saved so far? |
//! | `ending` | what is said at the end? |
//! | `failures` | what do the errors of this command have in common? |

mod command;
mod ending;
mod failures;
mod opening;
mod planned;
mod saving;
mod tally;

pub(crate) use command::{execute, run};
