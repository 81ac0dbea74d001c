//! `serve`: the HTML report of a plan at an address of this machine, kept up to date while the plan is applied.
//!
//! It only reads: no request changes anything, and every look at the plan is short.
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | where does it listen, and when does it end? |
//! | `door` | who may see the plan? |
//! | `token` | what does the address have that nobody can guess? |
//! | `site` | what is a request answered? |
//! | `audience` | is anybody looking? |
//! | `watching` | when is the plan looked at again? |
//! | `plan` | what is there to see of the plan, and is it still the same? |
//! | `moment` | what is said of a run at a moment? |

mod audience;
mod command;
mod door;
mod moment;
mod plan;
mod site;
mod token;
mod watching;

pub(crate) use command::run;
