//! The rows that Nexthink's codes add to the table of HTTP. Pure.
//!
//! Source: the page "Schedule device deletions" of Nexthink's documentation, as of 2026-11.

use fleetpurge_engine::{Anomaly, Disposition, Entry};
use fleetpurge_http::classify::{Dialect, Meaning, TOO_LARGE};
use fleetpurge_http::json::{Field, Kind, Object, Raw};
use nexthink_data_management_raw::types::DeviceDeletionResponse;

use crate::device::Device;
use crate::lenient;
use crate::matching::match_reply;
use crate::plain;
use fleetpurge_http::error::ErrorKind;

/// How Nexthink answers for this batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nexthink<'a>(pub(crate) &'a [&'a Device]);

impl Dialect for Nexthink<'_> {
    type Accepted = DeviceDeletionResponse;

    fn accepts(&self, status: u16) -> bool {
        status == 202
    }

    fn plainly(&self, body: &[u8]) -> Option<Vec<Entry>> {
        plain::entries(self.0, body)
    }

    fn entries(&self, accepted: DeviceDeletionResponse, body: &[u8]) -> Option<(Vec<Entry>, Vec<Anomaly>)> {
        is_of_objects(body).then(|| match_reply(self.0, &accepted.into()))
    }

    fn leniently(&self, body: &[u8]) -> Result<(Vec<Entry>, Vec<Anomaly>), String> {
        lenient::read(self.0, body)
    }

    fn own(&self, status: u16, code: Option<&str>) -> Option<Meaning> {
        match (status, code) {
            (400, Some("BATCH_SIZE_EXCEEDED")) => {
                Some((ErrorKind::BatchTooLarge, Disposition::TooLarge, TOO_LARGE.to_owned()))
            }
            (400, Some("INVALID_REQUEST")) => Some((
                ErrorKind::InvalidRequest,
                Disposition::Poisoned,
                "the service refused the request as invalid".to_owned(),
            )),
            _ => None,
        }
    }
}

/// Whether a body that was decoded is an object, and each entry of its list is one.
fn is_of_objects(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let Ok(reply) = Object::of(&text) else {
        return false;
    };
    match reply.field("devices") {
        Field::Absent => true,
        list => {
            let entries = list.value().and_then(Raw::elements);
            entries.is_some_and(|entries| entries.iter().all(|entry| entry.kind() == Kind::Object))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fleetpurge_engine::{Applied, Entry, EntryStatus};
    use fleetpurge_http::classify::classify;
    use fleetpurge_http::flaw::Flaw;
    use fleetpurge_http::observe::{Answer, Reply, Seen};
    use fleetpurge_http::token::Renewal;
    use jiff::Timestamp;

    use super::*;

    fn reply(status: u16) -> Reply<DeviceDeletionResponse> {
        Reply {
            request_id: Some("req".to_owned()),
            trace_id: Some("trace".to_owned()),
            body_head: "<html>".to_owned(),
            ..Reply::of(status)
        }
    }

    fn judged(reply: Reply<DeviceDeletionResponse>, polled: bool, renewal: Renewal) -> (ErrorKind, Disposition) {
        let device = Device::new("aaaaaaaa-0000-4000-8000-000000000001", "PC");
        let status = reply.status;
        let seen = Seen {
            polled,
            answer: Answer::Reply(reply),
        };
        let error = classify(seen, &Nexthink(&[&device]), renewal, Timestamp::UNIX_EPOCH).unwrap_err();
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
                retry_after: retry_after.map(str::to_owned).into_iter().collect(),
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
    fn a_reply_that_cannot_be_used_says_why_and_keeps_its_head() {
        for (flaw, words) in [
            (None, "is empty"),
            (Some(Flaw::Cut), "is cut short"),
            (Some(Flaw::Unreadable("has no end".to_owned())), "has no end"),
        ] {
            let seen = Seen {
                polled: true,
                answer: Answer::Reply(Reply { flaw, ..reply(202) }),
            };
            let error = classify(seen, &Nexthink(&[]), Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
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
                let error = classify(seen, &Nexthink(&[]), Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
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
                body: accepted.to_string().into(),
                accepted: Some(serde_json::from_value(accepted).unwrap()),
                ..reply(202)
            }),
        };
        let receipt = classify(seen, &Nexthink(&[&device]), Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap();
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
        for (code, said) in [
            ("NEW\u{1b}[1m_\nWORD", "NEW[1m_WORD"),
            ("NEW_\u{202e}DROW", "NEW_\\u{202e}DROW"),
            (long.as_str(), &long[..64]),
        ] {
            let seen = Seen {
                polled: true,
                answer: Answer::Reply(Reply {
                    code: Some(code.to_owned()),
                    ..reply(403)
                }),
            };
            let error = classify(seen, &Nexthink(&[]), Renewal::Possible, Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("the service refused the request (403 {said})")
            );
            assert_eq!(error.code(), Some(code), "character for character");
        }
    }
}
