//! Turns the result of a generated client and its hooks into facts about an attempt, without interpreting them.

use std::error::Error as StdError;

use bytes::Bytes;
use fleetpurge_engine::Trail;
use http::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use progenitor_client::{Error, ResponseValue};
use reqwest::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use crate::dialect::Dialect;
use crate::exchange::{BodyEnd, Exchange};
use crate::flaw::Flaw;
use crate::json::{Field, Kind, Object};
use crate::transport::Failure;
use crate::{message, redact};

const REQUEST_ID: &str = "x-request-id";
const TRACE_ID: &str = "x-trace-id";
/// How much of a reply that was not understood is kept.
const BODY_HEAD: usize = 1024;
/// How many bytes a byte of the token may take where it is escaped.
const LONGEST_ESCAPE: usize = 8;

/// What was seen of one attempt.
#[derive(Debug)]
pub struct Seen<A> {
    /// Whether the request's body was handed out to the HTTP client; it is withdrawn if it was not.
    pub polled: bool,
    /// What came back.
    pub answer: Answer<A>,
}

/// What came back of one attempt.
#[derive(Debug)]
pub enum Answer<A> {
    /// A reply, at least its head.
    Reply(Reply<A>),
    /// None.
    Failure(Failure, Option<Box<dyn StdError + Send + Sync>>),
}

/// A reply.
#[derive(Debug)]
pub struct Reply<A> {
    /// The HTTP status.
    pub status: u16,
    /// The header `x-request-id`.
    pub request_id: Option<String>,
    /// The header `x-trace-id`.
    pub trace_id: Option<String>,
    /// The headers `Retry-After`, as they stand.
    pub retry_after: Vec<String>,
    /// The header `Date`, as it stands: the service's clock when it replied.
    pub date: Option<String>,
    /// The body, if it is the documented answer to an accepted request.
    pub accepted: Option<A>,
    /// The body's `code`, if it has one.
    pub code: Option<String>,
    /// What the body says in words, as a person may read it.
    pub message: Option<String>,
    /// The body as far as it was read, unpacked, without the token.
    pub body: Bytes,
    /// The body's first KiB.
    pub body_head: String,
    /// Why the body is not valid, if it is not.
    pub flaw: Option<Flaw>,
}

impl<A> Reply<A> {
    /// A reply that says no more than this.
    #[must_use]
    pub const fn of(status: u16) -> Self {
        Self {
            status,
            request_id: None,
            trace_id: None,
            retry_after: Vec::new(),
            date: None,
            accepted: None,
            code: None,
            message: None,
            body: Bytes::new(),
            body_head: String::new(),
            flaw: None,
        }
    }
}

impl<A> Seen<A> {
    /// Whether the request has left: something of it was handed out, or it was answered. Its headers are then known to the
    /// service, the request id among them.
    #[must_use]
    pub const fn has_left(&self) -> bool {
        self.polled
            || matches!(
                self.answer,
                Answer::Reply(_) | Answer::Failure(Failure::RefusedStream, _)
            )
    }

    /// What a call of a generated client came to, without the token that it was made with.
    #[must_use]
    pub fn of<E>(exchange: &Exchange, result: Result<ResponseValue<A>, Error<E>>, token: &SecretString) -> Self {
        let polled = exchange.was_body_handed_out();
        let answer = match exchange.head() {
            Some((status, headers)) => {
                let secrets: Vec<&SecretString> = std::iter::once(token).chain(exchange.secrets()).collect();
                Answer::Reply(reply(status.as_u16(), headers, exchange, result.ok(), &secrets))
            }
            None => match exchange.late() {
                Some(late) => Answer::Failure(Failure::Timeout, Some(Box::new(late))),
                None => no_reply(exchange, result),
            },
        };
        Self { polled, answer }
    }
}

fn reply<A>(
    status: u16,
    headers: &HeaderMap,
    exchange: &Exchange,
    accepted: Option<ResponseValue<A>>,
    secrets: &[&SecretString],
) -> Reply<A> {
    let (bytes, end) = exchange.body().map_or((Bytes::new(), BodyEnd::Cut), |body| {
        (body.bytes.clone(), body.end.clone())
    });
    let accepted = accepted.map(ResponseValue::into_inner);
    let flaw = match end {
        BodyEnd::Cut => Some(Flaw::Cut),
        BodyEnd::Late => Some(Flaw::Late),
        BodyEnd::OverLimit => Some(Flaw::OverLimit),
        BodyEnd::Malformed(why) => Some(Flaw::Unreadable(why)),
        BodyEnd::Whole => None,
    };
    let text = |name: &str| text(headers, name, secrets);
    Reply {
        status,
        request_id: text(REQUEST_ID),
        trace_id: text(TRACE_ID),
        retry_after: texts(headers, RETRY_AFTER),
        date: text(DATE.as_str()),
        code: if accepted.is_some() {
            None
        } else {
            code(&bytes).map(|code| without(secrets, &code))
        },
        message: if accepted.is_some() {
            None
        } else {
            message::of(&bytes, |text| without(secrets, text))
        },
        body_head: body_head(&bytes, secrets),
        body: bytes,
        accepted: accepted.filter(|_| flaw.is_none()),
        flaw,
    }
}

