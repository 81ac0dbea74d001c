//! What an answer means: a receipt, or an error that says whether the service may have acted. Pure.
//!
//! This is the table of `docs/reliability.md`, row by row. What is not documented is never taken for a sure "no",
//! except where the request cannot have been read.

use fleetpurge_engine::{Applied, Disposition, Receipt, Trail};
use jiff::Timestamp;

use crate::device::Device;
use crate::error::{Error, ErrorKind};
use crate::matching::match_reply;
use crate::observe::{Answer, Failure, Reply, Seen};
use crate::retry_after;

/// Whether a refused authorization can be replaced by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// A new token can be had for the credentials.
    Possible,
    /// The token was given as it is.
    Impossible,
}

/// What came back for `batch`.
pub(crate) fn classify(seen: Seen, batch: &[&Device], renewal: Renewal, now: Timestamp) -> Result<Receipt, Error> {
    let Seen { polled, answer } = seen;
    match answer {
        Answer::Failure(failure, source) => {
            let error = no_reply(failure, polled);
            Err(match source {
                Some(source) => error.with_source(source),
                None => error,
            })
        }
        Answer::Reply(mut reply) => match (reply.status, reply.accepted.take()) {
            (202, Some(accepted)) => {
                let (entries, anomalies) = match_reply(batch, &accepted);
                Ok(Receipt {
                    entries,
                    anomalies,
                    trail: trail(&mut reply),
                })
            }
            _ => {
                let (kind, disposition, message) = refusal(&reply, renewal, now);
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
                let head = std::mem::take(&mut reply.body_head);
                Err(error
                    .with_trail(trail(&mut reply))
                    .with_body_head((keeps_body && !head.is_empty()).then_some(head)))
            }
        },
    }
}

fn trail(reply: &mut Reply) -> Trail {
    Trail {
        status: Some(reply.status),
        code: reply.code.take(),
        request_id: reply.request_id.take(),
        trace_id: reply.trace_id.take(),
    }
}

/// What a reply means that is no receipt.
fn refusal(reply: &Reply, renewal: Renewal, now: Timestamp) -> (ErrorKind, Disposition, String) {
    let Reply { status, code, .. } = reply;
    let wait = reply
        .retry_after
        .as_deref()
        .and_then(|value| retry_after::parse(value, now));
    match (status, code.as_deref()) {
        (202, _) => (
            ErrorKind::AmbiguousReply,
            Disposition::Ambiguous,
            format!(
                "the service accepted the batch with a reply that {}",
                reply.flaw.unwrap_or("cannot be decoded")
            ),
        ),
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
        (400, Some("BATCH_SIZE_EXCEEDED")) | (413, _) => (
            ErrorKind::BatchTooLarge,
            Disposition::TooLarge,
            "the service takes fewer devices at once".to_owned(),
        ),
        (400, Some("INVALID_REQUEST")) => (
            ErrorKind::InvalidRequest,
            Disposition::Poisoned,
            "the service refused the request as invalid".to_owned(),
        ),
        (401, _) => (
            ErrorKind::Unauthorized,
            match renewal {
                Renewal::Possible => Disposition::Reauthenticate,
                Renewal::Impossible => Disposition::Stop,
            },
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
                Some(code) => format!("the service refused the request ({status} {})", printable(code)),
                None => format!("the service refused the request ({status})"),
            },
        ),
        (500..=599, _) => (
            ErrorKind::ServerError,
            Disposition::Ambiguous,
            format!("the service failed ({status}), perhaps after it had acted"),
        ),
        // Any other 2xx among them.
        _ => (
            ErrorKind::AmbiguousReply,
            Disposition::Ambiguous,
            format!("the service answered {status}, which is not documented"),
        ),
    }
}

/// What it means that there is no reply.
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
            "the service turned the request away unread",
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

