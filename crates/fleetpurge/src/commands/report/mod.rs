//! `report`: prints the outcome of every device.
//!
//! | module | question it answers |
//! |---|---|
//! | `command` | where does the report go, and may it? |
//! | `text` | what does a person read? |
//! | `page` | what does a person look at? The HTML page |

mod command;
pub(crate) mod page;
mod text;

pub(crate) use command::run;
