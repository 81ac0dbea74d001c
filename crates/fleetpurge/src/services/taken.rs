//! A transport that takes requests and sends none.

use std::sync::{Arc, Mutex, PoisonError};

use nexthink_data_management::transport::{Bytes, Request, Response, Sent, Transport, TransportError};

/// The first request that was to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken(Arc<Mutex<Option<TakenRequest>>>);

/// A request without its headers: those have the credential.
#[derive(Clone, Debug)]
pub(crate) struct TakenRequest {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) body: String,
}

impl Taken {
    pub(crate) fn request(&self) -> Option<TakenRequest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for Taken {
    async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_with(|| TakenRequest {
                method: request.method().to_string(),
                url: request.uri().to_string(),
                body: String::from_utf8_lossy(request.body()).into_owned(),
            });
        // Guarded and never taken: certainly not sent.
        drop(sent.guard(request));
        Err(TransportError::connect("a rehearsal sends nothing"))
    }
}
