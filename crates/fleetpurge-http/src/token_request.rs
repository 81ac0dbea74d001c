//! One request for a token, and what its reply means.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::Bytes;
use fleetpurge_engine::{Disposition, Trail};
use http::Request;
use http::header::{DATE, HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::body::{Unpacked, unpack};
use crate::connection::{Connection, portable};
use crate::deadline::within;
use crate::error::{Error, ErrorKind};
use crate::json::{Kind, Object, Raw};
use crate::observe::texts;
use crate::token::Issued;
use crate::transport::{Failure, Sent, TransportError};
use crate::{message, redact, retry_after};

/// The longest life of a token that is believed.
pub(crate) const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The longest reply of the token endpoint that is read.
pub(crate) const REPLY_LIMIT: usize = 64 * 1024;

/// How a service's token endpoint answers.
#[derive(Clone, Copy, Debug)]
pub struct TokenReply {
    /// Whether this status comes with a token.
    pub issues: fn(u16) -> bool,
    /// The token of a reply, if it is the documented one.
    pub read: fn(&[u8]) -> Option<Issued>,
    /// The error code of a refusal, as far as a sentence should hold it.
    pub code: fn(&[u8]) -> Option<String>,
}

/// How long a token lives, as a reply says under `expires_in`: a number of seconds (RFC 6749, 5.1), or a text of one. None
/// for what is no number, and for none or less: such a token is used until it is refused.
#[must_use]
pub fn lifetime(value: Raw<'_>) -> Option<Duration> {
    let number = match value.kind() {
        Kind::Number => value.as_str().to_owned(),
        Kind::Text => value.text()?,
        _ => return None,
    };
    let seconds: f64 = number.trim().parse().ok().filter(|seconds| *seconds > 0.0)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST).min(LONGEST))
}

/// The text under a key of a token endpoint's reply; `None` if there is none, or if there are two that differ.
#[must_use]
pub fn text_of(reply: &Object<'_>, key: &str) -> Option<String> {
    reply.field(key).value().and_then(Raw::text)
}

/// Sends a request for a token and reads the reply, within the timeout of the connection. No error repeats one of `secrets`
/// from the reply.
///
/// # Errors
///
/// No token came of it. No deletion was sent.
pub async fn ask(
    connection: &Connection,
    request: reqwest::RequestBuilder,
    reply: &TokenReply,
    secrets: &[&SecretString],
) -> Result<Issued, Error> {
    let request = request
        .build()
        .map_err(|error| TransportError::of(Failure::Local).with_source(error.without_url()))
        .and_then(portable)
        .map_err(unreached)?;
    // A proxy may print the request that it could not deliver, credentials as they left included.
    let secrets = secrets.iter().copied().chain(connection.secrets());
    let mut secrets: Vec<String> = secrets.map(|secret| secret.expose_secret().to_owned()).collect();
    let sensitive = request.headers().values().filter(|value| value.is_sensitive());
    secrets.extend(sensitive.filter_map(|value| value.to_str().ok()?.rsplit(' ').next().map(str::to_owned)));
    // On the heap: it is held across every attempt that waits for a token.
    let answer = within(connection.timeout(), Box::pin(answer(connection, request))).await;
    let Answer { status, headers, body } = answer.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the token endpoint did not answer in time",
        ))
    })?;
    let retry_after = {
        let date = headers.get(DATE).and_then(|value| value.to_str().ok());
        let values = texts(&headers, RETRY_AFTER);
        retry_after::wait(values.iter().map(String::as_str), date, Timestamp::now())
    };
    let without = |text: &str| {
        let without = |text: String, secret: &String| redact::text(&text, secret, "[secret]");
        secrets.iter().fold(text.to_owned(), without)
    };
    // A success that is not understood may hold a token under any key: nothing of it is told.
    let is_success = (200..300).contains(&status);
    let code = |body: &[u8]| (reply.code)(body).filter(|code| !is_success && without(code) == *code);
    read(status, retry_after, &body, reply, code).map_err(|error| {
        let says = if is_success { None } else { message::of(&body, without) };
        error.with_message(says)
    })
}

/// A reply of the token endpoint.
pub(crate) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

