//! What a generated client does around a request: authorization in, everything that came back out.
//!
//! A generated client forgets status and headers when it cannot decode a body, sends a header the API does not document
//! (`api-version`), reads replies of any size, and cannot say whether the request's body ever left. An
//! [`AttemptContext`] is its inner type and undoes these four, called from the hooks of a raw crate; nothing here
//! judges.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;

use crate::body::{Unpacked, unpack};
use crate::chunks::Chunks;
use crate::deadline::within;
use crate::redact::{self, SHORTEST_TOKEN};
use crate::transport::Transport;
use crate::unread;

/// What one attempt brings to the generated client, and where it leaves what it saw.
///
/// It is made anew for every attempt; clones share one [`Exchange`].
#[derive(Clone, Debug)]
pub struct AttemptContext {
    header: HeaderName,
    scheme: &'static str,
    credential: SecretString,
    reply_limit: usize,
    timeout: Duration,
    exchange: Arc<Exchange>,
}

impl AttemptContext {
    /// A context that authorizes with the bearer token `bearer` and reads at most `reply_limit` bytes of the reply.
    #[must_use]
    pub fn bearer(bearer: SecretString, reply_limit: usize) -> Self {
        Self {
            scheme: "Bearer ",
            ..Self::header(AUTHORIZATION, bearer, reply_limit)
        }
    }

    /// A context that authorizes with `credential` as it is in the header `header`.
    #[must_use]
    pub fn header(header: HeaderName, credential: SecretString, reply_limit: usize) -> Self {
        Self {
            header,
            scheme: "",
            credential,
            reply_limit,
            timeout: Transport::default().timeout,
            exchange: Arc::new(Exchange::default()),
        }
    }

    /// Sets the timeout of the attempt, from its start to the end of its reply. Time in which this process was suspended
    /// does not count. Default: that of [`Transport::timeout`].
    #[must_use]
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// What was seen of this attempt; complete once the generated call has returned.
    #[must_use]
    pub fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }
}

/// What was seen of one attempt, whatever the generated client made of it.
#[derive(Debug, Default)]
pub struct Exchange {
    request_body: AtomicU8,
    head: OnceLock<(StatusCode, HeaderMap)>,
    body: OnceLock<Body>,
    late: OnceLock<Late>,
}

/// No answer came within the time that an attempt may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late(Duration);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no answer within {:?}", self.0)
    }
}

impl std::error::Error for Late {}

/// The reply's body as far as it was read. Its `Debug` has the length alone: a reply may hold a token.
#[derive(Clone)]
pub struct Body {
    /// The bytes that were read: at most the limit, unpacked, and without a byte order mark.
    pub bytes: Bytes,
    /// Whether these are all.
    pub end: BodyEnd,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.bytes.len())
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// Why reading a reply's body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// It was read whole.
    Whole,
    /// The connection ended within it.
    Cut,
    /// The time was up within it.
    Late,
    /// It is longer than the limit, as it came or unpacked; the rest was not read.
    OverLimit,
    /// It was read and is not valid HTTP, or in no encoding that is known; why, in words that follow "a reply that".
    Malformed(String),
}

const WAITING: u8 = 0;

const HANDED_OUT: u8 = 1;

const WITHDRAWN: u8 = 2;

impl Exchange {
    /// Whether the request's body was handed out. To be asked once the attempt is over: a body that was not is withdrawn
    /// now, and never will be. A service may answer before it has the request, and the HTTP client would go on sending
    /// it; without a body it cannot act.
    #[must_use]
    pub fn was_body_handed_out(&self) -> bool {
        !self.moves_body(WITHDRAWN) && self.request_body.load(Ordering::Acquire) == HANDED_OUT
    }

    /// Decides what becomes of the body, unless that is decided already.
    fn moves_body(&self, to: u8) -> bool {
        self.request_body
            .compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Status and headers of the reply, once they have come.
    #[must_use]
    pub fn head(&self) -> Option<&(StatusCode, HeaderMap)> {
        self.head.get()
    }

    /// That the time was up, if it was.
    #[must_use]
    pub fn late(&self) -> Option<Late> {
        self.late.get().copied()
    }

    /// The reply's body as far as it was read, once reading has ended.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        self.body.get()
    }
}

