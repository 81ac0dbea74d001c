//! Device ids, labels and keys: what cannot be asked for cannot be made.
//!
//! Source of the three forms of a key: the page "Bulk delete device" of Ubidots' documentation. Source of the shape of
//! an id: `is_valid_object_id` of Ubidots' own command, `ubidots-cli` 2.1.2.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use fleetpurge_http::error::Error;
use fleetpurge_http::text_conversions;

/// A device's id: 24 hexadecimal digits. Kept as it was given; two ids that differ only in case are equal.
///
/// ```
/// use ubidots_devices::DeviceId;
///
/// # fn main() -> Result<(), ubidots_devices::Error> {
/// let id: DeviceId = "6e309da44fc8455a9cceb5aa".parse()?;
/// assert_eq!(id, DeviceId::try_from("6E309DA44FC8455A9CCEB5AA")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct DeviceId(String);

impl DeviceId {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for anything but 24 hexadecimal digits.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id = id.into();
        if id.len() == 24 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(id))
        } else {
            Err(Error::invalid_input(format!(
                "{id:?} is not a device id: a device id is 24 hexadecimal digits"
            )))
        }
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The twelve bytes it stands for.
    #[must_use]
    pub fn bytes(&self) -> [u8; 12] {
        let digit = |at: usize| {
            let byte = self.0.as_bytes().get(at).copied().unwrap_or_default();
            char::from(byte).to_digit(16).unwrap_or_default().to_le_bytes()[0]
        };
        std::array::from_fn(|at| (digit(2 * at) << 4) | digit(2 * at + 1))
    }
}

impl PartialEq for DeviceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for DeviceId {}

impl PartialOrd for DeviceId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DeviceId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(&other.bytes())
    }
}

impl Hash for DeviceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().hash(state);
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DeviceId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

/// A device's label, without the `~` that a key puts before it. Labels are equal if their characters are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(with = "String"))]
pub struct Label(String);

impl Label {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an empty label, and for one with a space, a
    /// control character, or one of `~/?#%\`: no label has them, and some would make another path of a URL.
    pub fn new(label: impl Into<String>) -> Result<Self, Error> {
        let label = label.into();
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || "~/?#%\\".contains(c);
        if label.is_empty() {
            Err(Error::invalid_input("a label is empty"))
        } else if label.contains(is_odd) {
            Err(Error::invalid_input(format!(
                "{label:?} is not a label: a label has no space, no control character and none of ~/?#%\\"
            )))
        } else {
            Ok(Self(label))
        }
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(label: &str) -> Result<Self, Error> {
        Self::new(label)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_conversions!(DeviceId, Label);

/// What names a device in a request, in one of the three documented forms. `Display` and `parse` use the form that it
/// has in a request: `6e309da44fc8455a9cceb5aa`, `~second-device`, `{"id":"6e309da44fc8455a9cceb5aa"}`.
///
/// A label without its `~`, an empty key, `_` and `..` cannot be made: the first would be taken for an id, the others
/// stand for other things than a device.
///
/// ```
/// use ubidots_devices::DeviceKey;
///
/// assert!("~second-device".parse::<DeviceKey>().is_ok());
/// for key in ["second-device", "", "~", "_", ".."] {
///     assert!(key.parse::<DeviceKey>().is_err());
/// }
/// ```
///
/// Two keys are equal if they name the same device, whichever way its id is written. A label and an id never are:
/// which device has a label is not known here.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(untagged))]
pub enum DeviceKey {
    /// A device's id.
    Id(DeviceId),
    /// A device's label: whichever device has it when the service acts.
    Label(Label),
    /// A device's id, written as an object.
    IdObject(DeviceId),
}

impl DeviceKey {
    /// The id, unless it is a label.
    #[must_use]
    pub fn id(&self) -> Option<&DeviceId> {
        match self {
            Self::Id(id) | Self::IdObject(id) => Some(id),
            Self::Label(_) => None,
        }
    }

    /// How many bytes it takes in the body of a request.
    pub(crate) fn encoded_len(&self) -> usize {
        match self {
            Self::Id(id) => id.as_str().len() + 2,
            Self::IdObject(id) => id.as_str().len() + r#"{"id":""}"#.len(),
            // A quote is escaped; control characters are not in a label.
            Self::Label(label) => label.as_str().len() + label.as_str().matches('"').count() + 3,
        }
    }
}

impl PartialEq for DeviceKey {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Label(one), Self::Label(other)) => one == other,
            (Self::Id(one) | Self::IdObject(one), Self::Id(other) | Self::IdObject(other)) => one == other,
            (Self::Label(_), _) | (_, Self::Label(_)) => false,
        }
    }
}

