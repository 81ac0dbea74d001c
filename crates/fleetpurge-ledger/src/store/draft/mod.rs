//! The tables of a draft: SQLite sorts and joins the rows outside memory.
//!
//! | module | question it answers |
//! |---|---|
//! | `file` | which file is the draft, and when does it go? |
//! | `tables` | which tables and functions does planning need? |
//! | `rows` | how are rows and inputs added? |
//! | `seen` | which uids may have been seen before? |
//! | `duplicates` | which rows repeat or contradict each other? |
//! | `protect` | which rows do the protect lists match? |
//! | `protect_entries` | which entries of the protect lists protect no row? |
//! | `commented_out` | which devices are commented out in one row and listed in another? |
//! | `name_filters` | which rows are left out by their names? |
//! | `labels` | which device has the label of a row? |
//! | `unknown_labels` | of which planned devices is the label not known yet? |
//! | `listing` | which rows are shown, and where were they read? |
//! | `plan_head` | how is the draft frozen? |

pub(crate) mod commented_out;
pub(crate) mod duplicates;
pub(crate) mod file;
pub(crate) mod labels;
pub(crate) mod listing;
pub(crate) mod name_filters;
pub(crate) mod plan_head;
pub(crate) mod protect;
pub(crate) mod protect_entries;
pub(crate) mod rows;
pub(crate) mod seen;
mod tables;
pub(crate) mod unknown_labels;
