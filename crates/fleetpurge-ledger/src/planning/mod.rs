//! How an input becomes a plan, and why it is refused.
//!
//! | module | question it answers |
//! |---|---|
//! | `survey`, `edges` | what would the plan be, and what are the first and last rows of each kind? |
//! | `draft` | how are rows, inputs and protected devices added? |
//! | `labels` | how do rows with a label get their id? |
//! | `freeze` | when is a draft refused, and what does the plan contain? |
//! | `refused` | why was it refused, row by row? |
//! | `copying` | how does a plan get from one store to another? |
//! | `replace` | may an existing file be replaced by the plan? |

#[cfg(feature = "postgres")]
mod copying;
mod draft;
mod edges;
mod freeze;
mod labels;
mod refused;
mod replace;
mod survey;

pub use draft::Draft;
pub use labels::Resolution;
pub use refused::{FreezeError, PlanRefused};