impl AttemptContext {
    /// Makes a request of the generated client one of this attempt: with its credential, without the header that the
    /// generator adds, and with a body that notes when it leaves.
    ///
    /// # Errors
    ///
    /// The credential cannot be a header.
    pub fn prepare(&self, request: &mut Request) -> Result<(), String> {
        let text = format!("{}{}", self.scheme, self.credential.expose_secret());
        let mut value =
            HeaderValue::try_from(text).map_err(|_| "the token contains a character that a header cannot carry")?;
        value.set_sensitive(true);
        request.headers_mut().insert(self.header.clone(), value);
        // The generator adds it; no published page knows it.
        request.headers_mut().remove("api-version");
        if let Some(bytes) = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .map(Bytes::copy_from_slice)
        {
            *request.body_mut() = Some(reqwest::Body::wrap(NotedBody::new(bytes, self.exchange())));
        }
        Ok(())
    }

    /// Sends the request, and keeps what comes back whatever the generated client makes of it.
    ///
    /// # Errors
    ///
    /// No reply, or one that ended early.
    pub async fn execute(&self, client: &reqwest::Client, request: Request) -> reqwest::Result<Response> {
        let mut read = Chunks::default();
        let reading = async {
            let mut response = client.execute(request).await?;
            // A context serves one attempt, so these cells are empty; a second `set` would change nothing.
            let _ = self.exchange.head.set((response.status(), response.headers().clone()));
            Ok(read_capped(&mut response, self.reply_limit, &mut read).await)
        };
        // On the heap: it is the largest part of an attempt.
        let ended = within(self.timeout, Box::pin(reading)).await;
        let (end, error) = match ended {
            Ok(Ok(ended)) => ended,
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                let _ = self.exchange.late.set(Late(self.timeout));
                (BodyEnd::Late, None)
            }
        };
        let Some((status, headers)) = self.exchange.head() else {
            return broken_off().await;
        };
        let (bytes, end) = match end {
            BodyEnd::Whole => match unpack(read.into_bytes(), headers, self.reply_limit) {
                Unpacked::Text(bytes) => (bytes, BodyEnd::Whole),
                Unpacked::OverLimit(bytes) => (bytes, BodyEnd::OverLimit),
                Unpacked::Not(packed, why) => (packed, BodyEnd::Malformed(why)),
            },
            end => (read.into_bytes(), end),
        };
        let bytes = without(&self.credential, bytes);
        let is_late = end == BodyEnd::Late;
        let _ = self.exchange.body.set(Body {
            bytes: bytes.clone(),
            end,
        });
        if let Some(error) = error {
            return Err(error);
        }
        if is_late {
            return broken_off().await;
        }
        let mut whole = http::Response::new(reqwest::Body::from(bytes));
        *whole.status_mut() = *status;
        whole.headers_mut().clone_from(headers);
        Ok(whole.into())
    }
}

/// The error of a reply that does not go on. The generated client knows those of `reqwest` alone, which nobody else can
/// make but out of a body.
async fn broken_off() -> reqwest::Result<Response> {
    struct Broken;

    impl http_body::Body for Broken {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            Poll::Ready(Some(Err(std::io::ErrorKind::TimedOut.into())))
        }
    }

    let response = Response::from(http::Response::new(reqwest::Body::wrap(Broken)));
    response
        .bytes()
        .await
        .map(|_| Response::from(http::Response::new(reqwest::Body::default())))
}

/// A reply that repeats the token does not hold it any more when it is decoded: the words of a reply that is understood
/// go into logs, the ledger and reports, too.
fn without(credential: &SecretString, body: Bytes) -> Bytes {
    let token = credential.expose_secret();
    if token.len() < SHORTEST_TOKEN {
        return body;
    }
    redact::bytes(&body, token, "[token]").map_or(body, Bytes::from)
}

/// Reads at most `limit` bytes of the body; what came before an error is kept.
async fn read_capped(response: &mut Response, limit: usize, read: &mut Chunks) -> (BodyEnd, Option<reqwest::Error>) {
    loop {
        match response.chunk().await {
            Ok(Some(mut chunk)) => {
                let room = limit - read.len();
                if chunk.len() > room {
                    chunk.truncate(room);
                    read.push(chunk);
                    return (BodyEnd::OverLimit, None);
                }
                read.push(chunk);
            }
            Ok(None) => return (BodyEnd::Whole, None),
            Err(error) => {
                let end = unread::why(&error).map_or(BodyEnd::Cut, |why| BodyEnd::Malformed(why.to_owned()));
                return (end, Some(error));
            }
        }
    }
}