impl Eq for DeviceKey {}

impl Hash for DeviceKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Label(label) => label.hash(state),
            Self::Id(id) | Self::IdObject(id) => id.hash(state),
        }
    }
}

impl TryFrom<&str> for DeviceKey {
    type Error = Error;

    fn try_from(key: &str) -> Result<Self, Error> {
        key.parse()
    }
}

impl TryFrom<String> for DeviceKey {
    type Error = Error;

    fn try_from(key: String) -> Result<Self, Error> {
        key.parse()
    }
}

impl From<DeviceId> for DeviceKey {
    fn from(id: DeviceId) -> Self {
        Self::Id(id)
    }
}

impl From<Label> for DeviceKey {
    fn from(label: Label) -> Self {
        Self::Label(label)
    }
}

impl fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Label(label) => write!(f, "~{label}"),
            Self::IdObject(id) => write!(f, r#"{{"id":"{id}"}}"#),
        }
    }
}

impl FromStr for DeviceKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(label) = text.strip_prefix('~') {
            return Label::new(label).map(Self::Label);
        }
        if text.starts_with('{') {
            return match serde_json::from_str::<IdObject>(text) {
                Ok(IdObject { id }) => DeviceId::new(id).map(Self::IdObject),
                Err(error) => Err(Error::invalid_input(format!(
                    "{text:?} is not a device key: an object has an \"id\" and nothing else"
                ))
                .with_source(error)),
            };
        }
        DeviceId::new(text).map(Self::Id).map_err(|_| {
            Error::invalid_input(format!(
                "{text:?} is not a device key: an id is 24 hexadecimal digits, and a label has ~ before it"
            ))
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdObject<T = String> {
    id: T,
}

impl Serialize for DeviceKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::IdObject(id) => IdObject { id: id.as_str() }.serialize(serializer),
            key => serializer.collect_str(key),
        }
    }
}

impl<'de> Deserialize<'de> for DeviceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Object(IdObject),
        }
        match Form::deserialize(deserializer)? {
            Form::Text(text) if text.starts_with('{') => Err(Error::invalid_input("an object stands in a string")),
            Form::Text(text) => text.parse(),
            Form::Object(IdObject { id }) => DeviceId::new(id).map(Self::IdObject),
        }
        .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "6e309da44fc8455a9cceb5aA";

    #[test]
    fn a_key_has_one_of_three_forms_and_nothing_else_is_one() {
        let object = format!(r#"{{"id":"{ID}"}}"#);
        for text in [ID, "~second-device", "~a.b_c:d", &object] {
            let key: DeviceKey = text.parse().unwrap();
            assert_eq!(key.to_string(), text);
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(json.len(), key.encoded_len(), "{json}");
            assert_eq!(serde_json::from_str::<DeviceKey>(&json).unwrap(), key);
        }
        for text in [
            "second-device",
            "",
            "~",
            "~~a",
            "~a/b",
            "~a b",
            "~\n",
            "_",
            ".",
            "..",
            "*",
            "null",
            "6e309da44fc8455a9cceb5a",
            "6e309da44fc8455a9cceb5aaa",
            "6e309da44fc8455a9cceb5ag",
            " 6e309da44fc8455a9cceb5aa",
            "{}",
            r#"{"id":""}"#,
            r#"{"id":"~label"}"#,
            r#"{"id":"6e309da44fc8455a9cceb5aa","label":"x"}"#,
            r#"{"label":"x"}"#,
        ] {
            assert!(text.parse::<DeviceKey>().is_err(), "{text:?}");
        }
        for json in [
            "\"\"",
            "\"_\"",
            "[]",
            "null",
            "1",
            "{}",
            r#""{\"id\":\"6e309da44fc8455a9cceb5aa\"}""#,
        ] {
            assert!(serde_json::from_str::<DeviceKey>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_id_is_the_same_in_either_case_and_is_sent_as_it_was_given() {
        let (given, lower) = (DeviceId::new(ID).unwrap(), DeviceId::new(ID.to_lowercase()).unwrap());
        assert_eq!(given, lower);
        assert_eq!(given.bytes(), lower.bytes());
        assert_eq!(given.bytes()[..2], [0x6e, 0x30]);
        assert_eq!(given.as_str(), ID);
        assert_ne!(given, DeviceId::new("6e309da44fc8455a9cceb5ab").unwrap());
    }
}
