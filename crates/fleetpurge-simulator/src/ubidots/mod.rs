//! Ubidots' device API: an account that is read, deleted from in bulk, and filled again by devices that go on sending.

mod account;
mod builder;
mod date;
mod deletions;
mod device;
mod errors;
mod filter;
mod handler;
mod keys;
mod page;
mod query;
mod reads;
mod render;
mod routes;
mod setup;
mod state;
mod token;
mod traps;
mod watch;
mod writes;

pub(crate) use account::Account;
pub use device::{UbidotsDevice, UbidotsValue, UbidotsVariable};
pub(crate) use errors::{detail, incorrect_credentials};
pub(crate) use routes::routes;
pub(crate) use setup::Setup;
pub(crate) use state::Ubidots;
pub use traps::PageTraps;
