//! One `apply`: who holds the plan, which devices are sent, and what is recorded. And what a verification leaves.
//!
//! | module | question it answers |
//! |---|---|
//! | `opening` | how is a plan opened for one `apply`? |
//! | `run` | what is a run? |
//! | `journal` | what does the engine record? |
//! | `devices` | which devices are sent? |
//! | `findings` | how is a verification kept? |
//! | `ending` | how does a run end, and what if the plan was moved meanwhile? |

mod devices;
mod ending;
mod findings;
mod journal;
mod opening;
mod run;

pub use devices::{SelectedRows, SelectedStream};
pub use findings::Findings;
pub use journal::LedgerJournal;
pub use opening::ApplyLedger;
pub use run::{Run, RunInfo};
