//! What the facades of one service share: the way to it, and the login.

use std::fmt;
use std::sync::Arc;

use crate::connection::Connection;
use crate::settings::Settings;
use crate::token::TokenSource;

/// What another facade of the same service needs: it uses the same connections, and one token serves both.
#[derive(Clone)]
pub struct Session {
    /// The URL below which the operations are.
    pub base_url: String,
    /// The way to the service.
    pub connection: Connection,
    /// Its tokens.
    pub tokens: Arc<TokenSource>,
    /// How the way was set up.
    pub settings: Settings,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("base_url", &self.base_url)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
