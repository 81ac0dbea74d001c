//! Ubidots' device API: an account that is read, deleted from in bulk, and filled again by devices that go on sending.

mod account;
mod deletions;
mod device;
mod errors;
mod handler;
mod keys;
mod routes;
mod setup;
mod state;
mod token;
mod watch;

pub use device::{UbidotsDevice, UbidotsValue, UbidotsVariable};

pub(crate) use account::Account;
pub(crate) use errors::{detail, incorrect_credentials};
pub(crate) use routes::routes;
pub(crate) use setup::Setup;
pub(crate) use state::Ubidots;
