//! The rows of a plan as `report` and `show` write them.
//!
//! | module | question it answers |
//! |---|---|
//! | `record` | what is a row to a program? |
//! | `wanted` | which rows were asked for? |
//! | `table` | how does a row become one of a spreadsheet? |
//! | `json` | how are rows written for programs? |
//! | `trouble` | what can go wrong: the plan, or the output? |

pub(crate) mod json;
pub(crate) mod record;
pub(crate) mod table;
mod trouble;
mod wanted;

pub(crate) use trouble::Trouble;
pub(crate) use wanted::Wanted;
