//! The seam beneath the client: what carries a request to a service and its reply back.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

pub use bytes::Bytes;
pub use http::{self, Request, Response};

pub use crate::sent::{HeldBody, Sent, Withdrawn};

/// Carries requests to a service, and their replies back.
///
/// The client uses it for everything that it sends: deletions, lists, and requests for a token. The request is complete,
/// its credential included; the reply may have any status. The client's own timeout is over when the future is dropped.
///
/// # What an implementation must do
///
/// - **Send each request at most once.** A deletion is not known to be idempotent. Switch off the retries of the HTTP
///   client underneath, and do not follow redirects: they repeat the request and give the token to another host.
/// - **[Guard](Sent::guard) the body** if a failure should be retried. After an error the client asks `sent` whether the
///   service may have acted. If the transport never guarded the body, the answer is *maybe*: the devices end `unknown`,
///   and are not sent again.
///
/// # Example
///
/// A transport that counts requests around the built-in one, for the builder's `wrap_transport`; and one that never
/// reaches the service:
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
/// # use fleetpurge_http::transport::{Bytes, Request, Response, Sent, SharedTransport, Transport, TransportError};
///
/// struct Counting(SharedTransport, Arc<AtomicU64>);
///
/// impl Transport for Counting {
///     async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
///         self.1.fetch_add(1, Ordering::Relaxed);
///         self.0.send(request, sent).await
///     }
/// }
///
/// struct Down;
///
/// impl Transport for Down {
///     async fn send(&self, request: Request<Bytes>, sent: Sent) -> Result<Response<Bytes>, TransportError> {
///         // Guarded and never taken: certainly not sent.
///         drop(sent.guard(request));
///         Err(TransportError::connect("the cable is unplugged"))
///     }
/// }
/// # SharedTransport::new(Counting(SharedTransport::new(Down), Arc::default()));
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends one request, at most once, and reads its reply.
    ///
    /// # Errors
    ///
    /// No complete reply. Whether the service may have acted is not said by the error but by `sent`.
    fn send(
        &self,
        request: Request<Bytes>,
        sent: Sent,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send;
}

/// Why there is no complete reply.
#[derive(Debug)]
pub struct TransportError {
    failure: Failure,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// The connection was lost, or anything else happened after it was made.
    pub fn new(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Failure::Lost).with_source(source)
    }

    /// No connection was made.
    pub fn connect(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Failure::Connect).with_source(source)
    }

    /// The service's certificate is not trusted. A run stops at once.
    pub fn certificate(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Failure::Certificate).with_source(source)
    }

    /// The time was up.
    pub fn timeout(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::of(Failure::Timeout).with_source(source)
    }

    pub(crate) fn of(failure: Failure) -> Self {
        Self { failure, source: None }
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn failure(&self) -> Failure {
        self.failure
    }

    pub(crate) fn into_parts(self) -> (Failure, Option<Box<dyn StdError + Send + Sync>>) {
        (self.failure, self.source)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.failure {
            Failure::Local => "the request could not be made",
            Failure::Connect => "no connection could be made",
            Failure::Certificate => "the certificate is not trusted",
            Failure::RefusedStream => "the service did not process the request",
            Failure::Timeout => "the time was up",
            Failure::Lost | Failure::Reset => "the connection was lost",
            Failure::Unread(_) => "the reply is not valid HTTP",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The request could not be made; it never left.
    Local,
    /// No connection.
    Connect,
    /// The service's certificate is not trusted.
    Certificate,
    /// The service said that it did not process the stream (HTTP/2 `REFUSED_STREAM`, or `GOAWAY` below it).
    RefusedStream,
    /// The time was up.
    Timeout,
    /// The connection was lost.
    Lost,
    /// The service broke off this exchange alone (HTTP/2 `RST_STREAM`).
    Reset,
    /// A reply came that is not valid HTTP; why, in words that follow "a reply that".
    Unread(&'static str),
}

/// Any [`Transport`]. Cloning it is cheap; clones share it.
#[derive(Clone)]
pub struct SharedTransport(Arc<dyn ErasedTransport>);

impl SharedTransport {
    /// Shares a transport.
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl fmt::Debug for SharedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTransport").finish_non_exhaustive()
    }
}

impl Transport for SharedTransport {
    fn send(
        &self,
        request: Request<Bytes>,
        sent: Sent,
    ) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send {
        self.0.send_erased(request, sent)
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// [`Transport`] as an object.
trait ErasedTransport: Send + Sync {
    fn send_erased(&self, request: Request<Bytes>, sent: Sent) -> Sending<'_>;
}

impl<T: Transport> ErasedTransport for T {
    fn send_erased(&self, request: Request<Bytes>, sent: Sent) -> Sending<'_> {
        Box::pin(self.send(request, sent))
    }
}
