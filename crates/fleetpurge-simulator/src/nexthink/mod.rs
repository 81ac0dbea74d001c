//! Nexthink: the token endpoint, the one operation of the Data Management API, and NQL exports.

mod batch;
mod deletions;
mod errors;
mod handler;
mod inventory;
pub(crate) mod nql;
mod routes;
mod state;
pub(crate) mod token;

pub(crate) use errors::{refused, unauthorized};
pub(crate) use inventory::Inventory;
pub use nql::{ExportFault, FileRequest, QueryColumn, SavedQuery};
pub(crate) use routes::routes;
pub(crate) use state::{Nexthink, Settings};
pub(crate) use token::{Credentials, PERMISSION, issue, refusal};
