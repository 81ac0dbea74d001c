//! Nexthink's Data Management API: the token endpoint and the one operation.

mod batch;
mod deletions;
mod errors;
mod handler;
mod inventory;
mod routes;
mod state;
mod token;

pub(crate) use errors::{refused, unauthorized};
pub(crate) use inventory::Inventory;
pub(crate) use routes::routes;
pub(crate) use state::{Nexthink, Settings};
pub(crate) use token::{Credentials, PERMISSION, issue, refusal};
