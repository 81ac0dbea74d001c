//! What an answer means: a receipt, or an error that says whether the service may have acted. Pure.
//!
//! This is the table of `docs/reliability.md`, row by row. An undocumented answer is never "not applied", unless the
//! request cannot have been read. The rows of one service come from its [`Dialect`].

use fleetpurge_engine::{Anomaly, Applied, Disposition, Entry, Receipt, Trail};
use jiff::Timestamp;
use secrecy::SecretString;

pub use crate::dialect::{Dialect, Meaning};
use crate::error::{Error, ErrorKind};
use crate::exchange::{BodyEnd, Exchange};
use crate::flaw::Flaw;
use crate::message::shown;
use crate::observe::{self, Answer, Reply, Seen};
use crate::retry_after;
use crate::token::Renewal;
use crate::transport::Failure;

/// The advice for a batch that is too large.
pub const TOO_LARGE: &str = "the service takes fewer devices at once";

/// What came back for a batch, where that is the documented reply in its plainest form: nearly always, and at a fraction of
/// the cost of [`classify`]. None where it is not, which says nothing about it.
#[must_use]
pub fn plain<D: Dialect>(exchange: &Exchange, dialect: &D, token: &SecretString) -> Option<Receipt> {
    let (status, _) = exchange.head()?;
    let body = exchange.body().filter(|body| body.end == BodyEnd::Whole)?;
    if !dialect.accepts(status.as_u16()) || !exchange.was_body_handed_out() {
        return None;
    }
    Some(Receipt {
        entries: dialect.plainly(&body.bytes)?,
        anomalies: Vec::new(),
        trail: observe::trail(exchange, token)?,
    })
}

/// What came back for a batch.
///
/// # Errors
///
/// Everything but a receipt; [`Error::applied`] says whether the service may have acted.
pub fn classify<D: Dialect>(
    seen: Seen<D::Accepted>,
    dialect: &D,
    renewal: Renewal,
    now: Timestamp,
) -> Result<Receipt, Error> {
    let Seen { polled, answer } = seen;
    let mut reply = match answer {
        Answer::Failure(failure, source) => {
            let error = no_reply(failure, polled);
            return Err(match source {
                Some(source) => error.with_source(source),
                None => error,
            });
        }
        Answer::Reply(reply) => reply,
    };
    let (kind, disposition, message) = if dialect.accepts(reply.status) {
        let flaw = match accepted(&mut reply, dialect) {
            Ok((entries, anomalies)) => {
                return Ok(Receipt {
                    entries,
                    anomalies,
                    trail: trail(&mut reply),
                });
            }
            Err(flaw) => flaw,
        };
        (
            ErrorKind::AmbiguousReply,
            Disposition::Ambiguous,
            format!("the service accepted the batch with a reply that {flaw}"),
        )
    } else {
        refusal(&reply, |status, code| dialect.own(status, code), renewal, now)
    };
    let unread = disposition.applied() == Applied::Maybe && !polled;
    let error = if unread {
        Error::new(
            ErrorKind::Unreachable,
            Disposition::Backoff,
            format!("the service answered {} before it had the request", reply.status),
        )
    } else {
        Error::new(kind, disposition, message)
    };
    let keeps_body = error.applied() == Applied::Maybe || kind == ErrorKind::Refused;
    Err(told(error, reply, keeps_body))
}

/// The same answer, with the request id that the request was sent with.
///
/// # Errors
///
/// The error of the answer.
pub fn with_sent_id(answer: Result<Receipt, Error>, id: Option<String>) -> Result<Receipt, Error> {
    match answer {
        Ok(mut receipt) => {
            receipt.trail.sent_id = id;
            Ok(receipt)
        }
        Err(error) => Err(error.with_sent_id(id)),
    }
}

/// What a reply that says that the batch was taken says of its devices.
fn accepted<D: Dialect>(reply: &mut Reply<D::Accepted>, dialect: &D) -> Result<(Vec<Entry>, Vec<Anomaly>), Flaw> {
    if let Some(flaw) = reply.flaw.take() {
        return Err(flaw);
    }
    if let Some(read) = reply
        .accepted
        .take()
        .and_then(|accepted| dialect.entries(accepted, &reply.body))
    {
        return Ok(read);
    }
    dialect.leniently(&reply.body).map_err(Flaw::Unreadable)
}

