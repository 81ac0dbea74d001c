//! The client.

use std::fmt;
use std::sync::Arc;

use fleetpurge_http::session::Session;

use crate::export_call::ExportCall;
use crate::query::{Parameters, QueryId};

/// A client of one Nexthink instance's NQL exports. Cloning it is cheap.
#[derive(Clone)]
pub struct Client(Arc<Session>);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.0.base_url)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client with the connections, the settings and the login of this one: a token serves both.
    #[must_use]
    pub fn of(nexthink: &nexthink_data_management::Client) -> Self {
        Self(Arc::new(nexthink.session()))
    }

    /// Has a saved query run and its result exported. Nothing is sent before the returned value is awaited, and it can be
    /// changed first: see [`ExportCall`].
    pub fn export<'a>(&self, query: &QueryId, parameters: &Parameters) -> ExportCall<'a> {
        ExportCall::new(Arc::clone(&self.0), query.clone(), parameters.clone())
    }
}