async fn answer(connection: &Connection, request: Request<Bytes>) -> Result<Answer, Error> {
    let sent = Sent::new(REPLY_LIMIT);
    let response = connection.send(request, &sent).await;
    let response = response.map_err(|error| match sent.head() {
        Some(_) => unfinished(error),
        None => unreached(error),
    })?;
    let (head, body) = response.into_parts();
    let (status, headers) = (head.status.as_u16(), head.headers);
    if body.len() > REPLY_LIMIT {
        return Err(not_understood(status, "is longer than the limit"));
    }
    match unpack(body, &headers, REPLY_LIMIT) {
        Unpacked::Text(body) => Ok(Answer { status, headers, body }),
        Unpacked::OverLimit(_) => Err(not_understood(status, "is longer than the limit")),
        Unpacked::Not(_, why) => Err(not_understood(status, &why)),
    }
}

/// What a reply of the token endpoint means.
pub(crate) fn read(
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
    reply: &TokenReply,
    code: impl FnOnce(&[u8]) -> Option<String>,
) -> Result<Issued, Error> {
    match status {
        _ if (reply.issues)(status) => (reply.read)(body).ok_or_else(|| not_understood(status, "is not understood")),
        408 | 429 => Err(Error::new(
            ErrorKind::Throttled,
            Disposition::Throttled(retry_after),
            format!("the token endpoint asks to wait ({status})"),
        )
        .with_trail(trail(status, None))),
        503 if retry_after.is_some() => Err(Error::new(
            ErrorKind::Throttled,
            Disposition::Throttled(retry_after),
            "the token endpoint asks to wait (503)",
        )
        .with_trail(trail(status, None))),
        500..=599 => Err(Error::new(
            ErrorKind::Unreachable,
            Disposition::Backoff,
            format!("the token endpoint failed ({status})"),
        )
        .with_trail(trail(status, None))),
        _ => {
            let code = code(body);
            let said = code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
            let message = match status {
                400 | 401 | 403 => format!("the token endpoint refused the credentials ({status}{said})"),
                // The credentials may be right, and the URL wrong.
                _ => format!("the token endpoint issued no token ({status}{said}): is its URL right?"),
            };
            Err(Error::new(ErrorKind::LoginRefused, Disposition::Stop, message).with_trail(trail(status, code)))
        }
    }
}

fn unreached(error: TransportError) -> Error {
    let (failure, source) = error.into_parts();
    let (kind, disposition, message) = match failure {
        Failure::Certificate => (
            ErrorKind::Certificate,
            Disposition::Stop,
            "the token endpoint's certificate is not trusted".to_owned(),
        ),
        Failure::Local => (
            ErrorKind::Configuration,
            Disposition::Stop,
            "the request for a token could not be made".to_owned(),
        ),
        Failure::Unread(why) => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            format!("the token endpoint answered with a reply that {why}"),
        ),
        Failure::Lost | Failure::Reset => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the connection to the token endpoint was lost before the answer came".to_owned(),
        ),
        Failure::Connect | Failure::RefusedStream | Failure::Timeout => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the token endpoint was not reached".to_owned(),
        ),
    };
    sourced(Error::new(kind, disposition, message), source)
}

/// The head of the reply has come.
fn unfinished(error: TransportError) -> Error {
    let (failure, source) = error.into_parts();
    let why = match failure {
        Failure::Unread(why) => why,
        _ => "is cut short",
    };
    let message = format!("the token endpoint answered with a reply that {why}");
    sourced(
        Error::new(ErrorKind::Unreachable, Disposition::Backoff, message),
        source,
    )
}

fn sourced(error: Error, source: Option<Box<dyn StdError + Send + Sync>>) -> Error {
    match source {
        Some(source) => error.with_source(source),
        None => error,
    }
}

pub(crate) fn not_understood(status: u16, why: &str) -> Error {
    Error::new(
        ErrorKind::LoginRefused,
        Disposition::Stop,
        format!("the token endpoint's reply {why}"),
    )
    .with_trail(trail(status, None))
}

pub(crate) fn trail(status: u16, code: Option<String>) -> Trail {
    Trail {
        status: Some(status),
        code,
        ..Trail::default()
    }
}