/// What came back of a request that only reads: the documented reply to it, or an error after which nothing has
/// changed, so that everything which may pass can be asked again.
///
/// # Errors
///
/// Everything but the documented reply to a 200.
pub fn read<A>(seen: Seen<A>, dialect: &impl Dialect, renewal: Renewal, now: Timestamp) -> Result<A, Error> {
    let Seen { answer, .. } = seen;
    let mut reply = match answer {
        Answer::Failure(failure, source) => {
            let error = unanswered(failure);
            return Err(match source {
                Some(source) => error.with_source(source),
                None => error,
            });
        }
        Answer::Reply(reply) => reply,
    };
    if reply.status == 200
        && let Some(accepted) = reply.accepted.take()
    {
        return Ok(accepted);
    }
    let (kind, disposition, message) = match reply.status {
        200 => (
            ErrorKind::AmbiguousReply,
            Disposition::Stop,
            match &reply.flaw {
                Some(flaw) => format!("the service answered with a reply that {flaw}"),
                None => "the service answered with a reply that cannot be decoded".to_owned(),
            },
        ),
        _ => refusal(&reply, |status, code| dialect.own(status, code), renewal, now),
    };
    let disposition = match disposition {
        _ if matches!(reply.flaw, Some(Flaw::Cut | Flaw::Late)) => Disposition::Backoff,
        Disposition::Ambiguous if kind == ErrorKind::ServerError => Disposition::Backoff,
        Disposition::Ambiguous | Disposition::AmbiguousStop => Disposition::Stop,
        sure => sure,
    };
    Err(told(Error::new(kind, disposition, message), reply, true))
}

fn told<A>(error: Error, mut reply: Reply<A>, keeps_body: bool) -> Error {
    let head = std::mem::take(&mut reply.body_head);
    error
        .with_message(reply.message.take())
        .with_trail(trail(&mut reply))
        .with_body_head((keeps_body && !head.is_empty()).then_some(head))
}

fn trail<A>(reply: &mut Reply<A>) -> Trail {
    Trail {
        status: Some(reply.status),
        code: reply.code.take(),
        request_id: reply.request_id.take(),
        sent_id: None,
        trace_id: reply.trace_id.take(),
    }
}

/// The meaning of a reply that is not a receipt.
fn refusal<A>(
    reply: &Reply<A>,
    own: impl FnOnce(u16, Option<&str>) -> Option<Meaning>,
    renewal: Renewal,
    now: Timestamp,
) -> Meaning {
    let Reply { status, code, .. } = reply;
    let wait = retry_after::wait(reply.retry_after.iter().map(String::as_str), reply.date.as_deref(), now);
    match own(*status, code.as_deref()) {
        Some((kind, Disposition::Throttled(None), message)) => return (kind, Disposition::Throttled(wait), message),
        Some((kind, Disposition::Reauthenticate, message)) => return (kind, reauthenticate(renewal), message),
        Some(meaning) => return meaning,
        None => {}
    }
    match (status, code.as_deref()) {
        (301 | 302 | 307 | 308, _) => (
            ErrorKind::Refused,
            Disposition::Stop,
            format!("the service answered {status}, a redirect, which is not followed"),
        ),
        (300..=399, _) => (
            ErrorKind::AmbiguousReply,
            Disposition::AmbiguousStop,
            format!("the service answered {status}, a redirect that is not documented"),
        ),
        (413, _) => (ErrorKind::BatchTooLarge, Disposition::TooLarge, TOO_LARGE.to_owned()),
        (401, _) => (
            ErrorKind::Unauthorized,
            reauthenticate(renewal),
            "the service refused the token (401)".to_owned(),
        ),
        (408 | 429, _) => (
            ErrorKind::Throttled,
            Disposition::Throttled(wait),
            format!("the service asks to wait ({status})"),
        ),
        (503, _) if wait.is_some() => (
            ErrorKind::Throttled,
            Disposition::Throttled(wait),
            "the service asks to wait (503)".to_owned(),
        ),
        (400..=499, code) => (
            ErrorKind::Refused,
            Disposition::Stop,
            match code {
                Some(code) if code != status.to_string() => {
                    format!("the service refused the request ({status} {})", printable(code))
                }
                _ => format!("the service refused the request ({status})"),
            },
        ),
        (500..=599, _) => (
            ErrorKind::ServerError,
            Disposition::Ambiguous,
            format!("the service failed ({status})"),
        ),
        // Any other 2xx among them.
        _ => (
            ErrorKind::AmbiguousReply,
            Disposition::Ambiguous,
            format!("the service answered {status}, which is not documented"),
        ),
    }
}

