//! One client's way to its services: the transport, and what every request has.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use secrecy::SecretString;

use crate::transport::{Failure, Sent, SharedTransport, Transport as _, TransportError};

/// One client's way to its services, made by [`Settings::connect`](crate::settings::Settings::connect). Cloning it is cheap.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    transport: SharedTransport,
    /// Makes requests; it sends none.
    requests: reqwest::Client,
    headers: HeaderMap,
    /// The values of headers that a reply may repeat and nobody is to see.
    secrets: Vec<SecretString>,
    /// Whether the program has put a transport of its own in the place of the built-in one, or around it.
    is_foreign: bool,
    timeout: Duration,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("timeout", &self.0.timeout)
            .finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(
        transport: SharedTransport,
        requests: reqwest::Client,
        headers: HeaderMap,
        is_foreign: bool,
        timeout: Duration,
    ) -> Self {
        let secrets = headers.values().filter(|value| value.is_sensitive());
        let secrets = secrets.filter_map(|value| Some(value.to_str().ok()?.into())).collect();
        Self(Arc::new(Inner {
            transport,
            requests,
            headers,
            secrets,
            is_foreign,
            timeout,
        }))
    }

    /// Makes requests; a generated client needs it. Only [`AttemptContext`](crate::AttemptContext) and
    /// [`ask`](crate::token_request::ask) send them.
    #[must_use]
    pub fn requests(&self) -> &reqwest::Client {
        &self.0.requests
    }

    /// How long one request may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// The values of the program's own headers.
    pub(crate) fn secrets(&self) -> &[SecretString] {
        &self.0.secrets
    }

    /// Whether the head of a reply that the built-in transport received is that of the last thing that was done with a
    /// request. A transport around it may go on after a reply, so that the reply proves nothing.
    pub(crate) fn trusts_received_head(&self) -> bool {
        !self.0.is_foreign
    }

    /// Sends a request, unless its attempt is over.
    pub(crate) async fn send(
        &self,
        mut request: Request<Bytes>,
        sent: &Sent,
    ) -> Result<Response<Bytes>, TransportError> {
        if !sent.entrusts() {
            return Err(TransportError::of(Failure::Local));
        }
        let headers = request.headers_mut();
        for (name, value) in &self.0.headers {
            headers.append(name.clone(), value.clone());
        }
        self.0.transport.send(request, sent.clone()).await
    }
}

/// The request that a builder of `reqwest` has made, as any transport takes it.
pub(crate) fn portable(request: reqwest::Request) -> Result<Request<Bytes>, TransportError> {
    let local = |source: &'static str| TransportError::of(Failure::Local).with_source(source);
    let body = match request.body() {
        None => Bytes::new(),
        Some(body) => Bytes::copy_from_slice(body.as_bytes().ok_or_else(|| local("the request's body is a stream"))?),
    };
    let request: Request<reqwest::Body> = request
        .try_into()
        .map_err(|error: reqwest::Error| TransportError::of(Failure::Local).with_source(error.without_url()))?;
    Ok(request.map(|_| body))
}