/// A code as far as a sentence should hold it.
fn printable(code: &str) -> String {
    code.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fleetpurge_engine::{Entry, EntryStatus};

    use super::*;

    fn reply(status: u16) -> Reply {
        Reply {
            status,
            request_id: Some("req".to_owned()),
            trace_id: Some("trace".to_owned()),
            body_head: "<html>".to_owned(),
            ..Reply::default()
        }
    }

    fn judged(reply: Reply, polled: bool, renewal: Renewal) -> (ErrorKind, Disposition) {
        let device = Device::new("aaaaaaaa-0000-4000-8000-000000000001", "PC");
        let status = reply.status;
        let seen = Seen {
            polled,
            answer: Answer::Reply(reply),
        };
        let error = classify(seen, &[&device], renewal, Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(
            (error.status(), error.request_id(), error.trace_id()),
            (Some(status), Some("req"), Some("trace"))
        );
        (error.kind(), error.disposition())
    }

    #[test]
    fn every_status_and_code_has_its_meaning() {
        use Disposition as D;
        use ErrorKind as K;
        let secs = |n| Some(Duration::from_secs(n));
        type Row = (u16, Option<&'static str>, Option<&'static str>, K, D);
        let table: &[Row] = &[
            (100, None, None, K::AmbiguousReply, D::Ambiguous),
            (200, None, None, K::AmbiguousReply, D::Ambiguous),
            (201, None, None, K::AmbiguousReply, D::Ambiguous),
            (202, None, None, K::AmbiguousReply, D::Ambiguous),
            (204, None, None, K::AmbiguousReply, D::Ambiguous),
            (300, None, None, K::AmbiguousReply, D::AmbiguousStop),
            (301, None, None, K::Refused, D::Stop),
            (302, None, None, K::Refused, D::Stop),
            (303, None, None, K::AmbiguousReply, D::AmbiguousStop),
            (304, None, None, K::AmbiguousReply, D::AmbiguousStop),
            (307, None, None, K::Refused, D::Stop),
            (308, None, None, K::Refused, D::Stop),
            (400, Some("BATCH_SIZE_EXCEEDED"), None, K::BatchTooLarge, D::TooLarge),
            (413, None, None, K::BatchTooLarge, D::TooLarge),
            (400, Some("INVALID_REQUEST"), None, K::InvalidRequest, D::Poisoned),
            (400, Some("EMPTY_REQUEST"), None, K::Refused, D::Stop),
            (400, Some("EMPTY_TENANT"), None, K::Refused, D::Stop),
            (400, Some("invalid_request"), None, K::Refused, D::Stop),
            (400, Some("NEW_WORD"), None, K::Refused, D::Stop),
            (400, None, None, K::Refused, D::Stop),
            (401, None, None, K::Unauthorized, D::Reauthenticate),
            (402, None, None, K::Refused, D::Stop),
            (403, Some("FEATURE_NOT_ENABLED"), None, K::Refused, D::Stop),
            (404, None, None, K::Refused, D::Stop),
            (405, None, None, K::Refused, D::Stop),
            (408, None, None, K::Throttled, D::Throttled(None)),
            (408, None, Some("3"), K::Throttled, D::Throttled(secs(3))),
            (409, None, None, K::Refused, D::Stop),
            (415, None, None, K::Refused, D::Stop),
            (422, None, None, K::Refused, D::Stop),
            (425, None, None, K::Refused, D::Stop),
            (429, None, None, K::Throttled, D::Throttled(None)),
            (429, None, Some("soon"), K::Throttled, D::Throttled(None)),
            (429, None, Some("7"), K::Throttled, D::Throttled(secs(7))),
            (
                429,
                None,
                Some("Thu, 01 Jan 1970 00:00:09 GMT"),
                K::Throttled,
                D::Throttled(secs(9)),
            ),
            (500, Some("INTERNAL_ERROR"), None, K::ServerError, D::Ambiguous),
            (500, None, Some("7"), K::ServerError, D::Ambiguous),
            (501, None, None, K::ServerError, D::Ambiguous),
            (502, None, None, K::ServerError, D::Ambiguous),
            (503, None, None, K::ServerError, D::Ambiguous),
            (503, None, Some("7"), K::Throttled, D::Throttled(secs(7))),
            (503, None, Some("soon"), K::ServerError, D::Ambiguous),
            (504, None, Some("7"), K::ServerError, D::Ambiguous),
            (599, None, None, K::ServerError, D::Ambiguous),
            (600, None, None, K::AmbiguousReply, D::Ambiguous),
            (999, None, None, K::AmbiguousReply, D::Ambiguous),
        ];
        for (status, code, retry_after, kind, disposition) in table {
            let reply = Reply {
                code: code.map(str::to_owned),
                retry_after: retry_after.map(str::to_owned),
                ..reply(*status)
            };
            let got = judged(reply, true, Renewal::Possible);
            assert_eq!(got, (*kind, *disposition), "{status} {code:?} {retry_after:?}");
        }
    }

    #[test]
    fn a_static_token_cannot_be_renewed() {
        let got = judged(reply(401), true, Renewal::Impossible);
        assert_eq!(got, (ErrorKind::Unauthorized, Disposition::Stop));
    }

    #[test]
    fn an_ambiguous_answer_to_a_request_that_never_left_is_a_sure_no() {
        for status in [200, 500, 502, 504] {
            let got = judged(reply(status), false, Renewal::Possible);
            assert_eq!(got, (ErrorKind::Unreachable, Disposition::Backoff), "{status}");
        }
        let got = judged(reply(403), false, Renewal::Possible);
        assert_eq!(got, (ErrorKind::Refused, Disposition::Stop));
    }

    #[test]
    fn without_a_reply_the_first_poll_of_the_body_decides() {
        use Disposition::{Ambiguous, Backoff, Stop};
        let table = [
            (Failure::Connect, false, Backoff),
            (Failure::Lost, false, Backoff),
            (Failure::Timeout, false, Backoff),
            (Failure::RefusedStream, false, Backoff),
            (Failure::Certificate, false, Stop),
            (Failure::Local, false, Stop),
            (Failure::Connect, true, Ambiguous),
            (Failure::Lost, true, Ambiguous),
            (Failure::Timeout, true, Ambiguous),
            (Failure::RefusedStream, true, Backoff),
            (Failure::Certificate, true, Ambiguous),
            (Failure::Local, true, Ambiguous),
        ];
        for (failure, polled, expected) in table {
            assert_eq!(
                no_reply(failure, polled).disposition(),
                expected,
                "{failure:?}, polled: {polled}"
            );
        }
    }

    #[test]
    fn a_reply_that_cannot_be_used_says_why_and_keeps_its_head() {
        for (flaw, words) in [(None, "cannot be decoded"), (Some("is cut short"), "is cut short")] {
            let seen = Seen {
                polled: true,
                answer: Answer::Reply(Reply { flaw, ..reply(202) }),
            };
            let error = classify(seen, &[], Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
            assert!(error.to_string().ends_with(words), "{error}");
            assert_eq!(error.body_head(), Some("<html>"));
            assert_eq!(error.applied(), Applied::Maybe);
        }
    }

    #[test]
    fn the_head_of_a_reply_is_kept_where_it_may_explain_what_happened() {
        for (status, polled, is_kept) in [
            (202, true, true),
            (304, true, true),
            (403, true, true),
            (500, true, true),
            (500, false, false),
            (401, true, false),
            (413, true, false),
            (429, true, false),
        ] {
            for head in ["<html>", ""] {
                let seen = Seen {
                    polled,
                    answer: Answer::Reply(Reply {
                        body_head: head.to_owned(),
                        ..reply(status)
                    }),
                };
                let error = classify(seen, &[], Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
                let expected = (is_kept && !head.is_empty()).then_some(head);
                assert_eq!(error.body_head(), expected, "{status}, read: {polled}");
            }
        }
    }

    #[test]
    fn a_202_that_can_be_read_is_a_receipt_and_keeps_its_trail() {
        let device = Device::new("aaaaaaaa-0000-4000-8000-000000000001", "PC");
        let accepted = serde_json::json!({
            "status": "ACCEPTED",
            "scheduledCount": 1,
            "devices": [{"uid": device.uid, "name": device.name, "status": "SCHEDULED"}],
        });
        let seen = Seen {
            polled: true,
            answer: Answer::Reply(Reply {
                accepted: Some(serde_json::from_value(accepted).unwrap()),
                ..reply(202)
            }),
        };
        let receipt = classify(seen, &[&device], Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(receipt.entries, [Entry::of(EntryStatus::Scheduled)]);
        assert_eq!(receipt.anomalies, []);
        assert_eq!(
            (receipt.trail.status, receipt.trail.request_id.as_deref()),
            (Some(202), Some("req"))
        );
        assert_eq!(receipt.trail.trace_id.as_deref(), Some("trace"));
    }

    #[test]
    fn a_code_is_said_without_control_characters_and_no_longer_than_a_sentence_takes() {
        let long = "X".repeat(70);
        for (code, said) in [("NEW\u{1b}[1m_\nWORD", "NEW[1m_WORD"), (long.as_str(), &long[..64])] {
            let seen = Seen {
                polled: true,
                answer: Answer::Reply(Reply {
                    code: Some(code.to_owned()),
                    ..reply(403)
                }),
            };
            let error = classify(seen, &[], Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the service refused the request (403 {said})")
            );
            assert_eq!(error.code(), Some(code), "character for character");
        }
    }
}
