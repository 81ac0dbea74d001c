//! Runs saved NQL queries of Nexthink, for `select`, `plan` and `verify`.
//!
//! | module | question it answers |
//! |---|---|
//! | `asking` | how is a query run, and tried again? |
//! | `answer` | what came of it, and what is it called in a plan? |
//! | `brake` | is the result as large as was meant? |
//! | `trouble` | what does an error mean, and what may help? |

mod answer;
mod asking;
mod brake;
mod trouble;

pub(crate) use answer::Answer;
pub(crate) use asking::Asking;
