//! The two documented replies, read anew from their bytes: a word that nobody has heard of is not lost.

use fleetpurge_http::json::{Object, Raw};
use fleetpurge_http::message::{quoted, shown};

use crate::error::{Error, ErrorKind};

/// How many characters of the service's own words are shown.
const SHOWN: usize = 200;

/// How an export is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was taken, or is being worked on.
    Running,
    /// Its file is at this URL.
    Completed { url: String },
}

/// The id of the export that was begun.
pub(crate) fn export_id(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let id = Object::of(text).ok()?.field("exportId").value().and_then(Raw::text)?;
    // Part of a path: nothing that would lead to another.
    let is_id = !id.is_empty()
        && id.len() <= 256
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && id.bytes().any(|byte| byte != b'.');
    is_id.then_some(id)
}

/// How the export is, as the service says it.
pub(crate) fn state(body: &[u8]) -> Result<State, Error> {
    let not_understood = |why: String| Error::new(ErrorKind::NotUnderstood, why);
    let text =
        std::str::from_utf8(body).map_err(|_| not_understood("the status of the export is not text".to_owned()))?;
    let object =
        Object::of(text).map_err(|_| not_understood("the status of the export is no JSON object".to_owned()))?;
    let field = |name: &str| object.field(name).value().and_then(Raw::text);
    let word = field("status").ok_or_else(|| not_understood("the reply does not say how the export is".to_owned()))?;
    match word.as_str() {
        "SUBMITTED" | "IN_PROGRESS" => Ok(State::Running),
        "COMPLETED" => field("resultsFileUrl")
            .filter(|url| !url.is_empty())
            .map(|url| State::Completed { url })
            .ok_or_else(|| {
                not_understood("the export is completed, and the reply does not say where its file is".to_owned())
            }),
        "ERROR" => {
            let why = field("errorDescription").map(|why| shown(why.trim(), SHOWN));
            let why = why.filter(|why| !why.is_empty());
            Err(Error::new(
                ErrorKind::Failed,
                match why {
                    Some(why) => format!("the export failed; the service says \"{why}\""),
                    None => "the export failed, and the service does not say why".to_owned(),
                },
            ))
        }
        word => Err(not_understood(format!(
            "the export has a status that the API does not document: {}",
            quoted(word)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_part_of_a_path() {
        for (body, expected) in [
            (r#"{"exportId":"3f0c-1"}"#, Some("3f0c-1")),
            (r#"{"exportId":"a","more":1}"#, Some("a")),
            (r#"{"exportId":""}"#, None),
            (r#"{"exportId":".."}"#, None),
            (r#"{"exportId":"a/b"}"#, None),
            (r#"{"exportId":"a?b"}"#, None),
            (r#"{"exportId":7}"#, None),
            (r#"{"exportId":"a","exportId":"b"}"#, None),
            ("{}", None),
            ("[]", None),
            ("", None),
        ] {
            assert_eq!(export_id(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn each_status_word_means_one_thing_and_others_are_named() {
        let running = Ok(State::Running);
        let completed = Ok(State::Completed {
            url: "https://x".to_owned(),
        });
        let table = [
            (r#"{"status":"SUBMITTED"}"#, running.clone()),
            (r#"{"status":"IN_PROGRESS","resultsFileUrl":null}"#, running),
            (r#"{"status":"COMPLETED","resultsFileUrl":"https://x"}"#, completed),
            (
                r#"{"status":"COMPLETED"}"#,
                Err((ErrorKind::NotUnderstood, "where its file is")),
            ),
            (
                r#"{"status":"COMPLETED","resultsFileUrl":null}"#,
                Err((ErrorKind::NotUnderstood, "where its file is")),
            ),
            (
                r#"{"status":"ERROR","errorDescription":"too\u001b big"}"#,
                Err((ErrorKind::Failed, "says \"too\\u{1b} big\"")),
            ),
            (r#"{"status":"ERROR"}"#, Err((ErrorKind::Failed, "does not say why"))),
            (r#"{"status":"PAUSED"}"#, Err((ErrorKind::NotUnderstood, "\"PAUSED\""))),
            (
                r#"{"status":"completed","resultsFileUrl":"x"}"#,
                Err((ErrorKind::NotUnderstood, "\"completed\"")),
            ),
            (r#"{"status":1}"#, Err((ErrorKind::NotUnderstood, "does not say how"))),
            ("{}", Err((ErrorKind::NotUnderstood, "does not say how"))),
            ("<html>", Err((ErrorKind::NotUnderstood, "no JSON object"))),
        ];
        for (body, expected) in table {
            match (state(body.as_bytes()), expected) {
                (Ok(state), Ok(expected)) => assert_eq!(state, expected, "{body}"),
                (Err(error), Err((kind, part))) => {
                    assert_eq!(error.kind(), kind, "{body}");
                    assert!(error.to_string().contains(part), "{body}: {error}");
                }
                (found, expected) => panic!("{body}: {found:?} and not {expected:?}"),
            }
        }
    }
}
