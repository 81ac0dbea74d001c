//! What is known of each row.
//!
//! | module | question it answers |
//! |---|---|
//! | `ledger` | how is a plan opened for reading? |
//! | `databases` | which plans does a database have? |
//! | `report` | what has become of each row? |
//! | `sighted` | what did the latest verification show of each row? |
//! | `inventory` | which devices does a fresh inventory still have? |

#[cfg(feature = "postgres")]
mod databases;
mod inventory;
mod ledger;
mod report;
mod sighted;

pub use inventory::{Comparison, Inventory, Sightings};
pub use ledger::Ledger;
pub use report::ReportRows;
