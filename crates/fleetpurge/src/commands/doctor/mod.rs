//! `doctor`: checks the setup of an account, and deletes nothing.
//!
//! | file | question it answers |
//! |---|---|
//! | `setup` | whom would the commands address, and with which credentials? |
//! | `network` | is a host reached, and is its clock ours? |
//! | `clock` | how far apart are two clocks? |
//! | `token` | is there a token, and what may it do? |
//! | `query` | can a saved query be run, and does it list what a plan needs? |
//! | `checks` | what was found so far? |
//! | `text` | how is it shown? |

mod checks;
mod clock;
mod command;
mod network;
mod query;
mod setup;
mod text;
mod token;

pub(crate) use command::run;
