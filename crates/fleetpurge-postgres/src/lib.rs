#![doc = include_str!("../README.md")]

mod connection;
mod durability;
mod error;
mod password_file;
mod settings;
mod ssl_mode;
mod target;
mod tls;
mod url;
mod variables;

pub use tokio_postgres;

pub use crate::connection::Connection;
pub use crate::durability::check_durability;
pub use crate::error::{Error, ErrorKind};
pub use crate::settings::Settings;
pub use crate::url::DatabaseUrl;
