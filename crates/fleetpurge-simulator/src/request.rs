//! A request as it came: its correlation headers, and its body read once.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use uuid::Uuid;

/// `x-request-id` and `x-trace-id` of the reply.
#[derive(Debug)]
pub(crate) struct Correlation {
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    /// The client gave an `x-request-id` that is no UUID, or several.
    pub(crate) malformed: bool,
}

impl Correlation {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all("x-request-id").iter();
        let (first, second) = (given.next(), given.next());
        let usable = first
            .and_then(|value| value.to_str().ok())
            .filter(|text| second.is_none() && is_uuid(text));
        let request_id = usable.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let trace_id = headers
            .get("traceparent")
            .and_then(|value| trace_id(value.to_str().ok()?))
            .map_or_else(|| request_id.clone(), str::to_owned);
        Self {
            request_id,
            trace_id,
            malformed: first.is_some() && usable.is_none(),
        }
    }
}

/// The trace id of a W3C `traceparent`, version 00: `00-<32 hex>-<16 hex>-<2 hex>`, hex in lower case, ids not zero.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, len| text.len() == len && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = |text: &str, len| hex(text, len) && text.bytes().any(|byte| byte != b'0');
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (known && id(trace, 32) && id(parent, 16) && hex(flags, 2)).then_some(trace)
}

/// Canonical: 8-4-4-4-12 hexadecimal digits, in either case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// One device of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) uid: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
}

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
    fn only_the_canonical_form_is_a_uuid() {
        for (text, expected) in [
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", true),
            ("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", true),
            ("6ba7b8109dad11d180b400c04fd430c8", false),
            ("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", false),
            ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", false),
            ("6ba7b81-09dad-11d1-80b4-00c04fd430c8", false),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430cg", false),
            (" 6ba7b810-9dad-11d1-80b4-00c04fd430c8", false),
            ("", false),
        ] {
            assert_eq!(is_uuid(text), expected, "{text}");
        }
    }

    #[test]
    fn a_traceparent_gives_its_trace_id_or_nothing() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        for (text, expected) in [
            (format!("00-{trace}-00f067aa0ba902b7-01"), Some(trace)),
            (format!("cc-{trace}-00f067aa0ba902b7-01-more"), Some(trace)),
            (format!("00-{trace}-00f067aa0ba902b7-01-more"), None),
            (format!("ff-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()), None),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (trace.to_owned(), None),
        ] {
            assert_eq!(trace_id(&text), expected, "{text}");
        }
    }

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
