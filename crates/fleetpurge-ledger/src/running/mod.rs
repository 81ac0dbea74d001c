//! One `apply`: who holds the plan, which devices are sent, and what is recorded. And what a verification leaves.
//!
//! | module | question it answers |
//! |---|---|
//! | `held` | what is a plan that is held, and what is recorded of its run? |
//! | `opening` | how is a plan opened for one `apply`? |
//! | `run` | what is a run? |
//! | `journal` | what does the engine record? |
//! | `devices` | which devices are sent? |
//! | `findings` | how is a verification kept? |
//! | `shared` | how does an apply go on beside others? |
//! | `ending` | how does a run end, and what if the plan was moved meanwhile? |

mod devices;
mod ending;
mod findings;
mod held;
mod journal;
mod opening;
mod run;
#[cfg(feature = "postgres")]
mod shared;

pub use devices::{SelectedRows, SelectedStream};
pub use findings::Findings;
pub use held::{ApplyLedger, RunInfo};
pub use journal::LedgerJournal;
pub use run::Run;
