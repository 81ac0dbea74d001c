//! Replies, including bodies that break off or never end.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::{Frame, SizeHint};
use serde::Serialize;

use crate::connection::Sent;
use crate::link::Link;

/// How much of a repeated text is held in memory.
const CHUNK: usize = 16 * 1024;

/// The bytes of a body, or how to make them.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Full(Bytes),
    Repeat {
        prefix: Bytes,
        chunk: Bytes,
        repeated: u64,
        suffix: Bytes,
    },
}

impl Body {
    /// `text` so many times between `prefix` and `suffix`; `None` when that is more than can be counted.
    pub(crate) fn repeat(prefix: &str, text: &str, times: u64, suffix: &str) -> Option<Self> {
        let repeated = (text.len() as u64).checked_mul(times)?;
        repeated.checked_add((prefix.len() + suffix.len()) as u64)?;
        let chunk = if text.is_empty() {
            String::new()
        } else {
            text.repeat((CHUNK / text.len()).max(1))
        };
        let owned = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        Some(Self::Repeat {
            prefix: owned(prefix),
            chunk: chunk.into(),
            repeated,
            suffix: owned(suffix),
        })
    }

    fn len(&self) -> u64 {
        match self {
            Self::Full(bytes) => bytes.len() as u64,
            Self::Repeat {
                prefix,
                repeated,
                suffix,
                ..
            } => (prefix.len() + suffix.len()) as u64 + repeated,
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        match self {
            Self::Full(bytes) => Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty()),
            Self::Repeat {
                prefix,
                chunk,
                repeated,
                suffix,
            } => {
                if !prefix.is_empty() {
                    return Some(std::mem::take(prefix));
                }
                if *repeated > 0 {
                    let len = usize::try_from(*repeated).unwrap_or(usize::MAX).min(chunk.len());
                    *repeated -= len as u64;
                    return Some(chunk.slice(..len));
                }
                Some(std::mem::take(suffix)).filter(|bytes| !bytes.is_empty())
            }
        }
    }
}

/// A reply before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Body::Full(Bytes::new()),
        }
    }

    /// A JSON reply; the value is ours and serializes.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize, capacity: usize) -> Self {
        let mut body = Vec::with_capacity(capacity);
        match serde_json::to_writer(&mut body, value) {
            Ok(()) => Self::empty(status)
                .with(CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(Body::Full(body.into())),
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    pub(crate) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// A response that nothing happens to.
    pub(crate) fn into_response(self) -> Response {
        let body = match self.body {
            Body::Full(bytes) => axum::body::Body::from(bytes),
            // Only scripts repeat, and those send.
            Body::Repeat { .. } => axum::body::Body::empty(),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    /// Hands the reply to the connection.
    pub(crate) fn send(self, link: &Link, cut_body_after: Option<u64>, close_idle: bool) -> Response {
        let length = self.body.len();
        // A body that is shorter than the cut is not cut.
        let cut = cut_body_after.filter(|cut| *cut < length);
        let body = if cut.is_none() && !close_idle {
            match self.body {
                Body::Full(bytes) => axum::body::Body::from(bytes),
                repeat @ Body::Repeat { .. } => axum::body::Body::new(Sending {
                    body: repeat,
                    left: length,
                    cut: None,
                    close_idle,
                    link: link.clone(),
                }),
            }
        } else {
            if let Some(stream) = link.stream {
                link.control.close_after(stream, cut.map_or(Sent::All, Sent::Bytes));
            }
            axum::body::Body::new(Sending {
                body: self.body,
                left: length,
                cut,
                close_idle,
                link: link.clone(),
            })
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// A body on its way.
#[derive(Debug)]
struct Sending {
    body: Body,
    /// Of the length announced.
    left: u64,
    /// What may still be sent before the connection breaks.
    cut: Option<u64>,
    close_idle: bool,
    link: Link,
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if this.cut == Some(0) {
            // hyper flushes what it has while the body is pending; the connection ends with that flush.
            if this.link.stream.is_none() {
                this.link.control.close_after_flush();
            }
            return Poll::Pending;
        }
        let Some(mut bytes) = this.body.next() else {
            return Poll::Ready(None);
        };
        if let Some(cut) = &mut this.cut {
            bytes.truncate(usize::try_from(*cut).unwrap_or(usize::MAX));
            *cut -= bytes.len() as u64;
        }
        this.left -= bytes.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        // hyper releases a body once it has buffered its end, and flushes then.
        if self.close_idle && self.link.stream.is_none() {
            self.link.control.close_after_flush();
        }
    }
}
