//! The accept loop, and what surrounds every request of a connection.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::DATE;
use http::{HeaderName, HeaderValue, Request, Version};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::connection::{Control, FaultyIo, Socket};
use crate::link::Link;
use crate::reply::Reply;
use crate::request::Correlation;
use crate::state::Shared;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const X_TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");

/// Marks a response that is not sent: the stream is refused instead.
#[derive(Debug, Clone, Copy)]
struct Refuse;

/// Marks a response that has all the correlation headers it is to have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamped;

/// A reply outside of an exchange, without the correlation headers.
pub(crate) fn unstamped(reply: Reply) -> Response {
    let mut response = reply.into_response();
    response.extensions_mut().insert(Stamped);
    response
}

/// HTTP/2: the request was not processed, says `RST_STREAM` with `REFUSED_STREAM`.
pub(crate) fn refuse_stream() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Refuse);
    response
}

/// How sockets become connections.
#[derive(Clone)]
pub(crate) enum Transport {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

impl Transport {
    async fn open(&self, stream: TcpStream) -> io::Result<Socket> {
        match self {
            Self::Plain => Ok(Socket::Plain(stream)),
            #[cfg(feature = "tls")]
            Self::Tls(acceptor) => Ok(Socket::Tls(Box::new(acceptor.accept(stream).await?))),
        }
    }
}

/// What answers the requests of every connection.
#[derive(Clone)]
pub(crate) struct Answering {
    pub(crate) router: Router,
    /// How many seconds the `Date` of each reply is ahead of this machine's clock.
    pub(crate) clock_offset: Option<i64>,
}

/// Serves until it is asked to stop; every connection ends with it.
pub(crate) async fn serve(
    listener: TcpListener,
    transport: Transport,
    shared: Arc<Shared>,
    answering: Answering,
    mut stop: oneshot::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let id = shared.log.tally.connections.fetch_add(1, Ordering::AcqRel) + 1;
                    connections.spawn(connection(stream, transport.clone(), id, answering.clone()));
                }
                // Out of file descriptors: those who have some will give them back.
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    connections.shutdown().await;
}

async fn connection(stream: TcpStream, transport: Transport, id: u64, answering: Answering) {
    // Replies are small, and written in one piece.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let Ok(socket) = transport.open(stream).await else {
        return;
    };
    let control = Arc::new(Control::new(id));
    let service = ConnectionService {
        inner: TowerToHyperService::new(answering.router),
        clock_offset: answering.clock_offset,
        control: Arc::clone(&control),
    };
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // Streams refused by script are no reason to end a connection.
    builder
        .http2()
        .max_concurrent_streams(1024)
        .max_local_error_reset_streams(None);
    let serving = builder.serve_connection(TokioIo::new(FaultyIo::new(socket, Arc::clone(&control))), service);
    tokio::select! {
        biased;
        () = control.ended() => {}
        // How the client left is its own affair; what it sent is in the log.
        _ = serving => {}
    }
}

/// The router, which knows the connection; stamps the correlation headers on what carries none.
struct ConnectionService {
    inner: TowerToHyperService<Router>,
    clock_offset: Option<i64>,
    control: Arc<Control>,
}

impl Service<Request<Incoming>> for ConnectionService {
    type Response = Response;
    type Error = h2::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, h2::Error>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let stream = (request.version() == Version::HTTP_2).then(|| self.control.next_stream());
        request.extensions_mut().insert(Link {
            control: Arc::clone(&self.control),
            stream,
        });
        let (given, traceparent) = (
            request.headers().get(X_REQUEST_ID).cloned(),
            request.headers().get("traceparent").cloned(),
        );
        let answered = self.inner.call(request);
        let date = self.clock_offset.and_then(date);
        Box::pin(async move {
            let Ok(mut response) = answered.await;
            if response.extensions().get::<Refuse>().is_some() {
                return Err(h2::Reason::REFUSED_STREAM.into());
            }
            if response.extensions().get::<Stamped>().is_none() {
                let mut headers = http::HeaderMap::new();
                headers.extend(given.map(|value| (X_REQUEST_ID, value)));
                headers.extend(traceparent.map(|value| (HeaderName::from_static("traceparent"), value)));
                stamp(response.headers_mut(), &Correlation::of(&headers));
            }
            response.headers_mut().extend(date.map(|date| (DATE, date)));
            Ok(response)
        })
    }
}

/// The time of a clock that is so many seconds ahead.
fn date(offset: i64) -> Option<HeaderValue> {
    let (now, by) = (SystemTime::now(), Duration::from_secs(offset.unsigned_abs()));
    let then = if offset < 0 {
        now.checked_sub(by)
    } else {
        now.checked_add(by)
    };
    HeaderValue::from_str(&httpdate::fmt_http_date(then?)).ok()
}

/// `x-request-id` and `x-trace-id`, which every reply carries.
pub(crate) fn stamp(headers: &mut http::HeaderMap, correlation: &Correlation) {
    for (name, text) in [
        (X_REQUEST_ID, &correlation.request_id),
        (X_TRACE_ID, &correlation.trace_id),
    ] {
        // Both are hexadecimal digits and dashes.
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
}
