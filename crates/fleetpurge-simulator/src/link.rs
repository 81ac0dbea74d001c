//! What a request knows about its connection.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;

use crate::connection::{Control, End};

/// What a request knows of the connection it came over.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) control: Arc<Control>,
    /// The stream of an HTTP/2 connection.
    pub(crate) stream: Option<u32>,
}

impl Link {
    /// Ends the connection; nothing is answered any more.
    pub(crate) async fn end(&self, end: End) -> Infallible {
        self.control.end(end);
        pending().await
    }
}
