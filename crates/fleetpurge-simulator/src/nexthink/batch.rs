//! The body of a deletion request, read once.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::request::Entry;

/// The body of a deletion request; `None` when `devices` is missing or null.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch<'a> {
    pub(crate) devices: Option<Vec<Entry<'a>>>,
}

impl<'a> Batch<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }
}

// By hand, because a derived struct would be read from a JSON array too.
impl<'de: 'a, 'a> Deserialize<'de> for Batch<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BatchVisitor;
        impl<'de> Visitor<'de> for BatchVisitor {
            type Value = Batch<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `devices`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut devices = None;
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    if key == "devices" {
                        devices = map.next_value()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Batch { devices })
            }
        }
        deserializer.deserialize_map(BatchVisitor)
    }
}

/// A string that borrows where it can; serde's own `Cow` always copies.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Entry<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with `uid` and `name`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut uid, mut name) = (None, None);
                while let Some(Text(key)) = map.next_key()? {
                    match &*key {
                        "uid" => uid = Some(map.next_value::<Text<'de>>()?.0),
                        "name" => name = Some(map.next_value::<Text<'de>>()?.0),
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                match (uid, name) {
                    (Some(uid), Some(name)) => Ok(Entry { uid, name }),
                    (None, _) => Err(A::Error::missing_field("uid")),
                    (_, None) => Err(A::Error::missing_field("name")),
                }
            }
        }
        deserializer.deserialize_map(EntryVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_an_object_of_objects() {
        let entry = Entry {
            uid: "u".into(),
            name: "n\"\0".into(),
        };
        let parsed = Batch::parse(br#"{"x":[1],"devices":[{"name":"n\"\u0000","extra":{},"uid":"u"}]}"#).unwrap();
        assert_eq!(parsed.devices, Some(vec![entry]));
        assert_eq!(Batch::parse(b"{}").unwrap().devices, None);
        assert_eq!(Batch::parse(br#"{"devices":null}"#).unwrap().devices, None);
        for wrong in [
            "",
            "[]",
            "null",
            "[[]]",
            "{",
            r#"{"devices":{}}"#,
            r#"{"devices":[["u","n"]]}"#,
            r#"{"devices":[null]}"#,
            r#"{"devices":[{"uid":1,"name":"n"}]}"#,
            r#"{"devices":[{"uid":"u"}]}"#,
            r#"{"devices":[]} x"#,
        ] {
            assert!(Batch::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
