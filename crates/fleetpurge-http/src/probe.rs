//! Finds out how far a request to a host comes: one GET that asks for nothing, without credentials.

use std::error::Error as StdError;
use std::time::Duration;

use http::header::DATE;
use jiff::Timestamp;

use crate::cause::Cause;
use crate::connection::{Connection, portable};
use crate::deadline::within;
use crate::retry_after::moment;
use crate::transport::{Failure, Sent, TransportError};

/// What is read of the reply's body: nobody looks at it.
const REPLY_LIMIT: usize = 64 * 1024;

/// The host has answered.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The status, whatever it says.
    pub status: u16,
    /// The host's time by its `Date` header, if it has a readable one. It has no fractions of a second.
    pub date: Option<Timestamp>,
    /// When the request was sent.
    pub sent: Timestamp,
    /// How long the reply took, by the monotonic clock.
    pub took: Duration,
}

/// The host has not answered.
#[derive(Debug)]
pub struct Unanswered {
    /// Where it ended.
    pub step: Step,
    /// Why.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The steps of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No request could be made of the URL.
    Request,
    /// No connection could be made, to the host or to its proxy.
    Connection,
    /// TLS failed: the certificate is not trusted, or what answers does not speak TLS.
    Tls,
    /// Nothing came back in time.
    Time,
    /// A connection was made, and no valid reply came over it.
    Reply,
}

/// Sends `GET url` over a connection made for it, within the timeout of the connection.
///
/// # Errors
///
/// No reply came: how far it came, and why.
pub async fn probe(connection: &Connection, url: &str) -> Result<Answered, Unanswered> {
    let request = connection
        .requests()
        .get(url)
        .build()
        .map_err(|error| TransportError::of(Failure::Local).with_source(error.without_url()))
        .and_then(portable)
        .map_err(unanswered)?;
    let sent = Sent::new(REPLY_LIMIT);
    let (at, began) = (Timestamp::now(), std::time::Instant::now());
    let answer = within(connection.timeout(), Box::pin(connection.send(request, &sent))).await;
    let took = began.elapsed();
    // Of a reply whose body breaks off, the head is as good as any.
    if let Some((status, headers)) = sent.head() {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        return Ok(Answered {
            status: status.as_u16(),
            date: date.and_then(|date| moment(date, at)),
            sent: at,
            took,
        });
    }
    match answer {
        Ok(Err(error)) => Err(unanswered(error)),
        // The built-in transport keeps the head of every reply that it returns.
        Ok(Ok(_)) => Err(Unanswered {
            step: Step::Reply,
            source: None,
        }),
        Err(_) => Err(Unanswered {
            step: Step::Time,
            source: None,
        }),
    }
}

fn unanswered(error: TransportError) -> Unanswered {
    let (failure, source) = error.into_parts();
    let is_tls = source.as_deref().is_some_and(|source| has_tls(source));
    let step = match failure {
        Failure::Local => Step::Request,
        Failure::Certificate => Step::Tls,
        Failure::Connect if is_tls => Step::Tls,
        Failure::Connect => Step::Connection,
        Failure::Timeout => Step::Time,
        Failure::RefusedStream | Failure::Lost | Failure::Reset | Failure::Unread(_) => Step::Reply,
    };
    Unanswered { step, source }
}

/// Whether TLS is among the causes of an error.
fn has_tls(error: &(dyn StdError + 'static)) -> bool {
    // An io::Error hides the error it was made of from `source()`.
    let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    if let Some(cause) = error.downcast_ref::<Cause>() {
        return has_tls(cause.whole());
    }
    error.is::<rustls::Error>() || hidden.is_some_and(|hidden| has_tls(hidden)) || error.source().is_some_and(has_tls)
}
