//! What a generated client does around a request: authorization in, everything that came back out.
//!
//! A generated client forgets status and headers when it cannot decode a body, sends a header the API does not document
//! (`api-version`), reads replies of any size, and cannot say whether the request's body ever left. An
//! [`AttemptContext`] is its inner type and undoes these four, called from the hooks of a raw crate; nothing here
//! judges.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use http::{Response as HttpResponse, StatusCode};
use reqwest::{Request, Response};
use secrecy::{ExposeSecret, SecretString};

use crate::body::{Unpacked, unpack};
use crate::connection::{Connection, portable};
use crate::deadline::within;
use crate::redact::{self, SHORTEST_TOKEN};
use crate::token::TokenSource;
use crate::transport::{Failure, Sent, TransportError};

/// What a generated client's requests are sent with, and where one attempt leaves what it saw.
///
/// For an attempt it is made anew ([`bearer`](Self::bearer), [`header`](Self::header)), and its clones share one
/// [`Exchange`]. With [`by_source`](Self::by_source) it is used for any number of requests, of which nothing is kept.
#[derive(Clone, Debug)]
pub struct AttemptContext {
    connection: Connection,
    header: HeaderName,
    scheme: &'static str,
    login: Login,
    reply_limit: usize,
}

#[derive(Clone, Debug)]
enum Login {
    /// For one attempt.
    Once(SecretString, Arc<Exchange>),
    /// For each request.
    Source(Arc<TokenSource>),
}

impl AttemptContext {
    /// A context for one attempt, which authorizes with the bearer token `bearer` and reads at most `reply_limit` bytes of
    /// the reply.
    #[must_use]
    pub fn bearer(connection: &Connection, bearer: SecretString, reply_limit: usize) -> Self {
        Self {
            scheme: "Bearer ",
            ..Self::header(connection, AUTHORIZATION, bearer, reply_limit)
        }
    }

    /// A context for one attempt, which authorizes with `credential` as it is in the header `header`.
    #[must_use]
    pub fn header(connection: &Connection, header: HeaderName, credential: SecretString, reply_limit: usize) -> Self {
        Self {
            connection: connection.clone(),
            header,
            scheme: "",
            login: Login::Once(credential, Arc::new(Exchange::new(connection, reply_limit))),
            reply_limit,
        }
    }

    /// The same for any number of requests, each with a token of `tokens`.
    #[must_use]
    pub fn by_source(mut self, tokens: Arc<TokenSource>) -> Self {
        self.login = Login::Source(tokens);
        self
    }

    /// What was seen of this attempt; complete once the generated call has returned. Of a context for many requests it is
    /// empty.
    #[must_use]
    pub fn exchange(&self) -> Arc<Exchange> {
        match &self.login {
            Login::Once(_, exchange) => Arc::clone(exchange),
            Login::Source(_) => Arc::new(Exchange::new(&self.connection, self.reply_limit)),
        }
    }
}

/// What was seen of one attempt, whatever the generated client made of it.
#[derive(Debug)]
pub struct Exchange {
    sent: Sent,
    /// What a reply may repeat, beside the credential, and nobody is to see.
    secrets: Vec<SecretString>,
    /// Of the reply that the transport returned, or, of the built-in transport, received before it broke off.
    head: OnceLock<(StatusCode, HeaderMap)>,
    body: OnceLock<Body>,
    late: OnceLock<Late>,
    failure: Mutex<Option<TransportError>>,
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

impl Exchange {
    fn new(connection: &Connection, reply_limit: usize) -> Self {
        Self {
            sent: Sent::new(reply_limit),
            secrets: connection.secrets().to_vec(),
            head: OnceLock::new(),
            body: OnceLock::new(),
            late: OnceLock::new(),
            failure: Mutex::default(),
        }
    }

    /// Whether the request's body was, or may have been, handed out. Ask once the attempt is over: a body that was not is
    /// withdrawn now, and never will be.
    #[must_use]
    pub fn was_body_handed_out(&self) -> bool {
        self.sent.was_handed_out()
    }

    /// Status and headers of the reply, once they have come.
    #[must_use]
    pub fn head(&self) -> Option<&(StatusCode, HeaderMap)> {
        self.head.get()
    }

