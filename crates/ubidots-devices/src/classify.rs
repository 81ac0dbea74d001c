//! The rows that Ubidots' codes add to the table of HTTP. Pure.
//!
//! Source: the page "Bulk delete device" of Ubidots' documentation, which shows the bodies of its errors and not their
//! statuses; for those, the table of response codes of v1.6 and the first digits of the codes.

use fleetpurge_engine::{Anomaly, AnomalyKind, Disposition, Entry, EntryStatus};
use fleetpurge_http::classify::{Dialect, Meaning, printable};
use fleetpurge_http::json::{Field, Kind, Object, Raw};
use fleetpurge_http::message::cut;
use fleetpurge_http::plain::Plain;
use ubidots_devices_raw::types::TaskAccepted;

use crate::assumptions::{Assumptions, RefusedBatch};
use fleetpurge_http::error::ErrorKind;

/// How Ubidots answers for a batch of so many devices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ubidots<'a> {
    pub(crate) devices: usize,
    pub(crate) assumptions: &'a Assumptions,
}

impl Dialect for Ubidots<'_> {
    type Accepted = TaskAccepted;

    fn accepts(&self, status: u16) -> bool {
        self.assumptions.accepted.contains(&status)
    }

    fn plainly(&self, body: &[u8]) -> Option<Vec<Entry>> {
        let id = std::str::from_utf8(plain_task(body)?).ok()?;
        Some(vec![scheduled(id)?; self.devices])
    }

    /// The reply speaks of the batch as a whole: it names a task, or it says nothing.
    fn entries(&self, accepted: TaskAccepted, body: &[u8]) -> Option<(Vec<Entry>, Vec<Anomaly>)> {
        if !is_of_objects(body) {
            return None;
        }
        Some((vec![scheduled(&accepted.task.id)?; self.devices], Vec::new()))
    }

    fn leniently(&self, body: &[u8]) -> Result<(Vec<Entry>, Vec<Anomaly>), String> {
        let task = task(body)?;
        let entry = scheduled(&task.id).ok_or_else(|| "has a blank task id".to_owned())?;
        Ok((vec![entry; self.devices], task.anomalies))
    }

    fn own(&self, status: u16, code: Option<&str>) -> Option<Meaning> {
        match (status, code) {
            (420, _) => Some((
                ErrorKind::Throttled,
                Disposition::Throttled(None),
                "the service asks to wait (420)".to_owned(),
            )),
            (400, Some("400001")) => Some((
                ErrorKind::InvalidRequest,
                match self.assumptions.refused_batch {
                    RefusedBatch::Untouched => Disposition::Poisoned,
                    RefusedBatch::Unknown => Disposition::AmbiguousStop,
                },
                "the service refused the request as invalid (400001)".to_owned(),
            )),
            // The page prints the code and not the status, and the framework in use may answer 403.
            (400..=499, Some(code)) if code.starts_with("401") => Some((
                ErrorKind::Unauthorized,
                Disposition::Reauthenticate,
                format!("the service refused the token ({status} {})", printable(code)),
            )),
            _ => None,
        }
    }
}

/// Whether the body of a 404 is the service's own word that what was asked for is not there.
///
/// A proxy, a gateway and a wrong address answer 404, too, and say nothing of a device. Taken for the service's own are the
/// words of Django's REST framework, which Ubidots is built on, and an error in the documented form whose code begins with
/// 404. An object with any other key is somebody else's.
pub(crate) fn says_not_found(body: &str) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NotFound {
        code: Option<serde_json::Value>,
        message: Option<String>,
        detail: Option<serde_json::Value>,
    }
    // Serde reads an array of three for a struct of three fields.
    if !body.trim_start().starts_with('{') {
        return false;
    }
    let Ok(reply) = serde_json::from_str::<NotFound>(body) else {
        return false;
    };
    match reply {
        NotFound {
            code: None,
            message: None,
            detail: Some(serde_json::Value::String(detail)),
        } => {
            matches!(detail.as_str(), "Not found." | "Invalid page.")
                || (detail.starts_with("No ") && detail.ends_with(" matches the given query."))
        }
        NotFound {
            code: Some(code),
            message: Some(_),
            ..
        } => {
            let code = code.as_str().map_or_else(|| code.to_string(), str::to_owned);
            code.len() == 6 && code.starts_with("404") && code.bytes().all(|byte| byte.is_ascii_digit())
        }
        NotFound { .. } => false,
    }
}