/// A request body that notes when it was first handed out.
///
/// Before that it waits for one turn of the runtime's I/O driver: only then can the HTTP client notice that the service
/// has closed a pooled connection meanwhile, and it does before it asks again. A task of its own waits, because the
/// client may ask several times without giving way to the driver.
struct NotedBody {
    bytes: Option<Bytes>,
    turn: Option<JoinHandle<()>>,
    exchange: Arc<Exchange>,
}

/// The attempt is over: its body is not sent any more.
#[derive(Debug)]
struct Withdrawn;

impl std::fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the attempt was over before its request had left")
    }
}

impl std::error::Error for Withdrawn {}

impl NotedBody {
    fn new(bytes: Bytes, exchange: Arc<Exchange>) -> Self {
        Self {
            bytes: Some(bytes),
            turn: None,
            exchange,
        }
    }
}

impl http_body::Body for NotedBody {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        if self.bytes.is_none() {
            return Poll::Ready(None);
        }
        let turn = self.turn.get_or_insert_with(|| tokio::spawn(tokio::task::yield_now()));
        // It cannot fail but with its runtime, and then nothing is sent any more.
        let _ = ready!(Pin::new(turn).poll(cx));
        let bytes = self.bytes.take();
        if !self.exchange.moves_body(HANDED_OUT) {
            return Poll::Ready(Some(Err(Withdrawn)));
        }
        Poll::Ready(bytes.map(|bytes| Ok(http_body::Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use http_body::Body as _;

    use super::*;

    async fn first_frame(body: &mut NotedBody) -> Option<Result<Bytes, Withdrawn>> {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await;
        frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default()))
    }

    #[tokio::test]
    async fn a_body_is_handed_out_once_or_withdrawn_for_good() {
        let exchange = Arc::new(Exchange::default());
        let mut body = NotedBody::new(Bytes::from_static(b"[]"), Arc::clone(&exchange));
        assert!(matches!(first_frame(&mut body).await, Some(Ok(bytes)) if bytes == "[]"));
        assert!(exchange.was_body_handed_out());
        assert!(first_frame(&mut body).await.is_none());

        let exchange = Arc::new(Exchange::default());
        let mut body = NotedBody::new(Bytes::from_static(b"[]"), Arc::clone(&exchange));
        assert!(!exchange.was_body_handed_out());
        assert!(matches!(first_frame(&mut body).await, Some(Err(Withdrawn))));
        assert!(!exchange.was_body_handed_out());
        assert!(first_frame(&mut body).await.is_none());
    }

    #[test]
    fn a_body_is_read_without_the_token_and_otherwise_as_it_came() {
        let shown = |token: &str, body: &'static [u8]| without(&SecretString::from(token), Bytes::from_static(body));
        let token = "t0ken-of-18-bytes!";
        assert_eq!(
            shown(
                token,
                br#"{"task":{"id":"t0ken-of-18-bytes!"},"x":"t0ken-of-18-bytes!"}"#
            ),
            r#"{"task":{"id":"[token]"},"x":"[token]"}"#
        );
        assert_eq!(shown(token, b"t0ken-of-18-bytes."), "t0ken-of-18-bytes.");
        assert_eq!(shown(token, b"t0ken-of-18-bytes"), "[token]", "cut off at its end");
        assert_eq!(shown("task", br#"{"task":{"id":"t1"}}"#), r#"{"task":{"id":"t1"}}"#);
        assert_eq!(shown("", b"{}"), "{}");
        assert_eq!(shown(token, b"\xff"), &b"\xff"[..]);
        assert_eq!(shown(token, b"\xe9 t0ken-of-18-bytes!\xff"), &b"\xe9 [token]\xff"[..]);
        assert_eq!(
            shown(
                token,
                br#"{"a":"\u00740ken-of-18\u002Dbytes\u0021","b":"\\u00740ken-of-18-bytes!"}"#
            ),
            r#"{"a":"[token]","b":"[token]"}"#
        );
    }
}
