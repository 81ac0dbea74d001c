//! Reads JSON field by field, so that one invalid value affects no other. Pure.
//!
//! A typed decoder rejects a whole reply because of one number in place of a string, and a common untyped one silently
//! drops the first of two equal keys. Here nothing is dropped, and nothing is decoded before it is requested.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A JSON value as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number, however long.
    Number,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "text",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// The fields of an object, in their order; a repeated key stands as often as it came.
#[derive(Clone, Debug)]
pub struct Object<'a>(Vec<(String, Raw<'a>)>);

/// What an object has under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Nothing.
    Absent,
    /// One value.
    Once(Raw<'a>),
    /// The same value more than once.
    Alike(Raw<'a>),
    /// Values that differ, so that readers may differ about which holds.
    Contradictory(Vec<Raw<'a>>),
}

impl<'a> Field<'a> {
    /// The one value; None for none, and for several that differ.
    #[must_use]
    pub fn value(&self) -> Option<Raw<'a>> {
        match self {
            Self::Once(value) | Self::Alike(value) => Some(*value),
            Self::Absent | Self::Contradictory(_) => None,
        }
    }
}

impl<'a> From<&'a RawValue> for Raw<'a> {
    fn from(value: &'a RawValue) -> Self {
        Self(value.get())
    }
}

impl<'a> Raw<'a> {
    /// The one JSON value that a text is, with white space around it and nothing else.
    ///
    /// # Errors
    ///
    /// The text is not JSON; where and why.
    pub fn of(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(text).map(Self::from)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The text of a string that can be read whole: none of it was replaced for want of a character.
    #[must_use]
    pub fn text(self) -> Option<String> {
        self.lossy_text()
            .filter(|text| !text.contains(char::REPLACEMENT_CHARACTER))
    }

    /// The text of a string, with U+FFFD for each escape that is not a character.
    #[must_use]
    pub fn lossy_text(self) -> Option<String> {
        (self.kind() == Kind::Text)
            .then(|| serde_json::from_str::<Lossy>(self.0).ok())
            .flatten()
            .map(|text| text.0)
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements(self) -> Option<Vec<Raw<'a>>> {
        if self.kind() != Kind::Array {
            return None;
        }
        let elements: Vec<&RawValue> = serde_json::from_str(self.0).ok()?;
        Some(elements.into_iter().map(Raw::from).collect())
    }

    /// The fields of an object.
    #[must_use]
    pub fn object(self) -> Option<Object<'a>> {
        if self.kind() != Kind::Object {
            return None;
        }
        serde_json::from_str(self.0).ok()
    }

    fn is_like(self, other: Self) -> bool {
        self.0 == other.0 || (self.kind() == Kind::Text && self.text().is_some_and(|text| other.text() == Some(text)))
    }
}

impl<'a> Object<'a> {
    /// The object that a body is.
    ///
    /// # Errors
    ///
    /// It is none, in words that follow "a reply that".
    pub fn of(text: &'a str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("is empty".to_owned());
        }
        let raw = Raw::of(text).map_err(|error| format!("is not JSON ({error})"))?;
        raw.object()
            .ok_or_else(|| format!("is not a JSON object but {}", raw.kind()))
    }

    /// Every value that it has under a key, in their order.
    pub fn each(&self, key: &str) -> impl Iterator<Item = Raw<'a>> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| *value)
    }

    /// What it has under a key, character for character.
    #[must_use]
    pub fn field(&self, key: &str) -> Field<'a> {
        let mut values = self.each(key);
        let Some(first) = values.next() else {
            return Field::Absent;
        };
        let rest: Vec<Raw<'a>> = values.collect();
        if rest.is_empty() {
            Field::Once(first)
        } else if rest.iter().all(|value| value.is_like(first)) {
            Field::Alike(first)
        } else {
            Field::Contradictory(std::iter::once(first).chain(rest).collect())
        }
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
                let mut fields = Vec::new();
                while let Some((key, value)) = map.next_entry::<Lossy, &'de RawValue>()? {
                    fields.push((key.0, Raw::from(value)));
                }
                Ok(Object(fields))
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

/// A string whatever its bytes are: a lone surrogate, or what is not UTF-8, does not make it none.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Lossy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Lossy, E> {
                Ok(Lossy(text.to_owned()))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_what_stands_under_its_key_as_often_as_it_stands_there() {
        let text = r#" {"a":1,"b":"x","b":"\u0078","c":1,"c":1.0,"\ud800":2,"d":"\udfff!","e":[1e999,{"f":[]}]} "#;
        let object = Object::of(text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(object.field("a"), Field::Once(Raw("1")));
        assert_eq!(object.field("b"), Field::Alike(Raw("\"x\"")));
        assert_eq!(object.field("c"), Field::Contradictory(vec![Raw("1"), Raw("1.0")]));
        assert_eq!(object.field("A"), Field::Absent);
        let lone = object.field("d").value();
        assert_eq!(lone.and_then(Raw::text), None, "half a character is no text");
        assert!(lone.and_then(Raw::lossy_text).is_some_and(|text| text.ends_with('!')));
        let elements = object.field("e").value().and_then(Raw::elements);
        assert_eq!(elements, Some(vec![Raw("1e999"), Raw("{\"f\":[]}")]));
    }

    #[test]
    fn what_is_no_object_says_why() {
        for (text, why) in [
            ("", "is empty"),
            (" \n", "is empty"),
            ("[{}]", "is not a JSON object but an array"),
            ("null", "is not a JSON object but null"),
            ("\"x\"", "is not a JSON object but text"),
            ("-1.5", "is not a JSON object but a number"),
        ] {
            assert_eq!(Object::of(text).err().as_deref(), Some(why), "{text:?}");
        }
        for text in [
            "{}{}",
            "{},",
            "{\"a\":1,}",
            "{\"a\":NaN}",
            "{'a':1}",
            "<html>",
            "{\"a\":",
            "{\"a\":[1,]}",
        ] {
            let why = Object::of(text).err().unwrap_or_default();
            assert!(why.starts_with("is not JSON ("), "{text}: {why}");
        }
    }

    #[test]
    fn depth_is_no_matter() {
        let text = format!("{{\"a\":{}{},\"b\":2}}", "[".repeat(100_000), "]".repeat(100_000));
        let object = Object::of(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(object.field("b"), Field::Once(Raw("2")));
    }
}
