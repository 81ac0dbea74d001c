//! The files of a plan on the disk.
//!
//! | module | question it answers |
//! |---|---|
//! | `own_file` | which file is the plan, by whatever name? |
//! | `lock_file` | who may write to the plan right now, and how many commits has it? |
//! | `lease` | who holds the plan by another name? |
//! | `watch` | do the names of a run's files still lead to these files? |
//! | `placement` | may a run write to the plan where it lies? |
//! | `naming` | how does a draft get its name? |
//! | `saved_copy` | where does a plan go that has lost its name? |

pub(crate) mod lease;
pub(crate) mod lock_file;
pub(crate) mod naming;
pub(crate) mod own_file;
pub(crate) mod placement;
pub(crate) mod saved_copy;
pub(crate) mod watch;