/// The id of the task that the documented reply in its plainest form names.
fn plain_task(body: &[u8]) -> Option<&[u8]> {
    let mut reply = Plain::of(body);
    reply.mark(b'{')?;
    (reply.key()? == b"task").then_some(())?;
    reply.mark(b'{')?;
    (reply.key()? == b"id").then_some(())?;
    let id = reply.text()?;
    reply.mark(b'}')?;
    reply.mark(b'}')?;
    reply.end()?;
    Some(id)
}

/// What a task says of each device of its batch; None where nothing of its id can be shown.
fn scheduled(task: &str) -> Option<Entry> {
    Some(Entry {
        detail: Some(task_detail(task)?),
        ..Entry::of(EntryStatus::Scheduled)
    })
}

/// Whether a body that was decoded is an object, and its task is one.
fn is_of_objects(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let task = Object::of(&text).ok().and_then(|reply| reply.field("task").value());
    task.is_some_and(|task| task.kind() == Kind::Object)
}

/// A task that a reply names, which is not the documented one to the letter.
struct Task {
    id: String,
    anomalies: Vec<Anomaly>,
}

/// The task of a body, where it plainly names one: a text, or a whole number as it was written. A key that is repeated with
/// another value names none, for nobody knows which holds.
fn task(body: &[u8]) -> Result<Task, String> {
    let text = String::from_utf8_lossy(body);
    let reply = Object::of(&text)?;
    let mut anomalies = Vec::new();
    let task = one(&reply, "task", "task", &mut anomalies)?;
    let fields = task
        .object()
        .ok_or_else(|| format!("has {} for its task", task.kind()))?;
    let id = one(&fields, "id", "task id", &mut anomalies)?;
    let id = match id.kind() {
        Kind::Text => id
            .text()
            .ok_or_else(|| "has a task id that contains an invalid character".to_owned())?,
        Kind::Number if id.as_str().bytes().all(|byte| byte.is_ascii_digit()) => {
            anomalies.push(Anomaly {
                kind: AnomalyKind::OddValue,
                detail: format!("the task id {} is a number", cut(id.as_str())),
            });
            id.as_str().to_owned()
        }
        kind => return Err(format!("has {kind} for its task id")),
    };
    Ok(Task { id, anomalies })
}

/// The one value under a key, which is called `name`.
fn one<'a>(object: &Object<'a>, key: &str, name: &str, anomalies: &mut Vec<Anomaly>) -> Result<Raw<'a>, String> {
    match object.field(key) {
        Field::Once(value) => Ok(value),
        Field::Alike(value) => {
            anomalies.push(Anomaly {
                kind: AnomalyKind::RepeatedKey,
                detail: format!("the key {key:?} is repeated with the same value"),
            });
            Ok(value)
        }
        Field::Contradictory(_) => Err(format!("names {name} more than once, and not the same")),
        Field::Absent => Err(format!("names no {name}")),
    }
}

const TASK: &str = "task ";

/// What the outcome of a device says: `task ID`; None where nothing of the id can be shown.
pub(crate) fn task_detail(task: &str) -> Option<String> {
    // Opaque, and kept in logs, ledgers and reports: no line breaks, and no more than an id needs.
    let id: String = task.chars().filter(|c| !c.is_control()).take(200).collect();
    (!id.trim().is_empty()).then(|| format!("{TASK}{id}"))
}

