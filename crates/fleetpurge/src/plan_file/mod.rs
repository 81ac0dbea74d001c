//! The file of a plan.
//!
//! | module | question it answers |
//! |---|---|
//! | `files` | which files are plans, or belong to one? |
//! | `opening` | how is a plan opened for reading? |
//! | `trouble` | why can it not be used, and what is to be done? |

mod files;
mod opening;
mod trouble;

pub(crate) use files::{belongs_to_a_plan, beside, in_folder, is_plan};
pub(crate) use opening::{open, opened};
pub(crate) use trouble::{after, failure, is_in_database, refuse_database};
