//! A fault script, read and checked.

use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::actions::{ACTIONS, DELETIONS_ONLY};
use super::matching::OneOrMany;
use super::model::{self, EditStep, Endpoint, Failed, Goaway, ResetAt, RetryAfter, When};
use crate::connection::End;
use crate::error::{Error, ErrorKind};
use crate::reply::Body;

/// What is to go wrong, when: a list of rules, the first that matches a request wins.
///
/// Written in JSON. `FAULTS.md` in this crate is the whole grammar with examples to copy.
///
/// ```
/// use fleetpurge_simulator::FaultScript;
///
/// let script: FaultScript = r#"{
///     "rules": [
///         {"when": {"request": 2}, "then": {"reply": {"status": 503, "retry_after": 1}}},
///         {"when": {"probability": 0.1}, "times": 5, "then": {"close_after_read": true}}
///     ]
/// }"#.parse()?;
/// assert_eq!(script.rules(), 2);
///
/// let error = FaultScript::from_json(r#"{"rules": [{"then": {"reply": {"stauts": 503}}}]}"#).unwrap_err();
/// assert!(error.to_string().starts_with("rules[0].then.reply.stauts: unknown field `stauts`"), "{error}");
/// # Ok::<(), fleetpurge_simulator::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FaultScript {
    pub(super) seed: u64,
    pub(super) rules: Vec<Rule>,
}

impl FaultScript {
    /// Reads a script.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Script`], naming the rule (counted from 0), the field and what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, Error> {
        Self::read(&mut serde_json::Deserializer::from_str(json)).and_then(|script| {
            match serde_json::from_str::<serde::de::IgnoredAny>(json) {
                Ok(_) => Ok(script),
                Err(error) => Err(wrong(error.to_string())),
            }
        })
    }

    /// Takes a script from a JSON value, such as `serde_json::json!` makes.
    ///
    /// # Errors
    ///
    /// As [`FaultScript::from_json`].
    pub fn from_value(value: Value) -> Result<Self, Error> {
        Self::read(value)
    }

    /// The number of rules.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.rules.len()
    }

    fn read<'de>(source: impl serde::Deserializer<'de, Error = serde_json::Error>) -> Result<Self, Error> {
        let script: model::Script = serde_path_to_error::deserialize(source).map_err(|error| {
            let path = error.path().to_string();
            let message = error.inner().to_string();
            wrong(if path == "." {
                message.clone()
            } else {
                format!("{path}: {message}")
            })
            .with_source(error.into_inner())
        })?;
        let rules = script
            .rules
            .into_iter()
            .enumerate()
            .map(|(index, rule)| {
                Rule::check(rule).map_err(|(field, why)| wrong(format!("rules[{index}].{field}: {why}")))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            seed: script.seed,
            rules,
        })
    }
}

impl FromStr for FaultScript {
    type Err = Error;

    fn from_str(json: &str) -> Result<Self, Error> {
        Self::from_json(json)
    }
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Script, message)
}

/// A field, and what is wrong with it.
type Wrong = (String, String);

fn at(field: &str, why: impl Into<String>) -> Wrong {
    (field.to_owned(), why.into())
}

/// When in the life of a request a rule is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Upon the head, the body unread.
    Head,
    /// Once the body is read.
    Body,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) when: When,
    pub(super) times: Option<u64>,
    pub(super) stage: Stage,
    pub(super) plan: Plan,
}

/// What a matching rule does.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) delay_reply: Duration,
    pub(crate) applied: Option<bool>,
    pub(crate) cut_body_after: Option<u64>,
    pub(crate) close_idle: bool,
    pub(crate) action: Action,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Nothing but what goes with any action.
    Faithful,
    Reply(Box<CannedReply>),
    Edit(Vec<EditStep>),
    Failed(Failed),
    Poison(OneOrMany),
    BatchLimit(usize),
    Unauthorized,
    RefuseEverything,
    Hang,
    End(End),
    RefusedStream,
    Goaway(Goaway),
}

#[derive(Debug, Clone)]
pub(crate) struct CannedReply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Usual headers that are left out.
    pub(crate) without: Vec<HeaderName>,
    pub(crate) retry_after: Option<RetryAfter>,
    /// Instead of `body`: each service writes its errors in its own way.
    pub(crate) error_code: Option<String>,
    pub(crate) body: Body,
}

