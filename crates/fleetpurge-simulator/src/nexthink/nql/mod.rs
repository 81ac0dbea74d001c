//! Nexthink's NQL exports, as the vendor's page has them: a saved query is run by its id, and its result is a file on
//! another host.
//!
//! | file | what is there |
//! |---|---|
//! | `query.rs` | a saved query over the inventory |
//! | `exports.rs` | the exports that were asked for, and how each is |
//! | `fault.rs` | what can go wrong with one |
//! | `handler.rs` | the operations |
//! | `file_request.rs` | what the other host was told |
//! | `host.rs` | the other host, on a port of its own |

mod exports;
mod fault;
mod file_request;
mod handler;
mod host;
mod query;

pub use fault::ExportFault;
pub use file_request::FileRequest;
pub use query::{QueryColumn, SavedQuery};

pub(crate) use exports::{Exports, Setup};
pub(crate) use handler::{export_get, export_post, status};
pub(crate) use host::serve;
