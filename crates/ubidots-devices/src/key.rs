//! Device ids, labels and keys: what cannot be asked for cannot be made.
//!
//! Source of the three forms of a key: the page "Bulk delete device" of Ubidots' documentation.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;

pub use crate::device_id::DeviceId;
pub use crate::label::Label;

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
/// Keys are equal if they name the same device by the same means: an id is the same however it is written, as text or as
/// an object, in upper or lower case. An id and a label are never equal, although the label may be that device's.
///
/// ```
/// use ubidots_devices::{DeviceId, DeviceKey, Label};
///
/// # fn main() -> Result<(), ubidots_devices::Error> {
/// let id = DeviceId::new("6e309da44fc8455a9cceb5aa")?;
/// assert_eq!(DeviceKey::from(id.clone()), DeviceKey::IdObject(id));
/// assert_eq!(DeviceKey::from(Label::new("lab-1")?), DeviceKey::try_from("~lab-1")?);
/// assert_ne!(DeviceKey::try_from("~lab-1")?, DeviceKey::try_from("~Lab-1")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
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

    /// What it names, whichever way that is written.
    fn named(&self) -> Named<'_> {
        match self {
            Self::Id(id) | Self::IdObject(id) => Named::Id(id),
            Self::Label(label) => Named::Label(label),
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

/// Ids sort before labels.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Named<'a> {
    Id(&'a DeviceId),
    Label(&'a Label),
}

impl PartialEq for DeviceKey {
    fn eq(&self, other: &Self) -> bool {
        self.named() == other.named()
    }
}

impl Eq for DeviceKey {}

impl Hash for DeviceKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.named().hash(state);
    }
}

impl Ord for DeviceKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.named().cmp(&other.named())
    }
}

impl PartialOrd for DeviceKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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

impl TryFrom<&str> for DeviceKey {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for DeviceKey {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
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
            let read: DeviceKey = serde_json::from_str(&json).unwrap();
            assert_eq!(read.to_string(), text, "the form is kept");
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
    fn keys_are_equal_if_they_name_the_same_device() {
        let key = |text: &str| text.parse::<DeviceKey>().unwrap();
        let object = format!(r#"{{"id":"{ID}"}}"#);
        let same = [key(ID), key(&ID.to_uppercase()), key(&object)];
        let label = key("~6e309da44fc8455a9cceb5aa");
        let all: Vec<&DeviceKey> = same.iter().chain([&label]).collect();
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 2);
        assert!(same.iter().all(|key| key.cmp(&same[0]).is_eq()));
        assert!(same[2] < label, "ids sort before labels");
        assert_ne!(key("~lab-1"), key("~Lab-1"));
    }
}
