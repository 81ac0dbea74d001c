//! What an account is made of.

use serde_json::{Map, Value};

/// When devices were created that do not say: 2020-01-01, in Unix milliseconds.
const CREATED: i64 = 1_577_836_800_000;

/// A device of a Ubidots account.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UbidotsDevice {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Unique in the account; data is sent to it.
    pub label: String,
    /// For people; the label unless set.
    pub name: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// When data was last received, in Unix milliseconds; `None` for a device that never sent any.
    pub last_activity: Option<i64>,
    /// The switch with which a person disables a device. It tells nothing about its activity.
    pub is_active: bool,
    /// When it was created, in Unix milliseconds.
    pub created_at: i64,
    /// What it measures.
    pub variables: Vec<UbidotsVariable>,
    pub(super) raw: Option<String>,
}

impl UbidotsDevice {
    /// A device that is active, has never sent data, and has no variables.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        let label = label.into();
        Self {
            id: id.into(),
            name: label.clone(),
            label,
            tags: Vec::new(),
            last_activity: None,
            is_active: true,
            created_at: CREATED,
            variables: Vec::new(),
            raw: None,
        }
    }

    /// Another name than the label.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// One tag more.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// When data was last received, in Unix milliseconds.
    #[must_use]
    pub fn last_activity(mut self, unix_ms: i64) -> Self {
        self.last_activity = Some(unix_ms);
        self
    }

    /// Disabled by a person.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.is_active = false;
        self
    }

    /// When it was created, in Unix milliseconds; 2020-01-01 unless set.
    #[must_use]
    pub fn created_at(mut self, unix_ms: i64) -> Self {
        self.created_at = unix_ms;
        self
    }

    /// It is served as this JSON, byte for byte and whatever `fields` are asked for. Filters, keys and order go by the
    /// other settings.
    #[must_use]
    pub fn raw(mut self, json: impl Into<String>) -> Self {
        self.raw = Some(json.into());
        self
    }

    /// One variable more.
    #[must_use]
    pub fn variable(mut self, variable: UbidotsVariable) -> Self {
        self.variables.push(variable);
        self
    }
}

/// What a device measures.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UbidotsVariable {
    /// 24 hexadecimal digits.
    pub id: String,
    /// Unique in the device.
    pub label: String,
    /// What was measured, in the order in which it came.
    pub values: Vec<UbidotsValue>,
    pub(super) raw: Option<String>,
}

impl UbidotsVariable {
    /// A variable without values.
    #[must_use]
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            label: label.into(),
            values: Vec::new(),
            raw: None,
        }
    }

    /// It is served as this JSON, byte for byte and whatever `fields` are asked for.
    #[must_use]
    pub fn raw(mut self, json: impl Into<String>) -> Self {
        self.raw = Some(json.into());
        self
    }

    /// These values more.
    #[must_use]
    pub fn values(mut self, values: impl IntoIterator<Item = UbidotsValue>) -> Self {
        self.values.extend(values);
        self
    }

    /// One value more, without context.
    #[must_use]
    pub fn value(mut self, timestamp: i64, value: f64) -> Self {
        self.values.push(UbidotsValue::new(timestamp, value));
        self
    }
}

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UbidotsValue {
    /// When it was measured, in Unix milliseconds.
    pub timestamp: i64,
    /// What was measured.
    pub value: f64,
    /// What was sent with it.
    pub context: Map<String, Value>,
    pub(super) raw: Option<String>,
}

impl UbidotsValue {
    /// A value without context.
    #[must_use]
    pub fn new(timestamp: i64, value: f64) -> Self {
        Self {
            timestamp,
            value,
            context: Map::new(),
            raw: None,
        }
    }

    /// A value that is served as this JSON, byte for byte: with more digits than a double has, a key twice, spaces.
    #[must_use]
    pub fn raw(timestamp: i64, json: impl Into<String>) -> Self {
        Self {
            raw: Some(json.into()),
            ..Self::new(timestamp, 0.0)
        }
    }

    /// One thing more that was sent with it.
    #[must_use]
    pub fn context(mut self, name: impl Into<String>, what: impl Into<Value>) -> Self {
        self.context.insert(name.into(), what.into());
        self
    }
}
