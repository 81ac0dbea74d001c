//! The fault script as it is written. `script` checks it and turns it into what is executed.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::matching::{Numbers, OneOrMany, Selector};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    #[serde(default)]
    pub(super) seed: u64,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// For the reader of the script.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default)]
    pub(super) when: When,
    pub(super) times: Option<u64>,
    pub(super) then: Then,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endpoint {
    #[default]
    Deletions,
    Token,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct When {
    pub(crate) endpoint: Endpoint,
    pub(crate) request: Option<Numbers>,
    pub(crate) every: Option<NonZeroU64>,
    pub(crate) device_uid: Option<OneOrMany>,
    pub(crate) device_name: Option<OneOrMany>,
    pub(crate) probability: Option<f64>,
    pub(crate) min_devices: Option<usize>,
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
#[serde(deny_unknown_fields, default)]
pub(super) struct Then {
    // What goes with any action, or stands alone.
    pub(super) delay_ms: u64,
    pub(super) delay_reply_ms: u64,
    pub(super) applied: Option<bool>,
    pub(super) cut_body_after: Option<u64>,
    pub(super) close_idle: bool,
    // One of these at most.
    pub(super) reply: Option<Reply>,
    pub(super) edit: Option<Vec<EditStep>>,
    pub(super) failed: Option<Failed>,
    pub(super) poison: Option<OneOrMany>,
    pub(super) batch_limit: Option<usize>,
    pub(super) unauthorized: bool,
    pub(super) refuse_everything: bool,
    pub(super) hang: bool,
    pub(super) close_before_read: bool,
    pub(super) close_after_read: bool,
    pub(super) reset: Option<ResetAt>,
    pub(super) h2_refused_stream: bool,
    pub(super) h2_goaway: Option<Goaway>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ResetAt {
    BeforeRead,
    AfterRead,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    pub(crate) devices: Selector,
    /// For ever when not given.
    #[serde(default = "forever")]
    pub(crate) rounds: u64,
}

fn forever() -> u64 {
    u64::MAX
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LastStream {
    Below,
    Above,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goaway {
    pub(crate) last_stream: LastStream,
    #[serde(default)]
    pub(crate) error_code: u32,
    #[serde(default)]
    pub(crate) answer: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, OneOrMany>,
    pub(super) retry_after: Option<RetryAfter>,
    // One of these at most.
    pub(super) error_code: Option<String>,
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    /// Told from a missing field: `null` is a JSON body too.
    #[serde(default, deserialize_with = "given")]
    pub(super) json: Option<Value>,
    pub(super) base64: Option<String>,
    pub(super) repeat: Option<Repeat>,
}

fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    Reverse,
    Shuffle,
}

/// One change to an otherwise faithful 202.
#[derive(Debug, Clone, Deserialize)]
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