impl Rule {
    fn check(rule: model::Rule) -> Result<Self, Wrong> {
        let model::Rule { when, times, then, .. } = rule;
        if when
            .probability
            .is_some_and(|probability| !(0.0..=1.0).contains(&probability))
        {
            return Err(at("when.probability", "a probability lies between 0 and 1"));
        }
        let deletion = when.endpoint == Endpoint::Deletions;
        if !deletion && when.needs_body() {
            return Err(at("when", "only deletion requests have devices"));
        }
        let given: Vec<_> = actions(&then)
            .filter_map(|(name, is_given)| is_given.then_some(name))
            .collect();
        let field = match given.as_slice() {
            [] => None,
            [one] => Some(*one),
            [first, second, ..] => {
                return Err(at(
                    "then",
                    format!("`{first}` and `{second}` cannot both be done; write two rules"),
                ));
            }
        };
        if let Some(field) = field.filter(|field| !deletion && DELETIONS_ONLY.contains(field)) {
            return Err(at(
                &format!("then.{field}"),
                "there is nothing like it for requests that delete nothing",
            ));
        }
        let bare = then.delay_ms == 0
            && then.delay_reply_ms == 0
            && then.applied.is_none()
            && then.cut_body_after.is_none()
            && !then.close_idle;
        if field.is_none() && bare {
            return Err(at("then", "nothing to do"));
        }
        let before_read = then.close_before_read || then.reset == Some(ResetAt::BeforeRead);
        if before_read && when.needs_body() {
            return Err(at("when", "devices are not known before the body is read"));
        }
        let below = then
            .h2_goaway
            .is_some_and(|goaway| goaway.last_stream == model::LastStream::Below);
        if (before_read || then.h2_refused_stream || below) && then.applied == Some(true) {
            return Err(at(
                "then.applied",
                "what the client is told was not processed cannot be applied",
            ));
        }
        let refused = then.h2_refused_stream && !when.needs_body();
        let stage = if before_read || refused {
            Stage::Head
        } else {
            Stage::Body
        };
        let plan = Plan {
            delay: Duration::from_millis(then.delay_ms),
            delay_reply: Duration::from_millis(then.delay_reply_ms),
            applied: then.applied,
            cut_body_after: then.cut_body_after,
            close_idle: then.close_idle,
            action: action(then)?,
        };
        Ok(Self {
            when,
            times,
            stage,
            plan,
        })
    }
}

/// Every action there is, and whether this rule has it.
fn actions(then: &model::Then) -> impl Iterator<Item = (&'static str, bool)> {
    let given = [
        then.reply.is_some(),
        then.edit.is_some(),
        then.failed.is_some(),
        then.poison.is_some(),
        then.batch_limit.is_some(),
        then.unauthorized,
        then.refuse_everything,
        then.hang,
        then.close_before_read,
        then.close_after_read,
        then.reset.is_some(),
        then.h2_refused_stream,
        then.h2_goaway.is_some(),
    ];
    ACTIONS.into_iter().zip(given)
}

fn action(then: model::Then) -> Result<Action, Wrong> {
    Ok(if let Some(reply) = then.reply {
        Action::Reply(Box::new(canned(reply)?))
    } else if let Some(steps) = then.edit {
        Action::Edit(steps)
    } else if let Some(failed) = then.failed {
        Action::Failed(failed)
    } else if let Some(devices) = then.poison {
        Action::Poison(devices)
    } else if let Some(limit) = then.batch_limit {
        Action::BatchLimit(limit)
    } else if then.unauthorized {
        Action::Unauthorized
    } else if then.refuse_everything {
        Action::RefuseEverything
    } else if then.hang {
        Action::Hang
    } else if then.close_before_read || then.close_after_read {
        Action::End(End::Close)
    } else if then.reset.is_some() {
        Action::End(End::Reset)
    } else if then.h2_refused_stream {
        Action::RefusedStream
    } else if let Some(goaway) = then.h2_goaway {
        if goaway.answer && goaway.last_stream == model::LastStream::Below {
            return Err(at(
                "then.h2_goaway.answer",
                "a stream above the last one is never answered",
            ));
        }
        Action::Goaway(goaway)
    } else {
        Action::Faithful
    })
}

fn canned(reply: model::Reply) -> Result<CannedReply, Wrong> {
    let model::Reply {
        status,
        headers: written,
        retry_after,
        error_code,
        text,
        html,
        json,
        base64,
        repeat,
    } = reply;
    let status = StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .ok_or_else(|| at("then.reply.status", "a status lies between 200 and 999"))?;
    let mut bodies = Vec::new();
    let error_code = error_code.map(|code| code.0);
    if error_code.is_some() {
        bodies.push(("application/json", Body::Full(Bytes::new())));
    }
    if let Some(text) = text {
        bodies.push(("text/plain; charset=utf-8", Body::Full(text.into())));
    }
    if let Some(html) = html {
        bodies.push(("text/html; charset=utf-8", Body::Full(html.into())));
    }
    if let Some(json) = json {
        bodies.push(("application/json", Body::Full(json.to_string().into())));
    }
    if let Some(encoded) = base64 {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&encoded)
            .map_err(|error| at("then.reply.base64", error.to_string()))?;
        bodies.push(("application/octet-stream", Body::Full(bytes.into())));
    }
    if let Some(repeat) = repeat {
        let body = Body::repeat(&repeat.prefix, &repeat.text, repeat.times, &repeat.suffix)
            .ok_or_else(|| at("then.reply.repeat", "more bytes than can be counted"))?;
        bodies.push(("application/json", body));
    }
    if bodies.len() > 1 {
        return Err(at(
            "then.reply",
            "one body only: `error_code`, `text`, `html`, `json`, `base64` or `repeat`",
        ));
    }
    let mut headers = HeaderMap::new();
    let body = match bodies.pop() {
        None => Body::Full(Bytes::new()),
        Some((content_type, body)) => {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            body
        }
    };
    let mut without = Vec::new();
    for (name, values) in written {
        let wrong = |why: String| (format!("then.reply.headers.{name}"), why);
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        headers.remove(&key);
        if values.0.is_empty() {
            without.push(key);
            continue;
        }
        for value in &values.0 {
            headers.append(
                &key,
                HeaderValue::from_str(value).map_err(|error| wrong(error.to_string()))?,
            );
        }
    }
    if let Some(RetryAfter::Verbatim(text)) = &retry_after {
        HeaderValue::from_str(text).map_err(|error| at("then.reply.retry_after", error.to_string()))?;
    }
    Ok(CannedReply {
        status,
        headers,
        without,
        retry_after,
        error_code,
        body,
    })
}