    /// What a reply may repeat, beside the credential.
    pub(crate) fn secrets(&self) -> &[SecretString] {
        &self.secrets
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

    /// Why there is no reply, if the transport said so. It is said once.
    pub(crate) fn take_failure(&self) -> Option<TransportError> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn fail(&self, error: TransportError) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl AttemptContext {
    /// Has a token for the next request. A context for one attempt has one already.
    ///
    /// # Errors
    ///
    /// There is none, in one sentence. Nothing was sent to the service.
    pub async fn prepare(&self) -> Result<(), String> {
        match &self.login {
            Login::Once(..) => Ok(()),
            Login::Source(tokens) => tokens.get().await.map(drop).map_err(|error| error.to_string()),
        }
    }

    /// Sends a request of the generated client as one of this context: with its credential, without the header that the
    /// generator adds. What comes back is kept, whatever the generated client makes of it.
    ///
    /// # Errors
    ///
    /// No reply, or one that ended early. Why is in the [`Exchange`].
    pub async fn execute(&self, request: Request) -> reqwest::Result<Response> {
        match &self.login {
            Login::Once(credential, exchange) => self.attempt(request, credential, exchange).await,
            Login::Source(tokens) => {
                let Ok(bearer) = tokens.get().await else {
                    return broken_off().await;
                };
                let exchange = self.exchange();
                let answer = self.attempt(request, &bearer.secret, &exchange).await;
                if exchange
                    .head()
                    .is_some_and(|(status, _)| *status == StatusCode::UNAUTHORIZED)
                {
                    tokens.refused(&bearer);
                }
                answer
            }
        }
    }

    async fn attempt(
        &self,
        request: Request,
        credential: &SecretString,
        exchange: &Exchange,
    ) -> reqwest::Result<Response> {
        let request = self.authorized(request, credential).and_then(portable);
        let request = match request {
            Ok(request) => request,
            Err(error) => {
                exchange.fail(error);
                return broken_off().await;
            }
        };
        let limit = self.connection.timeout();
        // On the heap: it is the largest part of an attempt.
        let ended = within(limit, Box::pin(self.connection.send(request, &exchange.sent))).await;
        let (bytes, end) = match ended {
            Ok(Ok(response)) => {
                let (head, mut bytes) = response.into_parts();
                // An exchange is one attempt's, so this cell is empty; a second `set` would change nothing.
                let _ = exchange.head.set((head.status, head.headers));
                if bytes.len() > self.reply_limit {
                    bytes.truncate(self.reply_limit);
                    (bytes, BodyEnd::OverLimit)
                } else {
                    (bytes, BodyEnd::Whole)
                }
            }
            Ok(Err(error)) => {
                let end = match error.failure() {
                    Failure::Unread(why) => BodyEnd::Malformed(why.to_owned()),
                    _ => BodyEnd::Cut,
                };
                exchange.fail(error);
                (exchange.sent.take_read(), end)
            }
            Err(_) => {
                let _ = exchange.late.set(Late(limit));
                (exchange.sent.take_read(), BodyEnd::Late)
            }
        };
        if self.connection.trusts_received_head()
            && let Some(head) = exchange.sent.head()
        {
            let _ = exchange.head.set(head.clone());
        }
        let Some((status, headers)) = exchange.head() else {
            return broken_off().await;
        };
        let (bytes, end) = match end {
            BodyEnd::Whole => match unpack(bytes, headers, self.reply_limit) {
                Unpacked::Text(bytes) => (bytes, BodyEnd::Whole),
                Unpacked::OverLimit(bytes) => (bytes, BodyEnd::OverLimit),
                Unpacked::Not(packed, why) => (packed, BodyEnd::Malformed(why)),
            },
            end => (bytes, end),
        };
        let bytes = exchange
            .secrets
            .iter()
            .fold(without(credential, bytes), |bytes, secret| without(secret, bytes));
        let is_broken = matches!(end, BodyEnd::Cut | BodyEnd::Late | BodyEnd::Malformed(_));
        let _ = exchange.body.set(Body {
            bytes: bytes.clone(),
            end,
        });
        if is_broken {
            return broken_off().await;
        }
        let mut whole = HttpResponse::new(reqwest::Body::from(bytes));
        *whole.status_mut() = *status;
        whole.headers_mut().clone_from(headers);
        Ok(whole.into())
    }

    fn authorized(&self, mut request: Request, credential: &SecretString) -> Result<Request, TransportError> {
        let text = format!("{}{}", self.scheme, credential.expose_secret());
        let mut value = HeaderValue::try_from(text).map_err(|_| {
            let why = "the token contains a character that a header cannot carry";
            TransportError::of(Failure::Local).with_source(why)
        })?;
        value.set_sensitive(true);
        request.headers_mut().insert(self.header.clone(), value);
        // The generator adds it; no published page knows it.
        request.headers_mut().remove("api-version");
        Ok(request)
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

    let response = Response::from(HttpResponse::new(reqwest::Body::wrap(Broken)));
    response
        .bytes()
        .await
        .map(|_| Response::from(HttpResponse::new(reqwest::Body::default())))
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

#[cfg(test)]
mod tests {
    use super::*;

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