/// The task id of such a detail.
pub(crate) fn task_id(detail: &str) -> Option<&str> {
    detail.strip_prefix(TASK)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fleetpurge_engine::Applied;
    use fleetpurge_http::classify::classify;
    use fleetpurge_http::observe::{Answer, Reply, Seen};
    use fleetpurge_http::token::Renewal;
    use jiff::Timestamp;

    use super::*;

    fn judged(
        reply: Reply<TaskAccepted>,
        assumptions: &Assumptions,
    ) -> Result<fleetpurge_engine::Receipt, crate::Error> {
        let dialect = Ubidots {
            devices: 2,
            assumptions,
        };
        let seen = Seen {
            polled: true,
            answer: Answer::Reply(reply),
        };
        classify(seen, &dialect, Renewal::Possible, Timestamp::UNIX_EPOCH)
    }

    fn accepted(status: u16, body: &str) -> Reply<TaskAccepted> {
        Reply {
            accepted: serde_json::from_str(body).ok(),
            body: body.as_bytes().to_vec().into(),
            ..Reply::of(status)
        }
    }

    #[test]
    fn a_task_id_schedules_the_batch_and_without_one_nothing_is_known() {
        let assumptions = Assumptions::default();
        for status in [200, 201, 202, 207, 299] {
            let receipt = judged(accepted(status, r#"{"task":{"id":"t1"},"new":1}"#), &assumptions).unwrap();
            assert_eq!(receipt.entries.len(), 2, "{status}");
            for entry in receipt.entries {
                assert_eq!(entry.status, EntryStatus::Scheduled);
                assert_eq!(entry.detail.as_deref().and_then(task_id), Some("t1"));
            }
        }
        for body in [
            "",
            "{}",
            r#"{"task":{}}"#,
            r#"{"task":{"id":""}}"#,
            r#"{"task":{"id":" "}}"#,
            r#"{"task":null}"#,
        ] {
            let error = judged(accepted(202, body), &assumptions).unwrap_err();
            assert_eq!(
                (error.kind(), error.applied(), error.disposition()),
                (ErrorKind::AmbiguousReply, Applied::Maybe, Disposition::Ambiguous),
                "{body}"
            );
        }
        // A status that is not believed to be a success proves nothing, task id or not.
        let narrow = Assumptions {
            accepted: 202..=202,
            ..Assumptions::default()
        };
        let error = judged(accepted(200, r#"{"task":{"id":"t1"}}"#), &narrow).unwrap_err();
        assert_eq!(error.applied(), Applied::Maybe);
    }

    #[test]
    fn a_reply_says_the_same_however_it_is_read() {
        let assumptions = Assumptions::default();
        let dialect = Ubidots {
            devices: 2,
            assumptions: &assumptions,
        };
        for (body, is_plain) in [
            (r#"{"task":{"id":"t1"}}"#, true),
            (" { \"task\" : {\n\"id\" : \"t\u{e9} 1\" } } ", true),
            (r#"{"task":{"id":"t\u0031"}}"#, false),
            (r#"{"task":{"id":"t1"},"new":1}"#, false),
            (r#"{"task":{"id":"t1","new":1}}"#, false),
            (r#"{"task":{"id":"t1"}} x"#, false),
            (r#"{"task":{"id":"t1","id":"t2"}}"#, false),
            (r#"{"task":{"id":" "}}"#, false),
            (r#"{"task":["t1"]}"#, false),
            (r#"[["t1"]]"#, false),
            (r#"{"id":{"task":"t1"}}"#, false),
            ("", false),
        ] {
            let plainly = dialect.plainly(body.as_bytes());
            assert_eq!(plainly.is_some(), is_plain, "{body}");
            if let Some(entries) = plainly {
                let typed = serde_json::from_str(body).unwrap();
                assert_eq!(
                    dialect.entries(typed, body.as_bytes()),
                    Some((entries.clone(), Vec::new()))
                );
                assert_eq!(dialect.leniently(body.as_bytes()), Ok((entries, Vec::new())));
            }
        }
        assert_eq!(dialect.plainly(b"{\"task\":{\"id\":\"t\xff\"}}"), None);
    }

    #[test]
    fn a_task_id_that_is_plainly_there_is_kept_as_it_was_written() {
        use AnomalyKind::{OddValue, RepeatedKey};
        let table: &[(&str, &str, &[AnomalyKind])] = &[
            (r#"{"task":{"id":123}}"#, "123", &[OddValue]),
            (
                r#"{"task":{"id":123456789012345678901234567890}}"#,
                "123456789012345678901234567890",
                &[OddValue],
            ),
            (r#"{"task":{"id":"t1","id":"t1"}}"#, "t1", &[RepeatedKey]),
            (r#"{"task":{"id":"t1"},"task":{"id":"t1"}}"#, "t1", &[RepeatedKey]),
            (r#"{"task":{"id":" t1 ","x":1e999},"\ud800":"\udfff"}"#, " t1 ", &[]),
        ];
        for (body, id, kinds) in table {
            let receipt = judged(accepted(202, body), &Assumptions::default()).unwrap();
            for entry in &receipt.entries {
                assert_eq!(entry.detail.as_deref().and_then(task_id), Some(*id), "{body}");
            }
            let found: Vec<AnomalyKind> = receipt.anomalies.iter().map(|of| of.kind).collect();
            assert_eq!(found, *kinds, "{body}");
        }
        for (body, why) in [
            ("", "is empty"),
            (r#"[{"task":{"id":"t1"}}]"#, "is not a JSON object but an array"),
            (r#"{"task":{"id":1.5}}"#, "has a number for its task id"),
            (r#"{"task":{"id":1e3}}"#, "has a number for its task id"),
            (r#"{"task":{"id":-1}}"#, "has a number for its task id"),
            (r#"{"task":{"id":true}}"#, "has true or false for its task id"),
            (r#"{"task":{"id":null}}"#, "has null for its task id"),
            (r#"{"task":{"id":["t1"]}}"#, "has an array for its task id"),
            (r#"{"task":{"id":{"id":"t1"}}}"#, "has an object for its task id"),
            (
                r#"{"task":{"id":"\ud800"}}"#,
                "has a task id that contains an invalid character",
            ),
            (
                r#"{"task":{"id":"t1","id":"t2"}}"#,
                "names task id more than once, and not the same",
            ),
            (
                r#"{"task":{"id":"t1"},"task":{"id":"t2"}}"#,
                "names task more than once, and not the same",
            ),
            (
                r#"{"task":{"id":"t1"},"task":null}"#,
                "names task more than once, and not the same",
            ),
            (r#"{"task":"t1"}"#, "has text for its task"),
            (r#"{"task":[{"id":"t1"}]}"#, "has an array for its task"),
            // A typed decoder takes an array for an object.
            (r#"{"task":["t1"]}"#, "has an array for its task"),
            (r#"[["t1"]]"#, "is not a JSON object but an array"),
            (r#"[{"id":"t1"}]"#, "is not a JSON object but an array"),
            (" [[\"error\"]]", "is not a JSON object but an array"),
            (r#"{"Task":{"Id":"t1"}}"#, "names no task"),
            (r#"{"id":"t1"}"#, "names no task"),
            (r#"{"task":{}}"#, "names no task id"),
        ] {
            let error = judged(accepted(202, body), &Assumptions::default()).unwrap_err();
            assert!(error.to_string().ends_with(why), "{body}: {error}");
            assert_eq!(error.applied(), Applied::Maybe, "{body}");
        }
    }

    #[test]
    fn every_status_and_code_has_its_meaning() {
        use Disposition as D;
        use ErrorKind as K;
        let secs = |n| Some(Duration::from_secs(n));
        let table = [
            (400, Some("400001"), None, K::InvalidRequest, D::Poisoned),
            (400, None, None, K::Refused, D::Stop),
            (400, Some("400002"), None, K::Refused, D::Stop),
            (401, Some("401001"), None, K::Unauthorized, D::Reauthenticate),
            (401, Some("401002"), None, K::Unauthorized, D::Reauthenticate),
            (401, None, None, K::Unauthorized, D::Reauthenticate),
            (403, Some("401001"), None, K::Unauthorized, D::Reauthenticate),
            (402, None, None, K::Refused, D::Stop),
            (403, None, None, K::Refused, D::Stop),
            (404, None, None, K::Refused, D::Stop),
            (405, None, None, K::Refused, D::Stop),
            (413, None, None, K::BatchTooLarge, D::TooLarge),
            (415, None, None, K::Refused, D::Stop),
            (420, None, None, K::Throttled, D::Throttled(None)),
            (420, None, Some("3"), K::Throttled, D::Throttled(secs(3))),
            (423, None, None, K::Refused, D::Stop),
            (429, None, Some("3"), K::Throttled, D::Throttled(secs(3))),
            (302, None, None, K::Refused, D::Stop),
            (303, None, None, K::AmbiguousReply, D::AmbiguousStop),
            (500, None, None, K::ServerError, D::Ambiguous),
            (502, None, None, K::ServerError, D::Ambiguous),
            (503, None, Some("3"), K::Throttled, D::Throttled(secs(3))),
            (503, None, None, K::ServerError, D::Ambiguous),
        ];
        for (status, code, retry_after, kind, disposition) in table {
            let reply = Reply {
                code: code.map(str::to_owned),
                retry_after: retry_after.map(str::to_owned).into_iter().collect(),
                ..Reply::of(status)
            };
            let error = judged(reply, &Assumptions::default()).unwrap_err();
            assert_eq!(
                (error.kind(), error.disposition()),
                (kind, disposition),
                "{status} {code:?} {retry_after:?}"
            );
        }
    }

    #[test]
    fn only_the_services_own_words_say_that_something_is_not_there() {
        for (body, own) in [
            (r#"{"detail":"Not found."}"#, true),
            (" {\n\"detail\": \"Not found.\"}\n", true),
            (r#"{"detail":"Invalid page."}"#, true),
            (r#"{"detail":"No Device matches the given query."}"#, true),
            (r#"{"code":404001,"message":"Not found.","detail":"Not found."}"#, true),
            (r#"{"code":"404001","message":"Not found.","detail":{}}"#, true),
            (r#"{"code":404001,"message":"Not found."}"#, true),
            ("", false),
            ("Not found.", false),
            (r#""Not found.""#, false),
            ("null", false),
            ("{}", false),
            ("[]", false),
            (r#"[null,null,"Not found."]"#, false),
            (r#"[{"detail":"Not found."}]"#, false),
            ("<html><h1>404 Not Found</h1></html>", false),
            // Other frameworks and gateways.
            (r#"{"detail":"Not Found"}"#, false),
            (r#"{"detail":""}"#, false),
            (r#"{"detail":null}"#, false),
            (r#"{"detail":["Not found."]}"#, false),
            (r#"{"detail":"no healthy upstream"}"#, false),
            (r#"{"message":"no Route matched with those values"}"#, false),
            (r#"{"message":"Not Found"}"#, false),
            (r#"{"error":"not found"}"#, false),
            (r#"{"detail":"Not found.","path":"/api"}"#, false),
            (
                r#"{"timestamp":1,"status":404,"error":"Not Found","path":"/api"}"#,
                false,
            ),
            (
                r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"Not found."}"#,
                false,
            ),
            // Another error of the service, and codes that are none of its.
            (r#"{"code":401001,"message":"m","detail":"Not found."}"#, false),
            (r#"{"code":404,"message":"HTTP 404 Not Found"}"#, false),
            (r#"{"code":"404abc","message":"m"}"#, false),
            (r#"{"code":404001,"detail":"Not found."}"#, false),
            // Cut short.
            (r#"{"detail":"Not fou"#, false),
        ] {
            assert_eq!(says_not_found(body), own, "{body}");
        }
    }

    #[test]
    fn a_refused_batch_is_unknown_where_it_is_said_to_be() {
        let assumptions = Assumptions {
            refused_batch: RefusedBatch::Unknown,
            ..Assumptions::default()
        };
        let reply = Reply {
            code: Some("400001".to_owned()),
            ..Reply::of(400)
        };
        let error = judged(reply, &assumptions).unwrap_err();
        assert_eq!(error.disposition(), Disposition::AmbiguousStop);
    }
}
