//! `demo`: all of it once, against a simulated tenant within this process.
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | which service is shown? |
//! | `nexthink`, `ubidots` | what is the story? |
//! | `stage` | on which simulated tenant, and with which arguments? |

mod command;
mod nexthink;
mod stage;
mod ubidots;

pub(crate) use command::run;
