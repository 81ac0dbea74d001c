//! The fault script as it is written. `script` checks it and turns it into what is executed.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::matching::{ErrorCode, Numbers, OneOrMany, Selector};

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// Feeds `probability` and `shuffle`: the same seed, the same luck.
    #[serde(default)]
    pub(super) seed: u64,
    /// Tried from the first to the last; the first that matches a request wins.
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(transform = super::constraints::rule))]
pub(super) struct Rule {
    /// For the reader of the script.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    /// Which requests; without a condition, every deletion request.
    #[serde(default)]
    pub(super) when: When,
    /// How often the rule fires at most.
    pub(super) times: Option<u64>,
    /// What happens.
    pub(super) then: Then,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endpoint {
    #[default]
    Deletions,
    Token,
    Reads,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct When {
    /// Each counts its requests from 1; `reads` are those of a Ubidots account.
    pub(crate) endpoint: Endpoint,
    /// The request's number.
    pub(crate) request: Option<Numbers>,
    /// Every so many: 7 takes the numbers 7, 14, 21.
    pub(crate) every: Option<NonZeroU64>,
    /// Any device of the request has one of these, character for character.
    pub(crate) device_uid: Option<OneOrMany>,
    /// Any device of the request has one of these, character for character.
    pub(crate) device_name: Option<OneOrMany>,
    /// From 0 to 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 0.0, max = 1.0)))]
    pub(crate) probability: Option<f64>,
    /// The request has so many devices or more.
    pub(crate) min_devices: Option<usize>,
    /// The request has so many devices or fewer.
    pub(crate) max_devices: Option<usize>,
}

impl When {
    /// Decidable only once the body is read.
    pub(crate) fn needs_body(&self) -> bool {
        self.device_uid.is_some()
            || self.device_name.is_some()
            || self.min_devices.is_some()
            || self.max_devices.is_some()
    }
}

#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", schemars(transform = super::constraints::one_action))]
pub(super) struct Then {
    // What goes with any action, or stands alone.
    /// Wait before the request is handled.
    pub(super) delay_ms: u64,
    /// Wait after it is handled, before the reply.
    pub(super) delay_reply_ms: u64,
    /// Whether the service acts.
    pub(super) applied: Option<bool>,
    /// So many bytes of the reply's body are sent, then the connection is closed.
    pub(super) cut_body_after: Option<u64>,
    /// The connection is closed right after the reply, without saying so in it.
    pub(super) close_idle: bool,
    // One of these at most.
    /// This reply instead of the faithful one.
    pub(super) reply: Option<Reply>,
    /// The faithful 202, falsified: steps taken one after the other.
    pub(super) edit: Option<Vec<EditStep>>,
    /// These devices get `FAILED`.
    pub(super) failed: Option<Failed>,
    /// 400 `INVALID_REQUEST` as long as one of these, a uid or a name, is in the batch.
    pub(super) poison: Option<OneOrMany>,
    /// This limit instead of the service's.
    pub(super) batch_limit: Option<usize>,
    /// 401 without a body; for a token, `invalid_client`.
    pub(super) unauthorized: bool,
    /// 400 `INVALID_REQUEST` for what would have been accepted.
    pub(super) refuse_everything: bool,
    /// The body is read, no reply ever comes.
    pub(super) hang: bool,
    /// The connection is closed upon the head.
    pub(super) close_before_read: bool,
    /// The connection is closed once the body is read.
    pub(super) close_after_read: bool,
    /// The same with RST instead of FIN.
    pub(super) reset: Option<ResetAt>,
    /// `RST_STREAM` with `REFUSED_STREAM`.
    pub(super) h2_refused_stream: bool,
    /// A GOAWAY once the body is read.
    pub(super) h2_goaway: Option<Goaway>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum ResetAt {
    BeforeRead,
    AfterRead,
}

#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    /// Which devices.
    pub(crate) devices: Selector,
    /// The first so many times that they are received; for ever when not given.
    #[serde(default = "forever")]
    pub(crate) rounds: u64,
}

fn forever() -> u64 {
    u64::MAX
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum LastStream {
    Below,
    Above,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(transform = super::constraints::goaway))]
pub(crate) struct Goaway {
    /// `below`: the stream before ours, which was not processed. `above`: ours.
    pub(crate) last_stream: LastStream,
    /// The HTTP/2 error code.
    #[serde(default)]
    pub(crate) error_code: u32,
    /// Whether the reply follows; only with `above`.
    #[serde(default)]
    pub(crate) answer: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", schemars(transform = super::constraints::one_body))]
pub(super) struct Reply {
    /// From 200 to 999.
    #[cfg_attr(feature = "schema", schemars(range(min = 200, max = 999)))]
    pub(super) status: u16,
    /// They replace the usual ones; an empty list leaves the usual one out.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(transform = super::constraints::header_names))]
    pub(super) headers: BTreeMap<String, OneOrMany>,
    /// The header `Retry-After`.
    pub(super) retry_after: Option<RetryAfter>,
    // One of these at most.
    /// `{"code": ..., "message": ...}`, as the service writes errors; for Ubidots a number.
    pub(super) error_code: Option<ErrorCode>,
    /// A body of plain text.
    pub(super) text: Option<String>,
    /// A body of HTML.
    pub(super) html: Option<String>,
    // Told from a missing field: `null` is a JSON body too.
    /// Any JSON value, `null` too.
    #[serde(default, deserialize_with = "given")]
    pub(super) json: Option<Value>,
    /// Any bytes.
    pub(super) base64: Option<String>,
    /// A body that is made as it is sent.
    pub(super) repeat: Option<Repeat>,
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "seconds, {\"date_in_seconds\": n}, or the header as a string"
)]
pub(crate) enum RetryAfter {
    Seconds(u64),
    Date { date_in_seconds: i64 },
    Verbatim(String),
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Repeat {
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) text: String,
    pub(super) times: u64,
    #[serde(default)]
    pub(super) suffix: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    Reverse,
    Shuffle,
}

/// One change to an otherwise faithful 202.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum EditStep {
    SetStatus {
        of: Selector,
        status: Value,
    },
    RemoveStatus {
        of: Selector,
    },
    Set {
        of: Selector,
        fields: Map<String, Value>,
    },
    Unset {
        of: Selector,
        fields: OneOrMany,
    },
    Rename {
        of: Selector,
        uid: Option<String>,
        name: Option<String>,
    },
    UpperCaseUid {
        of: Selector,
    },
    Omit {
        of: Selector,
    },
    Duplicate {
        of: Selector,
        #[serde(default, deserialize_with = "given")]
        status: Option<Value>,
    },
    Add(Value),
    Reorder(Order),
    ScheduledCount(Value),
    OverallStatus(Value),
    SetReply(Map<String, Value>),
    UnsetReply(OneOrMany),
}