/// What a refused token asks for.
const fn reauthenticate(renewal: Renewal) -> Disposition {
    match renewal {
        Renewal::Possible => Disposition::Reauthenticate,
        Renewal::Impossible => Disposition::Stop,
    }
}

/// The meaning of a missing reply.
fn no_reply(failure: Failure, polled: bool) -> Error {
    let (kind, disposition, message) = match (failure, polled) {
        (Failure::Certificate, false) => (
            ErrorKind::Certificate,
            Disposition::Stop,
            "the service's certificate is not trusted",
        ),
        (Failure::Local, false) => (
            ErrorKind::Configuration,
            Disposition::Stop,
            "the request could not be made",
        ),
        (Failure::RefusedStream, _) => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the service rejected the request without reading it",
        ),
        (Failure::Timeout, false) => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the service was not reached in time",
        ),
        (Failure::Connect | Failure::Lost, false) => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the service was not reached",
        ),
        (Failure::Reset, false) => (
            ErrorKind::Unreachable,
            Disposition::Backoff,
            "the service broke the exchange off before it had the request",
        ),
        (Failure::Unread(why), false) => {
            let message = format!("the service answered, before it had the request, with a reply that {why}");
            return Error::new(ErrorKind::Unreachable, Disposition::Backoff, message);
        }
        (Failure::Unread(why), true) => {
            let message = format!("the service answered with a reply that {why}, and may have acted");
            return Error::new(ErrorKind::AmbiguousReply, Disposition::Ambiguous, message);
        }
        (Failure::Reset, true) => (
            ErrorKind::NoReply,
            Disposition::Ambiguous,
            "the service broke the exchange off without an answer, and may have acted",
        ),
        (Failure::Timeout, true) => (
            ErrorKind::NoReply,
            Disposition::Ambiguous,
            "no answer came in time, and the service may have acted",
        ),
        (Failure::Connect | Failure::Lost | Failure::Certificate | Failure::Local, true) => (
            ErrorKind::NoReply,
            Disposition::Ambiguous,
            "the connection was lost before the answer came, and the service may have acted",
        ),
    };
    Error::new(kind, disposition, message)
}

/// What it means that there is no reply to a request that only reads. It has no body, so that nobody knows whether it
/// left; nothing has changed in any case.
fn unanswered(failure: Failure) -> Error {
    let message = match failure {
        Failure::Lost => "the connection to the service was lost before the answer came".to_owned(),
        Failure::Reset => "the service broke the exchange off without an answer".to_owned(),
        Failure::Timeout => "the service did not answer in time".to_owned(),
        Failure::Unread(why) => {
            let message = format!("the service answered with a reply that {why}");
            return Error::new(ErrorKind::AmbiguousReply, Disposition::Backoff, message);
        }
        Failure::Connect | Failure::Certificate | Failure::Local | Failure::RefusedStream => {
            return no_reply(failure, false);
        }
    };
    Error::new(ErrorKind::Unreachable, Disposition::Backoff, message)
}

/// A code as far as a sentence should hold it.
#[must_use]
pub fn printable(code: &str) -> String {
    let code: String = code.chars().filter(|c| !c.is_control()).collect();
    shown(&code, 64)
}

#[cfg(test)]
mod tests;