/// What a reply that was accepted is called. None: there is no reply.
pub(crate) fn trail(exchange: &Exchange, token: &SecretString) -> Option<Trail> {
    let (status, headers) = exchange.head()?;
    let secrets: Vec<&SecretString> = std::iter::once(token).chain(exchange.secrets()).collect();
    Some(Trail {
        status: Some(status.as_u16()),
        request_id: text(headers, REQUEST_ID, &secrets),
        trace_id: text(headers, TRACE_ID, &secrets),
        ..Trail::default()
    })
}

/// A reply that was not decoded yet, decoded as the generated client does it: if its status says that the batch was taken.
///
/// # Errors
///
/// Those of the request, and that the reply is not what it should be.
pub async fn decoded<D: Dialect>(
    result: Result<Response, Error<()>>,
    dialect: &D,
) -> Result<ResponseValue<D::Accepted>, Error<()>>
where
    D::Accepted: DeserializeOwned,
{
    let response = result?;
    if !dialect.accepts(response.status().as_u16()) {
        return Err(Error::UnexpectedResponse(response));
    }
    ResponseValue::from_response(response).await
}

/// The readable text of a header, without the secrets.
fn text(headers: &HeaderMap, name: &str, secrets: &[&SecretString]) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(without(secrets, value))
}

/// All readable headers of this name.
pub(crate) fn texts(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect()
}

/// The first KiB of a body. A token that lies across its end does not come in by half.
fn body_head(body: &[u8], secrets: &[&SecretString]) -> String {
    let longest = secrets.iter().map(|secret| secret.expose_secret().len()).max();
    let enough = body.len().min(BODY_HEAD + LONGEST_ESCAPE * longest.unwrap_or_default());
    let mut head = without(secrets, &String::from_utf8_lossy(&body[..enough]));
    if head.len() > BODY_HEAD {
        let mut end = BODY_HEAD;
        while !head.is_char_boundary(end) {
            end -= 1;
        }
        head.truncate(end);
    }
    head
}

/// Proxies and gateways print the request that they could not deliver, its headers included. What is kept of a reply
/// goes into logs, the ledger and reports.
fn without(secrets: &[&SecretString], text: &str) -> String {
    let without = |text: String, secret: &&SecretString| redact::text(&text, secret.expose_secret(), "[token]");
    secrets.iter().fold(text.to_owned(), without)
}

/// The `code` of an error body: a string, or a number as Ubidots and Nexthink's NQL API give it. Two that differ are none.
#[must_use]
pub fn code(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (Field::Once(code) | Field::Alike(code)) = Object::of(&text).ok()?.field("code") else {
        return None;
    };
    match code.kind() {
        Kind::Text => code.lossy_text(),
        Kind::Number => Some(code.as_str().to_owned()),
        _ => None,
    }
}

fn no_reply<A, E>(exchange: &Exchange, result: Result<ResponseValue<A>, Error<E>>) -> Answer<A> {
    if let Some(error) = exchange.take_failure() {
        let (failure, source) = error.into_parts();
        return Answer::Failure(failure, source);
    }
    match result {
        // Without a head nothing else can have come of the generated client but a request it could not make.
        Err(Error::InvalidRequest(why) | Error::Custom(why)) => Answer::Failure(Failure::Local, Some(why.into())),
        _ => Answer::Failure(Failure::Local, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_body_is_its_first_kib_without_the_token_or_a_part_of_it() {
        let token = SecretString::from("t0ken-of-18-bytes!");
        let shown = |body: &str| body_head(body.as_bytes(), &[&token]);
        assert_eq!(
            shown("Bearer t0ken-of-18-bytes!, again t0ken-of-18-bytes!"),
            "Bearer [token], again [token]"
        );
        assert_eq!(shown(""), "");
        for before in BODY_HEAD - 20..=BODY_HEAD {
            let head = shown(&format!(
                "{}t0ken-of-18-bytes!{}",
                "x".repeat(before),
                "y".repeat(2_000)
            ));
            assert!(head.len() <= BODY_HEAD && !head.contains("t0"), "{before}: {head}");
        }
        assert_eq!(shown(&"\u{e9}".repeat(2_000)).len(), BODY_HEAD);
    }
}
